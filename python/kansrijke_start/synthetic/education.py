"""Highest education of the parents: drawn once for a couple, so it holds in all years."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from kansrijke_start.synthetic import draws
from kansrijke_start.synthetic.calibration import Float, Int, Margin, divide, fit
from kansrijke_start.synthetic.parameters_loader import Parameters
from kansrijke_start.synthetic.population import Population

UNKNOWN, LOW, MIDDLE, HIGH = 0, 1, 2, 3
NONE = 4  # column of the table: no known other parent
_LEVELS = ("low", "middle", "high")


def pair_tables(parameters: Parameters, vulnerable: tuple[float, float], city_share: float) -> Float:
    """Fit the joint distribution of both parents' education.

    Args:
        parameters: parameters of the scenario.
        vulnerable: share of births in the class of multidimensional vulnerability in the country and in Amsterdam.
        city_share: Amsterdam's share of the births.

    Returns:
        Shares with shape (2 regions: elsewhere and Amsterdam, 2: vulnerable and other, 4 mother, 5 other parent:
        unknown, low, middle, high, not known); each region sums to 1.
    """
    education: dict[str, Any] = parameters["education"]
    mother = _margin(education["mother"], education["absent"]["mother"])
    other = _margin(education["other_parent"], education["absent"]["other_parent"])
    city_none = float(education["unknown_other_parent"]["amsterdam"])
    known_country = sum(education["other_parent"][k]["all"] for k in ("vulnerable", "other"))
    all_country = sum(education["mother"][k]["all"] for k in ("vulnerable", "other"))
    none = np.array(
        [1 - education["other_parent"][k]["all"] / education["mother"][k]["all"] for k in ("vulnerable", "other")]
    )
    factor = float(education["assortativity"])
    alike = np.ones((4, 5))
    alike[np.arange(4), np.arange(4)] = factor

    def seed(size: Float, none_share: Float) -> Float:
        partner = np.concatenate([other * (1 - none_share)[:, None], none_share[:, None]], axis=1)
        return size[:, None, None] * mother[:, :, None] * partner[:, None, :] * alike

    group, own, partner = np.indices((2, 4, 5)).reshape(3, -1)
    lows = (own == LOW).astype(int) + (partner == LOW)
    skilled = np.isin(own, (MIDDLE, HIGH)) | np.isin(partner, (MIDDLE, HIGH))
    target = education["amsterdam"]
    city_size = np.array([vulnerable[1], 1 - vulnerable[1]])
    scaled = none * city_none / (1 - known_country / all_country)
    city = fit(
        seed(city_size, np.minimum(scaled, 0.9)).ravel(),
        [
            Margin("vulnerable", group, city_size),
            Margin("other parent known", (partner == NONE).astype(int), np.array([1 - city_none, city_none])),
            Margin(
                "low education of parents in Amsterdam",
                lows,
                np.array([1 - target["one_low"] - target["both_low"], target["one_low"], target["both_low"]]),
            ),
            Margin(
                "middle or high education in Amsterdam",
                skilled.astype(int),
                np.array([1 - target["any_middle_or_high"], target["any_middle_or_high"]]),
            ),
        ],
    )
    size = np.array([vulnerable[0], 1 - vulnerable[0]])
    country_mother = size[:, None] * mother
    country_partner = size[:, None] * np.concatenate([other * (1 - none)[:, None], none[:, None]], axis=1)
    city_table = city.reshape(2, 4, 5)

    def without_city(country: Float, inside: Float) -> Float:
        return np.maximum((country - city_share * inside) / (1 - city_share), 1e-6)

    rest_mother = without_city(country_mother, city_table.sum(axis=2))
    rest_partner = without_city(country_partner, city_table.sum(axis=1))
    rest_mother /= rest_mother.sum()
    # Both margins have to agree on the number of vulnerable births.
    rest_partner *= (rest_mother.sum(axis=1) / rest_partner.sum(axis=1))[:, None]
    rest = fit(
        seed(rest_mother.sum(axis=1), none).ravel(),
        [
            Margin("education of mothers", group * 4 + own, rest_mother.ravel()),
            Margin("education of other parents", group * 5 + partner, rest_partner.ravel()),
        ],
    )
    return np.stack([rest.reshape(2, 4, 5), city_table])


def _margin(counts: dict[str, dict[str, int]], absent: dict[str, float]) -> Float:
    """Distribution over unknown, low, middle, high for vulnerable and other births, shape (2, 4).

    Parents who are not in the country when the register is made up are part of the unknown; the others share the rest.
    """
    result = np.empty((2, 4))
    for row, name in enumerate(("vulnerable", "other")):
        levels = np.array([counts[name][level] for level in _LEVELS], dtype=np.float64)
        here = counts[name]["all"] * (1 - float(absent[name]))
        result[row] = np.concatenate([[here - levels.sum()], levels]) / here
    return result


def draw_education(
    population: Population,
    parameters: Parameters,
    seed: int,
    *,
    mother: NDArray[np.int32],
    other: NDArray[np.int32],
    latent_class: NDArray[np.integer],
    city: NDArray[np.bool_],
    in_regiobeeld: NDArray[np.bool_],
    n_adults: int,
    tables: Float,
) -> NDArray[np.int8]:
    """Education of every adult: 0 unknown, 1 low, 2 middle, 3 high; int8, shape (n_adults,).

    Args:
        mother, other, latent_class, city, in_regiobeeld: of the units, ordered by mother and year.
        tables: what `pair_tables` gives.
    """
    result = np.zeros(n_adults, dtype=np.int8)
    # One row for each couple; a couple is what it was at its first birth in the population of the Regiobeeld.
    order = np.lexsort((~in_regiobeeld, other, mother))
    couple_first = np.ones(len(order), dtype=bool)
    couple_first[1:] = (mother[order][1:] != mother[order][:-1]) | (other[order][1:] != other[order][:-1])
    couples = np.sort(order[couple_first])
    _, first = np.unique(mother[couples], return_index=True)
    mothers = couples[first]
    shift = parameters["education.shift"]
    persons = population.persons
    born_abroad = persons.birth_country[:n_adults] != population.countries.netherlands
    # Under 23 at the first of January 2016 plus the years to the unit is close enough for a shift.
    young_mother = np.zeros(n_adults, dtype=bool)
    young_mother[population.births.mother[population.births.mother >= 0]] = (
        population.births.mother_age[population.births.mother >= 0] < 23
    )
    score = (
        draws.normal(seed, "education", np.arange(n_adults))
        + shift["born_abroad"] * born_abroad
        + shift["under_23"] * young_mother
    )
    by_class = np.zeros(n_adults)
    class_shift = np.array(shift["latent_class"])[latent_class]
    by_class[other[other >= 0]] = class_shift[other >= 0]
    by_class[mother] = class_shift
    score += by_class
    kind = (latent_class != 0).astype(np.int64)
    region = city.astype(np.int64)
    has_none = (other < 0).astype(np.int64)
    # Mothers: strata region x vulnerable x other parent known x population.
    by_known = np.stack([tables[..., :NONE].sum(axis=3), tables[..., NONE]], axis=2).reshape(-1, 4)
    stratum = ((region * 2 + kind) * 2 + has_none)[mothers] + 8 * (~in_regiobeeld[mothers]).astype(np.int64)
    result[mother[mothers]] = divide(
        stratum,
        np.concatenate([by_known, by_known]),
        score[mother[mothers]],
        draws.uniform_one(seed, "education/mother/offset"),
    )
    # Other parents, given the mother's level.
    with_other = couples[other[couples] >= 0]
    _, first = np.unique(other[with_other], return_index=True)
    with_other = with_other[first]
    given_mother = tables[..., :NONE].reshape(-1, 4)
    level = result[mother[with_other]].astype(np.int64)
    stratum = (region[with_other] * 2 + kind[with_other]) * 4 + level
    stratum += len(given_mother) * (~in_regiobeeld[with_other]).astype(np.int64)
    second: Int = divide(
        stratum,
        np.concatenate([given_mother, given_mother]),
        score[other[with_other]],
        draws.uniform_one(seed, "education/other/offset"),
    )
    free = other[with_other] >= population.n_mothers
    result[other[with_other][free]] = second[free]
    return result
