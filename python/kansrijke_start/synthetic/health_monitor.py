"""The health monitor: respondents and their answers, drawn from the latent classes of the study that used it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from kansrijke_start.synthetic import draws, text
from kansrijke_start.synthetic.education import LOW
from kansrijke_start.synthetic.population import january_first, year_of
from kansrijke_start.synthetic.registers_brp import RinText
from kansrijke_start.synthetic.world import World

Bool = NDArray[np.bool_]
Int64 = NDArray[np.int64]
Tables = Iterator[tuple[int, pa.Table]]


@dataclass(frozen=True)
class Respondents:
    """Who answered the survey, sorted by person; arrays of shape (n,).

    Attributes:
        person: person index.
        latent_class: class that the answers come from, 0..4.
        is_of_study: a woman with a birth in the first or second calendar year after the survey.
    """

    person: Int64
    latent_class: NDArray[np.int8]
    is_of_study: Bool


def select(world: World) -> Respondents:
    """Select the respondents: the study's women by latent class and origin, and as many other adults.

    The number of women is that of the study when the world holds enough of them, whatever its fraction of the country.
    """
    settings = world.parameters["health_monitor"]
    year = int(settings["survey_year"])
    rules = settings["respondents"]
    units = world.circumstances.units
    persons = world.population.persons
    n_adults = int(world.circumstances.n_adults)
    autumn = int(january_first(year + 1)) - 92
    here = world.lives.is_present(world.population, autumn)[:n_adults]
    here &= year - year_of(persons.birth_date[:n_adults]) >= int(rules["youngest_age"])
    # The first birth after the survey; units are sorted by mother and year.
    rows = np.flatnonzero((units.birth_year > year) & (units.birth_year <= year + 2) & here[units.mother])
    rows = rows[np.append(True, units.mother[rows][1:] != units.mother[rows][:-1])] if len(rows) else rows
    mother = units.mother[rows].astype(np.int64)
    latent = units.latent_class[rows].astype(np.int64)
    number = min(int(rules["number"]), int(len(rows) * float(rules["largest_share"])))
    countries = world.population.countries
    elsewhere = persons.origin_country[mother] != countries.netherlands
    sizes = draws.largest_remainder(np.array(settings["class_sizes"]) * number, number)
    share = np.array(settings["selection"]["origin_elsewhere"])
    weight = np.where(units.income_below_120[rows], float(settings["selection"]["low_income"]), 1.0)
    low = world.circumstances.education[mother] == LOW
    weight = weight * np.where(low, float(settings["selection"]["low_education"]), 1.0)
    key = draws.race_keys(world.seed, "gemon/selection", mother, weight)
    # Each class and origin has its number; the smallest keys of each are taken.
    wanted = np.stack(
        [sizes - np.rint(sizes * share).astype(np.int64), np.rint(sizes * share).astype(np.int64)], axis=1
    )
    group = latent * 2 + elsewhere
    order = np.lexsort((key, group))
    counts = np.bincount(group, minlength=wanted.size)
    rank = np.empty(len(rows), dtype=np.int64)
    rank[order] = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
    taken = rank < wanted.ravel()[group]
    # A small world has too few of a kind: others of the class take their places.
    short = sizes - np.bincount(latent[taken], minlength=len(sizes))
    left = np.flatnonzero(~taken)
    left = left[np.lexsort((key[left], latent[left]))]
    of_class = np.bincount(latent[left], minlength=len(sizes))
    position = np.arange(len(left)) - np.repeat(np.cumsum(of_class) - of_class, of_class)
    taken[left[position < short[latent[left]]]] = True
    women, classes = mother[taken], latent[taken]
    # Other adults: other parents, at random.
    first, last = world.population.n_mothers, n_adults
    others = first + np.flatnonzero(here[first:last])
    keys = draws.race_keys(world.seed, "gemon/others", others, np.ones(len(others)))
    others = np.sort(others[np.argsort(keys, kind="stable")[: len(women)]])
    person = np.concatenate([women, others])
    latent_class = np.concatenate([classes, world.profiles.latent_class(year)[others]]).astype(np.int8)
    is_of_study = np.arange(len(person)) < len(women)
    order = np.argsort(person, kind="stable")
    return Respondents(person[order], latent_class[order], is_of_study[order])


def gemon(world: World) -> Tables:
    """GEMON: one row a respondent; code 1 is the unfavourable answer, and 1 to 3 go up for control over one's life."""
    settings = world.parameters["health_monitor"]
    year = int(settings["survey_year"])
    respondents = select(world)
    person, latent = respondents.person, respondents.latent_class
    columns = {
        "rinpersoons": text.codes(np.zeros(len(person), dtype=np.int8), ["R"]),
        "rinpersoon": RinText(world.population).person(person),
    }
    tables = {name: np.array([[p, 1.0 - p] for p in shares]) for name, shares in settings["items"].items()}
    tables["regie_3cat"] = np.array(settings["control_over_life"])
    for name, table in tables.items():
        answer = 1 + draws.categorical(draws.uniform(world.seed, f"gemon/{name}", person), table[latent])
        missing = draws.uniform(world.seed, f"gemon/{name}/missing", person) < float(settings["missing"])
        columns[name] = pa.array(answer, mask=missing)
    yield year, pa.table(columns)


REGISTERS: dict[str, Callable[[World], Tables]] = {"GEMON": gemon}
"""The register of this module by CBS component."""
