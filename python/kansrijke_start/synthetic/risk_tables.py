"""The joint distribution of latent class and risk factors, by region group and birth year, from parameters alone.

A cell is region group x latent class x single parent x debt x mental health x low income. Region groups are the
boroughs of Amsterdam and, elsewhere, the GGD regions whose share of vulnerable births is published (and the rest).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kansrijke_start.synthetic.calibration import CalibrationError, Float, Int, Margin, fit
from kansrijke_start.synthetic.parameters_loader import Parameters

YEARS = tuple(range(2016, 2024))
CLASSES = 5
#: Axes of a table after the region group: class, single parent, debt, mental health, low income.
SHAPE = (CLASSES, 2, 2, 2, 2)
#: Parts of low income, in the order of `RiskTables.low_income_parts`.
PARTS = (
    "assistance_below_120",
    "assistance_above_120",
    "below_120_only",
    "tozo_above_120",
    "tozo_below_120",
)


@dataclass(frozen=True)
class RiskTables:
    """Fitted distributions.

    Attributes:
        groups: names of the region groups: borough letters, then GGD region codes and `other`.
        in_amsterdam: bool (groups,).
        weight: births of each group as a share of its region (Amsterdam, elsewhere), shape (groups,).
        joint: by birth year, shape (groups, 5, 2, 2, 2, 2); each group sums to 1. Axes: class, single parent, debt,
            mental health, low income.
        debt_types: by birth year, shape (2, 3): elsewhere and Amsterdam; shares of restructuring, premium arrears and
            problematic debt alone among births with debt.
        low_income_parts: by birth year, shape (groups, 4, 5): given the number of other factors (0..3), distribution
            of low-income births over `PARTS`, before take-up.
        take_up: shape (2,): share of Tozo taken up elsewhere and in Amsterdam.
        amsterdam_share: by birth year, Amsterdam's share of the country's births.
    """

    groups: tuple[str, ...]
    in_amsterdam: NDArray[np.bool_]
    weight: Float
    joint: dict[int, Float]
    debt_types: dict[int, Float]
    low_income_parts: dict[int, Float]
    take_up: Float
    amsterdam_share: dict[int, float]


def build(parameters: Parameters) -> RiskTables:
    """Fit the distributions of all birth years.

    Raises:
        CalibrationError: margins that contradict each other.
    """
    risk = parameters["risk_factors"]
    risk["births"]["amsterdam"] = parameters["regions.amsterdam.regiobeeld_births"]
    classes = parameters["classes"]
    boroughs = tuple(risk["boroughs"]["codes"])
    ggd = tuple(classes["ggd_region_births"])
    groups = (*boroughs, *ggd, "other")
    in_amsterdam = np.arange(len(groups)) < len(boroughs)
    weight = _weights(risk, classes, boroughs)
    counts = _count_distributions(risk)
    seed = _seed(classes)
    joint: dict[int, Float] = {}
    debt_types: dict[int, Float] = {}
    parts: dict[int, Float] = {}
    share = {year: _amsterdam_share(risk, year) for year in YEARS}
    city_seed = _fit_city(risk, classes, counts, seed, weight[in_amsterdam], 2021, None)
    for year in YEARS:
        city = (
            city_seed if year == 2021 else _fit_city(risk, classes, counts, seed, weight[in_amsterdam], year, city_seed)
        )
        rest = _fit_elsewhere(risk, classes, counts, seed, city, weight, in_amsterdam, share[year], year)
        joint[year] = np.concatenate([city, rest]) / weight.reshape(-1, 1, 1, 1, 1, 1)
        city_debt = np.array(risk["debt"]["amsterdam"][year])
        rest_debt = (np.array(risk["debt"]["netherlands"][year]) - share[year] * city_debt) / (1 - share[year])
        debt_types[year] = np.stack([rest_debt / rest_debt.sum(), city_debt / city_debt.sum()])
        parts[year] = np.concatenate(
            [
                _parts(risk, city, year, amsterdam=True),
                _parts(risk, rest, year, amsterdam=False),
            ]
        )
    take_up = risk["tozo"]["take_up"]
    return RiskTables(
        groups=groups,
        in_amsterdam=in_amsterdam,
        weight=weight,
        joint=joint,
        debt_types=debt_types,
        low_income_parts=parts,
        take_up=np.array([take_up["outside"], take_up["amsterdam"]], dtype=np.float64),
        amsterdam_share=share,
    )


def expected_cells(parameters: Parameters, tables: RiskTables | None = None) -> pl.DataFrame:
    """Expected shares of every flag and count of factors, from the parameters alone.

    Args:
        parameters: parameters of a scenario (its overrides included).
        tables: the tables of `build(parameters)` when they are there already.

    Returns:
        One row per birth year, region (`netherlands`, `amsterdam`, `elsewhere` and the seven borough letters) and
        indicator, with the expected `share` of births. Indicators: low_income, income_below_120, social_assistance,
        social_assistance_excluding_tozo, single_parent, debt, wsnp, premium_defaulter, problematic_debt_only,
        mental_health, multidimensional_vulnerability, any, count_0 .. count_4, count_3+.
    """
    fitted = build(parameters) if tables is None else tables
    rows: list[tuple[int, str, str, float]] = []
    for year in YEARS:
        per_group = _group_indicators(fitted, year)
        city, rest = fitted.in_amsterdam, ~fitted.in_amsterdam
        for name, values in per_group.items():
            amsterdam = float(values[city] @ fitted.weight[city])
            elsewhere = float(values[rest] @ fitted.weight[rest])
            share = fitted.amsterdam_share[year]
            rows.append((year, "netherlands", name, share * amsterdam + (1 - share) * elsewhere))
            rows.append((year, "amsterdam", name, amsterdam))
            rows.append((year, "elsewhere", name, elsewhere))
            rows.extend(
                (year, group, name, float(value))
                for group, value in zip(fitted.groups, values, strict=True)
                if len(group) == 1
            )
    return pl.DataFrame(rows, schema=["birth_year", "region", "indicator", "share"], orient="row")


def _group_indicators(tables: RiskTables, year: int) -> dict[str, Float]:
    joint = tables.joint[year]
    types = tables.debt_types[year][tables.in_amsterdam.astype(int)]
    take_up = tables.take_up[tables.in_amsterdam.astype(int)]
    by_others = _by_other_factors(joint)
    low_parts = by_others[:, :, 1, None] * tables.low_income_parts[year]
    dropped = low_parts[:, :, 3] * (1 - take_up)[:, None]
    below = low_parts[:, :, [0, 2, 4]].sum(axis=(1, 2))
    regular = low_parts[:, :, :2].sum(axis=(1, 2))
    tozo = low_parts[:, :, 3:].sum(axis=(1, 2)) * take_up
    count = np.zeros((len(joint), 5))
    count[:, :4] += by_others[:, :, 0] + dropped
    count[:, 1:] += by_others[:, :, 1] - dropped
    debt = joint[:, :, :, 1].sum(axis=(1, 2, 3, 4))
    result = {
        "low_income": joint[..., 1].sum(axis=(1, 2, 3, 4)) - dropped.sum(axis=1),
        "income_below_120": below,
        "social_assistance": regular + tozo,
        "social_assistance_excluding_tozo": regular,
        "single_parent": joint[:, :, 1].sum(axis=(1, 2, 3, 4)),
        "debt": debt,
        "wsnp": debt * types[:, 0],
        "premium_defaulter": debt * types[:, 1],
        "problematic_debt_only": debt * types[:, 2],
        "mental_health": joint[:, :, :, :, 1].sum(axis=(1, 2, 3, 4)),
        "multidimensional_vulnerability": joint[:, 0].sum(axis=(1, 2, 3, 4)),
        "any": 1 - count[:, 0],
    }
    result.update({f"count_{number}": count[:, number] for number in range(5)})
    result["count_3+"] = count[:, 3] + count[:, 4]
    return result


def _by_other_factors(joint: Float) -> Float:
    """Shares by number of other factors (0..3) and low income, shape (groups, 4, 2)."""
    result = np.zeros((len(joint), 4, 2))
    for single in range(2):
        for debt in range(2):
            for mental in range(2):
                result[:, single + debt + mental] += joint[:, :, single, debt, mental].sum(axis=1)
    return result


def _births(risk: dict[str, Any], region: str, year: int) -> float:
    if region == "amsterdam":
        return float(risk["births"]["amsterdam"][year])
    last = float(risk["births"]["netherlands_2021"])
    first = last / (1 + risk["births"]["netherlands_growth"])
    return first + (last - first) * (min(max(year, 2018), 2021) - 2018) / 3


def _amsterdam_share(risk: dict[str, Any], year: int) -> float:
    return _births(risk, "amsterdam", year) / _births(risk, "netherlands", year)


def _weights(risk: dict[str, Any], classes: dict[str, Any], boroughs: tuple[str, ...]) -> Float:
    table = risk["boroughs"]["counts_2021"]
    westpoort = float(risk["boroughs"]["westpoort_share"])
    births = np.array([float(sum(table[code])) if code in table else np.nan for code in boroughs])
    city = np.where(np.isnan(births), westpoort, births / np.nansum(births) * (1 - westpoort))
    ggd = np.array(list(classes["ggd_region_births"].values()), dtype=np.float64)
    return np.concatenate([city, ggd, [1 - ggd.sum()]])


def _count_distributions(risk: dict[str, Any]) -> dict[str, dict[int, Float]]:
    """Distribution of the number of factors (0..4) by birth year: of the boroughs in 2021, the city, the country."""
    split = risk["counts"]["amsterdam_2020"]
    three_four = split[3] + split[4]
    many = np.array([split[2], split[3], split[4]], dtype=np.float64) / (split[2] + three_four)
    boroughs: dict[str, Float] = {}
    for code, row in risk["boroughs"]["counts_2021"].items():
        counted = np.array([*row[:3], row[3] * split[3] / three_four, row[3] * split[4] / three_four])
        boroughs[code] = counted / counted.sum()
    totals = np.sum([np.array(row) for row in risk["boroughs"]["counts_2021"].values()], axis=0).astype(float)
    city_2021 = np.array([*totals[:3], totals[3] * split[3] / three_four, totals[3] * split[4] / three_four])
    city_2021 /= city_2021.sum()
    one_of_any = city_2021[1] / city_2021[1:].sum()

    def with_any(share: float, one: float) -> Float:
        return np.concatenate([[1 - share, one], (share - one) * many])

    one_2019 = risk["counts"]["amsterdam_2019_one"] / _births(risk, "amsterdam", 2019)
    any_2019 = one_2019 / one_of_any
    births_2020 = _births(risk, "amsterdam", 2020)
    two_or_more = np.array([split[2], split[3], split[4]]) / births_2020
    city: dict[int, Float] = {
        2018: with_any(risk["any_factor"]["amsterdam"][2018], risk["any_factor"]["amsterdam"][2018] * one_of_any),
        2019: with_any(any_2019, one_2019),
        2020: np.concatenate([[1 - any_2019, any_2019 - two_or_more.sum()], two_or_more]),
        2021: city_2021,
    }
    for year, source in risk["counts"]["after_window"].items():
        city[int(year)] = city[source]
    among_any = np.mean([city[year][1:] / city[year][1:].sum() for year in risk["counts"]["netherlands_years"]], axis=0)
    shares = risk["any_factor"]["netherlands"]
    country = {
        year: np.concatenate([[1 - shares.get(year, shares[2018])], shares.get(year, shares[2018]) * among_any])
        for year in YEARS
    }
    return {
        "amsterdam": city,
        "netherlands": country,
        "boroughs": dict(enumerate(_ordered(risk, boroughs, city_2021))),
    }


def _ordered(risk: dict[str, Any], boroughs: dict[str, Float], city: Float) -> list[Float]:
    return [boroughs.get(code, city) for code in risk["boroughs"]["codes"]]


def _seed(classes: dict[str, Any]) -> Float:
    """Independent factors within each class, times 1 (class sizes are a margin), shape SHAPE."""
    seed = np.ones(SHAPE)
    for axis, name in enumerate(("single_parent", "debt", "mental_health", "low_income"), start=1):
        share = np.array(classes[name], dtype=np.float64)
        shape = [1] * len(SHAPE)
        shape[0], shape[axis] = CLASSES, 2
        seed = seed * np.stack([1 - share, share], axis=1).reshape(shape)
    return seed


def class_share(classes: dict[str, Any], labelled: float) -> float:
    """Share of births in the class of multidimensional vulnerability when a share of the births is labelled so.

    Args:
        classes: parameters `classes`.
        labelled: share of births that the forest labels, in (0, 1).
    """
    label = classes["multidimensional_share"]["label"]
    return (labelled - float(label["outside"])) / (float(label["inside"]) - float(label["outside"]))


def _class_sizes(classes: dict[str, Any], first: float) -> Float:
    rest = np.array(classes["other_classes"]["relative_size"], dtype=np.float64)
    return np.concatenate([[first], (1 - first) * rest / rest.sum()])


def _cells(groups: int) -> tuple[Int, ...]:
    """Index arrays of a flattened table: group, class, single, debt, mental, low income."""
    grid = np.indices((groups, *SHAPE)).reshape(6, -1)
    return tuple(grid)


def _fit_city(
    risk: dict[str, Any],
    classes: dict[str, Any],
    counts: dict[str, dict[int, Float]],
    seed: Float,
    weight: Float,
    year: int,
    fitted_2021: Float | None,
) -> Float:
    """Table of Amsterdam (boroughs x SHAPE), summing to 1.

    2021 starts from the classes and is fitted to the counts of the boroughs; other years start from the table of 2021,
    so that differences between boroughs stay, and are fitted to the counts of the city.
    """
    group, latent, single, debt, mental, low = _cells(len(weight))
    number = single + debt + mental + low
    trend = classes["multidimensional_share"]
    first = class_share(classes, trend["amsterdam_2023"] * trend["netherlands"][year] / trend["netherlands"][2023])
    debt_share = float(sum(risk["debt"]["amsterdam"][year]))
    mental_share = float(risk["mental_health"]["amsterdam"][year])
    single_share = float(risk["single_parent"]["share"]["amsterdam"])
    margins = [
        Margin("borough", group, weight),
        Margin("latent class in Amsterdam", latent, _class_sizes(classes, first)),
        Margin("single parent in Amsterdam", single, np.array([1 - single_share, single_share])),
        Margin("debt in Amsterdam", debt, np.array([1 - debt_share, debt_share])),
        Margin("mental health in Amsterdam", mental, np.array([1 - mental_share, mental_share])),
    ]
    if year == 2021:
        by_borough = np.stack([counts["boroughs"][index] for index in range(len(weight))]) * weight[:, None]
        margins.append(Margin("number of factors by borough", group * 5 + number, by_borough.ravel()))
    else:
        margins.append(Margin("number of factors in Amsterdam", number, counts["amsterdam"][year]))
    start = seed[None] * weight.reshape(-1, 1, 1, 1, 1, 1) if fitted_2021 is None else fitted_2021
    return fit(np.asarray(start).ravel(), margins).reshape(len(weight), *SHAPE)


def _fit_elsewhere(
    risk: dict[str, Any],
    classes: dict[str, Any],
    counts: dict[str, dict[int, Float]],
    seed: Float,
    city: Float,
    weight: Float,
    in_amsterdam: NDArray[np.bool_],
    amsterdam_share: float,
    year: int,
) -> Float:
    """Table outside Amsterdam (GGD groups x SHAPE), summing to 1: the country's margins without the city's part."""
    own_weight = weight[~in_amsterdam]
    group, latent, single, debt, mental, low = _cells(len(own_weight))
    number = single + debt + mental + low

    def without_city(country: float, axis: int) -> float:
        in_city = float(np.take(city, 1, axis=axis).sum())
        return (country - amsterdam_share * in_city) / (1 - amsterdam_share)

    city_number = np.bincount(_number_of(city), weights=city.ravel(), minlength=5)
    number_target = (counts["netherlands"][year] - amsterdam_share * city_number) / (1 - amsterdam_share)
    single_share = without_city(float(risk["single_parent"]["share"]["netherlands"]), 2)
    debt_share = without_city(float(sum(risk["debt"]["netherlands"][year])), 3)
    mental_share = without_city(float(risk["mental_health"]["netherlands"][year]), 4)
    trend = classes["multidimensional_share"]
    scale = trend["netherlands"][year] / trend["netherlands"][2023]
    named = np.array([class_share(classes, share * scale) for share in trend["ggd_region_2023"].values()])
    city_first = float(city[:, 0].sum())
    country = class_share(classes, trend["netherlands"][year])
    elsewhere = (country - amsterdam_share * city_first) / (1 - amsterdam_share)
    other = (elsewhere - own_weight[:-1] @ named) / own_weight[-1]
    if not 0 < other < 1 or np.any(number_target <= 0):
        raise CalibrationError(
            f"The regions of {year} leave no room for the rest of the country. Change classes.yml or risk_factors.yml."
        )
    sizes = np.stack([_class_sizes(classes, first) for first in [*named, other]]) * own_weight[:, None]
    margins = [
        Margin("latent class by GGD region", group * CLASSES + latent, sizes.ravel()),
        Margin("single parent outside Amsterdam", single, np.array([1 - single_share, single_share])),
        Margin("debt outside Amsterdam", debt, np.array([1 - debt_share, debt_share])),
        Margin("mental health outside Amsterdam", mental, np.array([1 - mental_share, mental_share])),
        Margin("number of factors outside Amsterdam", number, number_target),
    ]
    start = seed[None] * own_weight.reshape(-1, 1, 1, 1, 1, 1)
    return fit(np.asarray(start).ravel(), margins).reshape(len(own_weight), *SHAPE)


def _number_of(table: Float) -> Int:
    _, _, single, debt, mental, low = _cells(len(table))
    return single + debt + mental + low


def _parts(risk: dict[str, Any], table: Float, year: int, *, amsterdam: bool) -> Float:
    """Distribution of low-income births over `PARTS` by group and number of other factors, shape (groups, 4, 5)."""
    assistance = risk["social_assistance"]
    tozo = risk["tozo"]
    low = _by_other_factors(table)[:, :, 1].sum(axis=0)
    regular = float(assistance["regular_amsterdam" if amsterdam else "regular_netherlands"])
    if not amsterdam:
        share = _amsterdam_share(risk, year)
        regular = (regular - share * float(assistance["regular_amsterdam"])) / (1 - share)
    with_tozo = 0.0
    if year == tozo["birth_year"]:
        with_tozo = float(assistance["amsterdam_2021"]) - regular if amsterdam else float(tozo["outside_amsterdam"])
    tozo_share = _capped_shares(np.array(tozo["relative_by_other_factors"], dtype=np.float64), low, with_tozo)
    without_tozo = float(low @ (1 - tozo_share))
    if regular > without_tozo:
        place = "in Amsterdam" if amsterdam else "outside Amsterdam"
        raise CalibrationError(
            f"Social assistance {place} ({regular:.4f}) in {year} exceeds low income without Tozo "
            f"({without_tozo:.4f}). Lower social assistance or the share of single parents in risk_factors.yml."
        )
    on_assistance = regular / without_tozo
    above = float(assistance["above_120"])
    below = float(tozo["below_120"])
    parts = np.stack(
        [
            (1 - tozo_share) * on_assistance * (1 - above),
            (1 - tozo_share) * on_assistance * above,
            (1 - tozo_share) * (1 - on_assistance),
            tozo_share * (1 - below),
            tozo_share * below,
        ],
        axis=1,
    )
    return np.broadcast_to(parts, (len(table), *parts.shape)).copy()


def _capped_shares(relative: Float, size: Float, total: float, cap: float = 0.95) -> Float:
    """Shares proportional to `relative`, at most `cap`, that give a total of `total` over groups of the given sizes."""
    if total <= 0:
        return np.zeros_like(relative)
    if float(size.sum()) * cap < total:
        raise CalibrationError("There are more births with Tozo than low-income births. Change risk_factors.yml.")
    low, high = 0.0, 1e6
    for _ in range(200):
        middle = (low + high) / 2
        if float(size @ np.minimum(cap, middle * relative)) < total:
            low = middle
        else:
            high = middle
    return np.minimum(cap, high * relative)
