"""Registers on income, education, debts and care, written from the circumstances of the families.

Every function yields (file year, rows) with the canonical columns of the catalogue and raw CBS values. Persons appear
in the years in which they are in the population register. Rows are made in slices, so that memory stays low.
"""

from __future__ import annotations

import csv
import datetime
import functools
from collections.abc import Callable, Iterator
from statistics import NormalDist
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from kansrijke_start.errors import KansrijkeStartError
from kansrijke_start.paths import PROJECT_ROOT
from kansrijke_start.registers.catalogue import Register, load_catalogue
from kansrijke_start.synthetic import draws, text
from kansrijke_start.synthetic.child_costs import ChildCosts
from kansrijke_start.synthetic.circumstances import ARREARS, NO_ASSISTANCE, REGULAR, TOZO, WSNP, Circumstances
from kansrijke_start.synthetic.education import LOW, UNKNOWN
from kansrijke_start.synthetic.population import Role
from kansrijke_start.synthetic.world import World

Bool = NDArray[np.bool_]
Float = NDArray[np.float64]
Int = NDArray[np.integer]

SLICE = 2_000_000
OPEN = "88888888"
MISSING_AMOUNT = 9_999_999_999.0


class Tables(NamedTuple):
    """Shorthand for what every register needs."""

    world: World
    circumstances: Circumstances
    number: NDArray[np.uint8]
    n_adults: int
    usual_category: NDArray[np.int8]


def day(year: int, month: int, day_of_month: int) -> int:
    """Days since 1 January 1970."""
    return (datetime.date(year, month, day_of_month) - datetime.date(1970, 1, 1)).days


def _years(component: str) -> range:
    register: Register = load_catalogue().registers[component.lower()]
    first, last = register.years.first, register.years.last
    assert first is not None and last is not None
    return range(first, last + 1)


def tables_of(world: World) -> Tables:
    """What every register of this module needs; `world.income_and_care` keeps it."""
    circumstances = world.circumstances
    return Tables(world, circumstances, world.population.rin_digits, circumstances.n_adults, _usual_categories(world))


def _person_columns(t: Tables, person: Int, suffix: str = "") -> dict[str, pa.Array]:
    return {
        f"rinpersoons{suffix}": text.codes(np.zeros(len(person), dtype=np.int8), ["R"]),
        f"rinpersoon{suffix}": text.fixed_text(t.number[person]),
    }


def _slices(rows: NDArray[Any]) -> Iterator[NDArray[Any]]:
    """Parts of at most `SLICE` rows; one empty part when there are none, so that a file is always written."""
    for start in range(0, max(len(rows), 1), SLICE):
        yield rows[start : start + SLICE]


def _present(t: Tables, on: int) -> Bool:
    """Adults who are alive and in the population register on a day, shape (n_adults,)."""
    result: Bool = t.world.lives.is_present(t.world.population, on)[: t.n_adults]
    return result


def _present_in_year(t: Tables, year: int) -> Bool:
    return _present(t, day(year, 1, 1)) | _present(t, day(year, 12, 31))


def _in_year(index: NDArray[Any], year: int) -> NDArray[np.int64]:
    """Index of a person-year, for streams of yearly draws."""
    return np.asarray(index, dtype=np.int64) * 16 + (year - 2010)


# --- income ------------------------------------------------------------------------------------------------------


class _Households(NamedTuple):
    """Households of the income statistics in a year.

    Attributes:
        person: members, person index.
        head: main earner of each member.
        heads: the main earners, each once, sorted.
        episode: BRP household episode that each head's household is taken from.
    """

    person: NDArray[np.int32]
    head: NDArray[np.int32]
    heads: NDArray[np.int32]
    episode: NDArray[np.int32]


def _income_households(t: Tables, year: int) -> _Households:
    """Composition on 1 January; who came later in the year counts as on 31 December."""
    lives, population = t.world.lives, t.world.population
    reference = lives.household_reference
    start = lives.household_on(day(year, 1, 1))
    end = lives.household_on(day(year, 12, 31))
    episode = np.where(start >= 0, start, end)
    head = np.where(episode >= 0, reference[np.maximum(episode, 0)], -1).astype(np.int32)
    # A household of 31 December may belong to someone who was main earner, or member, of another one on 1 January.
    later = np.flatnonzero((start < 0) & (head >= 0))
    moved = head[np.maximum(head[later], 0)]
    head[later] = np.where(moved >= 0, moved, head[later])
    # Grandparents count only in a household with someone of the family.
    family = population.persons.role != Role.GRANDPARENT
    wanted = np.zeros(len(head), dtype=bool)
    wanted[head[family & (head >= 0)]] = True
    person = np.flatnonzero((head >= 0) & wanted[np.maximum(head, 0)]).astype(np.int32)
    is_head = np.zeros(len(head), dtype=bool)
    is_head[head[person]] = True
    heads = np.flatnonzero(is_head).astype(np.int32)
    return _Households(person, head[person], heads, episode[heads].astype(np.int32))


def koppelpersoonhuishouden(world: World) -> Iterator[tuple[int, pa.Table]]:
    """Persons and the main earner of their household, by income year."""
    t = world.income_and_care
    for year in _years("KOPPELPERSOONHUISHOUDEN"):
        households = _income_households(t, year)
        for part in _slices(np.arange(len(households.person))):
            yield (
                year,
                pa.table(
                    _person_columns(t, households.person[part]) | _person_columns(t, households.head[part], "hkw")
                ),
            )


class _HouseholdStates(NamedTuple):
    """Of each household: below 120 % (0/1), whether a birth fixed that, assistance, class, category of the head.

    `is_apart`: an other parent lives there while the mother of his children has a household of her own.
    """

    below_120: NDArray[np.int8]
    is_fixed: Bool
    assistance: NDArray[np.int8]
    latent_class: NDArray[np.int8]
    category: NDArray[np.int8]
    is_apart: Bool


def _household_states(t: Tables, households: _Households, year: int) -> _HouseholdStates:
    c = t.circumstances
    column = c.column(year)
    adult = households.person < t.n_adults
    person = households.person[adult]
    row = np.searchsorted(households.heads, households.head[adult])
    n = len(households.heads)
    fixed = np.full(n, -1, dtype=np.int8)
    filled = np.full(n, -1, dtype=np.int8)
    latent = np.full(n, 4, dtype=np.int8)
    assistance = np.zeros(n, dtype=np.int8)
    is_mother = person < t.world.population.n_mothers
    # Mothers last: what they need wins over what other parents need.
    for who in (~is_mother, is_mother):
        pinned = c.income_below_120[person[who], column]
        known = pinned >= 0
        fixed[row[who][known]] = pinned[known]
        usual = c.income_below_120_usual[person[who], column]
        filled[row[who]] = usual
        latent[row[who]] = c.adult_class[person[who]]
    np.maximum.at(assistance, row, c.assistance[person, column])
    category = np.full(n, _CATEGORY_EMPLOYEE, dtype=np.int8)
    categories = _categories(t, year)
    own = households.heads < t.n_adults
    category[own] = categories[households.heads[own]]
    below = np.where(fixed >= 0, fixed, np.maximum(filled, 0)).astype(np.int8)
    # A low income of a family is that of the mother's household; without assistance the other parent's own is higher.
    apart = np.zeros(n, dtype=bool)
    has_household = np.zeros(t.n_adults, dtype=bool)
    has_household[person] = True
    apart[row[~is_mother]] = has_household[_mother_of(t)[person[~is_mother]]]
    apart[row[is_mother]] = False
    below[apart & (assistance == NO_ASSISTANCE)] = 0
    return _HouseholdStates(below, fixed >= 0, assistance, latent, category, apart)


def _mother_of(t: Tables) -> NDArray[np.int32]:
    """Mother of the (last) births of each other parent, int32 (n_adults,); of herself for mothers."""
    units = t.circumstances.units
    result = np.arange(t.n_adults, dtype=np.int32)
    known = units.other_parent >= t.world.population.n_mothers
    result[units.other_parent[known]] = units.mother[known]
    return result


def inhatab(world: World) -> Iterator[tuple[int, pa.Table]]:
    """Income of households, by year."""
    t = world.income_and_care
    p = world.parameters["income"]
    seed = world.seed
    for year in _years("INHATAB"):
        households = _income_households(t, year)
        states = _household_states(t, households, year)
        for part in _slices(np.arange(len(households.heads))):
            yield year, _inhatab_rows(t, p, seed, year, households, states, part)


def _inhatab_rows(
    t: Tables, p: dict[str, Any], seed: int, year: int, households: _Households, states: _HouseholdStates, part: Int
) -> pa.Table:
    lives = t.world.lives
    head = households.heads[part]
    episode = households.episode[part]
    kind = lives.household_type[episode].astype(np.int64)
    size = lives.household_persons[episode].astype(np.int64)
    children = lives.household_children[episode].astype(np.int64)
    below = states.below_120[part] == 1
    assistance = states.assistance[part]
    quintiles = p["above_120"]["quintiles"]
    table = np.where(
        states.is_apart[part],
        np.where(states.latent_class[part] == 0, 2, 3),
        np.array([0, 1, 4, 1, 1])[states.latent_class[part]],
    )
    key = _in_year(head, year)
    rho = float(p["persistence"])
    position = _normal_cdf(
        np.sqrt(rho) * draws.normal(seed, "inhatab/position", head)
        + np.sqrt(1 - rho) * draws.normal(seed, "inhatab/position/year", key)
    )
    low_end, high_end = p["below_120"]["range"]
    low_ratio = low_end + (high_end - low_end) * position ** float(p["below_120"]["skew"])
    low_percentile = 1 + np.floor(
        (float(p["below_120"]["largest_percentile"]) - 0.001) * (low_ratio - low_end) / (high_end - low_end)
    )
    grid = np.array([p["above_120"]["lowest_percentile"] - 1, 20, 40, 60, 80, 100], dtype=np.float64)
    percentile = np.zeros(len(part))
    for number, name in enumerate(
        ("vulnerable", "other", "other_parent_vulnerable", "other_parent_other", "socioeconomic")
    ):
        mine = table == number
        cumulative = np.concatenate([[0.0], _cumulative(quintiles[name])])
        percentile[mine] = draws.interpolate(position[mine], grid, cumulative)
    relative = (percentile - grid[0]) / (grid[-1] - grid[0])
    high_ratio = 120 * np.exp(float(p["above_120"]["growth"]) * relative ** float(p["above_120"]["power"]))
    ratio = np.round(np.where(below, np.minimum(low_ratio, high_end), np.maximum(high_ratio, 120.0)), 1)
    rank = np.clip(np.where(below, low_percentile, np.ceil(percentile)), 1, 100).astype(np.int64)
    couple = np.isin(kind, (2, 3, 4, 5)) | ((kind == 7) & (size - children > 1))
    minimum = np.where(couple, p["social_minimum"]["euro_2020"]["couple"], p["social_minimum"]["euro_2020"]["single"])
    minimum = minimum + p["social_minimum"]["child"] * children
    minimum = minimum * (1 + float(p["social_minimum"]["yearly_growth"])) ** (year - 2020)
    disposable = np.round(minimum * ratio / 100)
    equivalence = np.sqrt(np.maximum(size - children + 0.6 * children, 1.0))
    gross = np.round(disposable * p["gross"]["gross"])
    on_benefits = assistance == REGULAR
    primary = np.round(disposable * np.where(on_benefits, p["gross"]["primary_on_benefits"], p["gross"]["primary"]))
    source = _household_source(p, seed, key, assistance, states.category[part])
    self_employed = np.isin(source, ("12", "13", "14"))
    loss = self_employed & (draws.uniform(seed, "inhatab/loss", key) < float(p["negative_primary"]))
    primary = np.where(loss, -np.round(0.2 * disposable), primary)
    institution = kind == 8
    free = ~below & (assistance == NO_ASSISTANCE)
    unseen = free & ~states.is_fixed[part] & institution
    unseen |= free & (draws.uniform(seed, "inhatab/unseen", key) < float(p["not_observed"]))
    code = np.where(institution, -1, -2)
    tenure = _tenure(p, draws.uniform(seed, "inhatab/tenure", head), below, rank)
    tenure = np.where(institution, 3, tenure)
    student = source == "26"

    def amount(values: Float) -> Float:
        return np.where(unseen, MISSING_AMOUNT, values)

    columns: dict[str, Any] = _person_columns(t, head, "hkw")
    columns |= {
        "inhp100hgest": np.where(unseen, code, rank),
        "inhp100hgestes": np.where(unseen, code, np.where(student, -3, rank)),
        "inharmsoc": np.where(unseen, code, ratio).astype(np.float64),
        "inharmlag": np.where(unseen, code, np.round(ratio * np.where(couple, 0.98, 0.95), 1)).astype(np.float64),
        "inhbbihj": _codes_of(np.where(unseen, "99", source), [*_SOURCES, "99"]),
        "inhgestinkh": amount(np.round(disposable / equivalence)),
        "inhbestinkh": amount(disposable),
        "inhbrutinkh": amount(gross),
        "inhpriminkh": amount(primary),
        "inhehalgr": text.codes(tenure, ["1", "2", "3", "8", "9"]),
        "inhsamhh": _codes_of(_composition(kind, size, t.world.population.persons.sex[head]), _COMPOSITIONS),
        "inhahl": size,
        "inhahlmi": np.maximum(size - children, 1),
    }
    return pa.table(columns)


@functools.cache
def _normal_table() -> tuple[Float, Float]:
    """Standard normal distribution function on a fine grid; beyond it the function is 0 or 1 for all purposes here."""
    grid = np.linspace(-6.0, 6.0, 4001)
    return grid, np.array([NormalDist().cdf(value) for value in grid])


def _normal_cdf(x: Float) -> Float:
    """Standard normal distribution function, by linear interpolation (error below 1e-6)."""
    grid, cumulative = _normal_table()
    result: Float = np.interp(x, grid, cumulative)
    return result


_SOURCES = ["11", "12", "13", "14", "21", "22", "23", "24", "25", "26", "30"]
_COMPOSITIONS = ["11", "12", "21", "31", "41", "51", "71"]


def _cumulative(shares: list[float]) -> Float:
    total = np.cumsum(np.array(shares, dtype=np.float64))
    result: Float = total / total[-1]
    return result


def _codes_of(values: NDArray[Any], labels: list[str]) -> pa.DictionaryArray:
    order = np.argsort(labels)
    index = order[np.searchsorted(np.array(labels)[order], values)]
    return text.codes(index, labels)


def _household_source(
    p: dict[str, Any], seed: int, key: Int, assistance: NDArray[np.int8], category: NDArray[np.int8]
) -> NDArray[np.str_]:
    codes = np.array(p["category"]["codes"])
    # Those without own income live on the partner's wages; a family worker on the business.
    source = codes[category]
    source = np.where(np.isin(source, ("31", "32")), "11", np.where(source == "15", "13", source))
    u = draws.uniform(seed, "inhatab/source", key)
    for state, name in ((REGULAR, "regular_assistance"), (TOZO, "tozo")):
        table = p["household_source"][name]
        drawn = np.array(list(table))[draws.categorical(u, np.array(list(table.values())))]
        source = np.where(assistance == state, drawn, source)
    return source


def _tenure(p: dict[str, Any], u: Float, below: Bool, rank: Int) -> Int:
    """Index into the codes 1, 2, 3, 8, 9."""
    table = np.array([p["tenure"]["below_120"], p["tenure"]["low"], p["tenure"]["high"]])
    row = np.where(below, 0, np.where(rank <= 40, 1, 2))
    drawn = draws.categorical(u, table[row])
    return np.where(drawn == 3, 4, drawn)


def _composition(kind: Int, size: Int, sex: NDArray[np.int8]) -> NDArray[np.str_]:
    single = np.where(sex == 1, "11", "12")
    labels = np.array(["71", "", "21", "21", "31", "31", "41", "51", "71"])
    return np.where(kind == 1, single, labels[np.clip(kind, 0, 8)])


# --- socio-economic category -------------------------------------------------------------------------------------

_CATEGORY_EMPLOYEE = 0
#: Year at whose end the Tozo is paid.
TOZO_YEAR = 2020
_SELF_EMPLOYED, _ASSISTANCE_CODE, _TOZO_CODE = 2, 12, 13


def _usual_categories(world: World) -> NDArray[np.int8]:
    """Category (row of `income.category.codes`) of each adult before any change, apart from assistance."""
    p = world.parameters["income"]["category"]
    circumstances = world.circumstances
    adults = np.arange(circumstances.n_adults)
    mother = adults < world.population.n_mothers
    latent = circumstances.adult_class
    working = np.array([code.startswith("1") for code in p["codes"]])
    base = np.empty(circumstances.n_adults, dtype=np.int8)
    u = draws.uniform(world.seed, "secm/base", adults)
    for is_mother, name in ((True, "mother"), (False, "other_parent")):
        for number, not_working in enumerate(p["not_working"][name]):
            shares = np.array(p[name]["vulnerable" if number == 0 else "other"], dtype=np.float64)
            shares[working] *= (1 - not_working) / shares[working].sum()
            shares[~working] *= not_working / shares[~working].sum()
            chosen = (mother == is_mother) & (latent == number)
            base[chosen] = draws.categorical(u[chosen], shares)
    return base


def _categories(t: Tables, year: int) -> NDArray[np.int8]:
    """Category (row of `income.category.codes`) of each adult on 31 December, apart from assistance."""
    p = t.world.parameters["income"]["category"]
    seed = t.world.seed
    adults = np.arange(t.n_adults)
    base = t.usual_category
    # Some employees become self-employed or the other way round, for good.
    change = draws.uniform(seed, "secm/change", adults) / float(p["changes"])
    swap = (base <= 2) & (change < year - 2013)
    base = np.where(swap, np.where(base == 2, 0, 2), base).astype(np.int8)
    # Who receives Tozo is self-employed in the years around it.
    has_tozo = (t.circumstances.assistance == TOZO).any(axis=1)
    base[has_tozo] = 2
    age = year - 1970 - t.world.population.persons.birth_date[: t.n_adults] / 365.25
    young = (age < p["student_below_age"]["age"]) & (
        draws.uniform(seed, "secm/student", adults) < float(p["student_below_age"]["share"])
    )
    student = np.where(draws.uniform(seed, "secm/student income", adults) < 0.7, 9, 10)
    result: NDArray[np.int8] = np.where(young & ~has_tozo, student, base).astype(np.int8)
    return result


def secmbus(world: World) -> Iterator[tuple[int, pa.Table]]:
    """Socio-economic category of the parents as spells; one cumulative file."""
    t = world.income_and_care
    file_year = _years("SECMBUS")[-1]
    c = t.circumstances
    years = list(range(2014, file_year + 1))
    codes: list[NDArray[np.int8]] = []
    for year in years:
        assistance = c.assistance[:, c.column(year)]
        category = _categories(t, year)
        category = np.where(assistance == REGULAR, _ASSISTANCE_CODE, category)
        codes.append(np.where(assistance == TOZO, _TOZO_CODE, category).astype(np.int8))
    persons = world.population.persons
    registered = persons.registered_from[: t.n_adults].astype(np.int64)
    adult = persons.birth_date[: t.n_adults].astype(np.int64) + 5844
    first_day = np.maximum(np.maximum(registered, adult), day(1999, 1, 1))
    last = np.minimum(world.lives.death_date[: t.n_adults].astype(np.int64), day(file_year + 1, 1, 1))
    labels = [*world.parameters["income.category.codes"], "22", "22"]
    for adults in _slices(np.arange(t.n_adults)):
        person, start, end, code = _spells_of(world, adults, codes, years, first_day, last)
        yield file_year, _secm_rows(t, person, start, end, code, labels, day(file_year + 1, 1, 1))


def _spells_of(
    world: World, adults: Int, codes: list[NDArray[np.int8]], years: list[int], first_day: Int, last: Int
) -> tuple[Int, Int, Int, Int]:
    """Spells (person, first day, exclusive end, code) from the states at the ends of the years.

    A change between two year ends falls on a day from March to September of the second year.
    """
    person: list[Int] = []
    start: list[Int] = []
    code: list[Int] = []
    current = codes[0][adults]
    person.append(adults)
    start.append(first_day[adults])
    code.append(current.astype(np.int64))
    for year, column in zip(years[1:], codes[1:], strict=True):
        following = column[adults]
        changed = np.flatnonzero(following != current)
        who = adults[changed]
        on = day(year, 3, 1) + np.floor(draws.uniform(world.seed, "secm/change day", _in_year(who, year)) * 210).astype(
            np.int64
        )
        person.append(who)
        start.append(on)
        code.append(following[changed].astype(np.int64))
        current = following
    who = np.concatenate(person)
    begin = np.maximum(np.concatenate(start), first_day[who])
    kind = np.concatenate(code)
    order = np.lexsort((np.arange(len(who)), begin, who))
    who, begin, kind = who[order], begin[order], kind[order]
    end = last[who]
    same = who[1:] == who[:-1]
    end[:-1] = np.where(same, np.minimum(begin[1:], end[:-1]), end[:-1])
    keep = end > begin
    # Who was not here yet on the last day of 2020 received no Tozo.
    kind[(kind == _TOZO_CODE) & (begin >= day(TOZO_YEAR + 1, 1, 1))] = _SELF_EMPLOYED
    return who[keep], begin[keep], end[keep], kind[keep]


def _secm_rows(t: Tables, person: Int, start: Int, end: Int, code: Int, labels: list[str], closing: int) -> pa.Table:
    yes = ["", "1"]
    flags = {
        "xkoppelwerknsecm": code == 0,
        "xkoppeldgasecm": code == 1,
        "xkoppelzelfstsecm": (code == 2) | (code == _TOZO_CODE),
        "xkoppelovactiefsecm": code == 3,
        "xkoppelmeewerkendsecm": code == 4,
        "xkoppelwerkluitksecm": code == 5,
        "xkoppelsocvoorzovsecm": code == 6,
        "xkoppelziekteaosecm": code == 7,
        "xkoppelpensioensecm": code == 8,
        "xkoppelscholstudsecm": (code == 9) | (code == 10),
        "xkoppelbijstandsecm": code >= _ASSISTANCE_CODE,
    }
    distinct = list(dict.fromkeys(labels))
    position = np.array([distinct.index(label) for label in labels])
    return pa.table(
        _person_columns(t, person)
        | {
            "aanvsecm": text.dates(start),
            "eindsecm": text.dates(end - 1, missing=end >= closing, missing_text=OPEN),
            "secm": text.codes(position[code], distinct),
        }
        | {name: text.codes(value.astype(np.int8), yes) for name, value in flags.items()}
    )


# --- education ---------------------------------------------------------------------------------------------------


def hoogsteopltab(world: World) -> Iterator[tuple[int, pa.Table]]:
    """Highest education on 1 October; the file of 2019 holds the level followed instead of the level attained."""
    t = world.income_and_care
    p = world.parameters["education"]
    adults = np.arange(t.n_adults)
    level = t.circumstances.education
    labels: list[str] = ["----", "9999"]
    index = np.zeros(t.n_adults, dtype=np.int64)
    u = draws.uniform(world.seed, "hoogsteopltab/code", adults)
    for value, name in enumerate(("low", "middle", "high"), start=LOW):
        table = p["levels"][name]
        chosen = level == value
        index[chosen] = len(labels) + draws.categorical(u[chosen], np.array(list(table.values())))
        labels.extend(table)
    unknown = level == UNKNOWN
    dashes, nines = float(p["unknown_record"]["dashes"]), float(p["unknown_record"]["nines"])
    index[unknown] = np.where(u[unknown] < dashes, 0, 1)
    has_record = ~unknown | (u < dashes + nines)
    for year in _years("HOOGSTEOPLTAB"):
        rows = np.flatnonzero(has_record & _present(t, day(year, 10, 1)))
        column = "oplnivsoi_agg4_hg_metnirwo" if year == 2019 else "oplnivsoi_agg4_hb_metnirwo"
        for part in _slices(rows):
            yield year, pa.table(_person_columns(t, part) | {column: text.codes(index[part], labels)})


# --- debts -------------------------------------------------------------------------------------------------------


def wanbzvwtab(world: World) -> Iterator[tuple[int, pa.Table]]:
    """Premium defaulters on 31 December."""
    t = world.income_and_care
    c = t.circumstances
    for year in _years("WANBZVWTAB"):
        on = day(year, 12, 31)
        rows = np.flatnonzero((c.debt_state[:, c.column(year)] == ARREARS) & _present(t, on))
        for part in _slices(rows):
            yield year, pa.table(_person_columns(t, part))


def wsnppersbus(world: World) -> Iterator[tuple[int, pa.Table]]:
    """Statutory restructurings with their dates; one cumulative file."""
    t = world.income_and_care
    c = t.circumstances
    file_year = _years("WSNPPERSBUS")[-1]
    last = c.column(file_year)
    state = c.debt_state[:, : last + 1] == WSNP
    before = np.zeros_like(state)
    before[:, 1:] = state[:, :-1]
    after = np.zeros_like(state)
    after[:, :-1] = state[:, 1:]
    person, first = np.nonzero(state & ~before)
    end_person, final = np.nonzero(state & ~after)
    assert np.array_equal(person, end_person)
    year = first + file_year - last
    earlier = np.where(first == 0, int(world.parameters["debts.restructuring_starts_before"]), 0)
    admitted = _january_first(year - earlier) + np.floor(
        draws.uniform(world.seed, "wsnp/start", _in_year(person, 0) + year) * 360
    ).astype(np.int64)
    ended = _january_first(final + file_year - last + 1) + np.floor(
        draws.uniform(world.seed, "wsnp/end", _in_year(person, 0) + year) * 330
    ).astype(np.int64)
    going_on = final == last
    court = draws.integers(world.seed, "wsnp/court", person, 0, 11)
    yield (
        file_year,
        pa.table(
            _person_columns(t, person)
            | {
                "wsnpdatumtoelaat": text.dates(admitted),
                "wsnpdatumbeein": text.dates(ended, missing=going_on, missing_text=OPEN),
                "wsnprbnk": text.codes(court, [f"{number:02d}" for number in range(1, 12)]),
                "wsnpsrtbeein": text.codes(np.where(going_on, 0, 1), ["", "1"]),
            }
        ),
    )


def _january_first(year: Int) -> NDArray[np.int64]:
    days: NDArray[np.int64] = (
        (np.asarray(year, dtype=np.int64) - 1970).astype("datetime64[Y]").astype("datetime64[D]").astype(np.int64)
    )
    return days


def problematischeschuldentab(world: World) -> Iterator[tuple[int, pa.Table]]:
    """Problematic debt (narrow definition, which includes restructuring and arrears) on 1 January, of the parents."""
    t = world.income_and_care
    c = t.circumstances
    lives = world.lives
    for year in _years("PROBLEMATISCHESCHULDENTAB"):
        on = day(year, 1, 1)
        household = lives.household_on(on)[: t.n_adults]
        has = c.debt_state[:, c.column(year - 1)] > 0
        in_household = np.zeros(len(lives.household_from), dtype=bool)
        in_household[household[has & (household >= 0)]] = True
        rows = np.flatnonzero(household >= 0)
        for part in _slices(rows):
            episode = household[part]
            until = lives.household_until[episode].astype(np.int64)
            yield (
                year,
                pa.table(
                    _person_columns(t, part)
                    | {
                        "datumaanvanghh": text.dates(lives.household_from[episode]),
                        "datumeindehh": text.dates(until - 1, missing=until >= day(year, 12, 31), missing_text=OPEN),
                        "huishoudnr": text.digits(lives.household_number[episode], 12),
                        "smalle_def_problematische_schulden": has[part].astype(np.int32),
                        "smalle_def_problematische_schulden_hh": in_household[episode].astype(np.int32),
                    }
                ),
            )


# --- care --------------------------------------------------------------------------------------------------------


@functools.lru_cache(maxsize=4)
def _columns_of(component: str, year: int) -> frozenset[str]:
    register = load_catalogue().registers[component.lower()]
    return frozenset(
        column.name for column in register.columns_expanded() if column.years is None or year in column.years
    )


class _Deliveries(NamedTuple):
    """Deliveries and maternity care of mothers in a year, shape (n_adults,).

    Attributes:
        has_delivered: the mother gave birth in the year.
        maternity_cents: what her insurer paid for maternity care, in eurocents.
    """

    has_delivered: Bool
    maternity_cents: NDArray[np.int64]


@functools.cache
def maternity_tariffs() -> dict[int, dict[str, float]]:
    """Tariffs and fees of maternity care by year, from the seed.

    Raises:
        KansrijkeStartError: the seed is missing.
    """
    place = PROJECT_ROOT / "seeds" / "prices" / "maternity_care_tariffs.csv"
    if not place.is_file():
        raise KansrijkeStartError(f"{place} is missing: restore it from the repository (git checkout -- {place}).")
    with place.open(encoding="utf-8", newline="") as file:
        return {
            int(row["year"]): {name: float(value) for name, value in row.items() if name.endswith(("euro", "_hour"))}
            for row in csv.DictReader(file)
        }


def _deliveries(world: World, year: int) -> _Deliveries:
    """Deliveries of a year, and costs of the maternity care in it.

    Hours are spread evenly over the days of care, so those of births in the last days of December cost partly the next
    year's tariff; registration and intake are paid in the year of birth.
    """
    population, events = world.population, world.events
    tariff = maternity_tariffs()
    # The seed ends with the last year that costs are read of; later costs have the last tariffs.
    prices = tariff[min(max(year, min(tariff)), max(tariff))]
    per_hour = prices["euro_per_hour"] - prices["own_contribution_euro_per_hour"]
    days = int(world.parameters["perinatal.maternity_care.days"])
    first = population.event_date.astype(np.int64)
    here = np.flatnonzero(
        (population.event_mother >= 0) & (first >= day(year - 1, 12, 1)) & (first < day(year + 1, 1, 1))
    )
    first = first[here]
    inside = np.minimum(first + days, day(year + 1, 1, 1)) - np.maximum(first, day(year, 1, 1))
    share = np.maximum(inside, 0) / days
    born = first >= day(year, 1, 1)
    has_fees = born & ((events.maternity_quarters[here] > 0) | events.has_fees_only[here])
    euro = events.maternity_hours[here] * share * per_hour
    euro = euro + has_fees * (prices["registration_euro"] + prices["intake_home_euro"])
    n = world.circumstances.n_adults
    mother = population.event_mother[here]
    has_delivered = np.zeros(n, dtype=bool)
    has_delivered[mother[born]] = True
    # Whole cents, so that the sum of two deliveries does not depend on their order. Fees without care are whole euros
    # rounded down, so that no reader finds hours in them.
    in_cents = np.ceil(euro * 100 - 1e-6).astype(np.int64)
    in_cents = np.where(events.has_fees_only[here], in_cents // 100 * 100, in_cents)
    cents = np.zeros(n, dtype=np.int64)
    np.add.at(cents, mother, in_cents)
    return _Deliveries(has_delivered, cents)


def zvwzorgkostentab(world: World) -> Iterator[tuple[int, pa.Table]]:
    """Costs of care of the parents and of the children, by calendar year."""
    t = world.income_and_care
    children = ChildCosts(world)
    for year in _years("ZVWZORGKOSTENTAB"):
        rows = np.flatnonzero(t.circumstances.has_care_record & _present_in_year(t, year))
        delivered = _deliveries(world, year)
        wanted = _columns_of("ZVWZORGKOSTENTAB", year)
        names: list[str] = []
        for part in _slices(rows):
            costs = _care_costs(t, part, year, delivered)
            names = [name for name in costs if name in wanted]
            yield year, pa.table(_person_columns(t, part) | {name: pa.array(costs[name]) for name in names})
        child, costs = children.of_year(year)
        if len(child):
            zero = pa.array(np.zeros(len(child), dtype=np.int32))
            amounts = {name: pa.array(costs[name]) if name in costs else zero for name in names}
            yield year, pa.table(_person_columns(t, child) | amounts)


def _lognormal(seed: int, stream: str, key: Int, median: Float | float, spread: float) -> Float:
    result: Float = np.exp(np.log(median) + spread * draws.normal(seed, stream, key))
    return result


def _care_costs(t: Tables, person: Int, year: int, deliveries: _Deliveries) -> dict[str, NDArray[np.int32]]:
    """Whole euros by column; every heading is at least the sum of its parts."""
    p = t.world.parameters["care"]
    seed = t.world.seed
    key = _in_year(person, year)
    c = t.circumstances
    latent = c.adult_class[person]
    multiplier = {name: np.array(values)[latent] for name, values in p["class_multiplier"].items()}
    n = len(person)
    costs: dict[str, NDArray[np.int32]] = {}

    def whole(values: NDArray[Any]) -> NDArray[np.int32]:
        return np.rint(values).astype(np.int32)

    def sparse(share: NDArray[Any] | float, stream: str, median: Any, spread: float) -> NDArray[np.int32]:
        """Amounts of those who have any, zero for the others."""
        result = np.zeros(n, dtype=np.int32)
        users = np.flatnonzero(draws.uniform(seed, f"zvw/{stream}", key) < share)
        middle = median[users] if isinstance(median, np.ndarray) else median
        result[users] = np.maximum(whole(_lognormal(seed, f"zvw/{stream}/amount", key[users], middle, spread)), 1)
        return result

    gp = p["general_practitioner"]
    fee = gp["registration"]
    surcharge = draws.uniform(seed, "zvw/deprived area", person) < fee["surcharge_share"]
    costs["nopzvwkhuisartsinschrijf"] = whole(
        fee["euro_2015"] + fee["growth"] * (year - 2015) + fee["surcharge"] * surcharge
    )
    visits = gp["consultations"]
    woman = t.world.population.persons.sex[person] == 2
    mean = np.where(woman, visits["women"], visits["men"]) * multiplier["general_practitioner"]
    # A gamma-like spread: the square of a normal with the right mean keeps many at nothing and a few at much.
    count = np.floor(mean * 0.5 * draws.normal(seed, "zvw/consultations", key) ** 2 + mean * 0.5)
    costs["nopzvwkhuisartsconsult"] = whole(count * visits["euro"])
    costs["nopzvwkhuisartsoverig"] = sparse(
        gp["other"]["share"], "huisarts other", gp["other"]["euro"], gp["other"]["spread"]
    )
    costs["zvwkhuisarts"] = (
        costs["nopzvwkhuisartsinschrijf"] + costs["nopzvwkhuisartsconsult"] + costs["nopzvwkhuisartsoverig"]
    )
    for name, heading in p["headings"].items():
        factor = multiplier["hospital" if name == "zvwkziekenhuis" else "other"]
        share = np.minimum(heading["share"] * factor ** heading["on_share"], 0.98)
        median = heading["euro"] * factor ** heading["on_amount"]
        costs[name] = sparse(share, name, median, heading["spread"])
    _birth_costs(t, p["birth"], costs, person, key, deliveries)
    costs["nopzvwkfysiotherapie"] = np.where(
        draws.uniform(seed, "zvw/fysio", key) < 0.8, costs["zvwkparamedisch"], 0
    ).astype(np.int32)
    costs["nopzvwkparamedischov"] = costs["zvwkparamedisch"] - costs["nopzvwkfysiotherapie"]
    lying = draws.uniform(seed, "zvw/transport", key) < 0.8
    costs["nopzvwkziekenvervoerlig"] = np.where(lying, costs["zvwkziekenvervoer"], 0).astype(np.int32)
    costs["nopzvwkziekenvervoerzit"] = costs["zvwkziekenvervoer"] - costs["nopzvwkziekenvervoerlig"]
    costs["nopzvwkeerstelijnsond"] = sparse(0.3, "primary diagnostics", 40.0, 0.7)
    costs["nopzvwkbuitenlgrens"] = np.where(
        draws.uniform(seed, "zvw/abroad", key) < 0.6, costs["zvwkbuitenland"], 0
    ).astype(np.int32)
    costs["nopzvwkbuitenlzinl"] = np.zeros(n, dtype=np.int32)
    costs["nopzvwklangdggz"] = np.zeros(n, dtype=np.int32)
    _mental_costs(t, p["mental_health_care"], costs, person, year, key)
    wanted = _columns_of("ZVWZORGKOSTENTAB", year)
    total = np.zeros(n, dtype=np.int32)
    for name, values in costs.items():
        if name.startswith("zvwk") and name in wanted:
            total += values
    costs["zvwktotaal"] = total
    costs["nopzvwkvrijwilligeigenrisico"] = np.where(
        draws.uniform(seed, "zvw/voluntary deductible", person) < float(p["voluntary_deductible"]), 500, 0
    ).astype(np.int32)
    return costs


def _birth_costs(
    t: Tables,
    p: dict[str, Any],
    costs: dict[str, NDArray[np.int32]],
    person: Int,
    key: Int,
    deliveries: _Deliveries,
) -> None:
    seed = t.world.seed
    n = len(person)
    rows = np.flatnonzero(deliveries.has_delivered[person])
    own = key[rows]
    obstetrics = np.zeros(n, dtype=np.int32)
    has = draws.uniform(seed, "zvw/obstetrics", own) >= p["obstetrics"]["none"]
    obstetrics[rows] = np.where(
        has, _lognormal(seed, "zvw/obstetrics/amount", own, p["obstetrics"]["euro"], p["obstetrics"]["spread"]), 0
    )
    # Rounded up: hours that a reader finds in the costs never fall below a boundary by rounding.
    maternity = (-(-deliveries.maternity_cents[person] // 100)).astype(np.int32)
    costs["nopzvwkverloskunde"] = obstetrics
    costs["nopzvwkkraamzorg"] = maternity
    costs["zvwkgeboortezorg"] = obstetrics + maternity
    has = draws.uniform(seed, "zvw/hospital birth", own) < p["hospital"]["share"]
    hospital = costs["zvwkziekenhuis"]
    hospital[rows] += np.where(
        has, _lognormal(seed, "zvw/hospital birth/amount", own, p["hospital"]["euro"], p["hospital"]["spread"]), 0
    ).astype(np.int32)


def _mental_costs(
    t: Tables, p: dict[str, Any], costs: dict[str, NDArray[np.int32]], person: Int, year: int, key: Int
) -> None:
    seed = t.world.seed
    c = t.circumstances
    rows = np.flatnonzero(c.mental_care[person, c.column(year)])
    own = key[rows]
    u = draws.uniform(seed, "zvw/ggz kind", own)
    basic_only, specialist_only = float(p["basic_only"]), float(p["specialist_only"])
    has_basic = (u < basic_only) | (u >= basic_only + specialist_only)
    has_specialist = u >= basic_only
    basic = np.maximum(_lognormal(seed, "zvw/ggz basic", own, p["basic_euro"], p["basic_spread"]), 1) * has_basic
    specialist = (
        np.maximum(_lognormal(seed, "zvw/ggz specialist", own, p["specialist_euro"], p["specialist_spread"]), 1)
        * has_specialist
    )
    for name, amount in (
        ("zvwkgenbasggz", basic),
        ("zvwkspecggz", specialist),
        ("zvwkggzzpmtotaal", basic + specialist),
    ):
        values = np.zeros(len(person), dtype=np.int32)
        values[rows] = np.rint(amount)
        costs[name] = values


def medicijntab(world: World) -> Iterator[tuple[int, pa.Table]]:
    """ATC4 groups dispensed to the parents, by calendar year."""
    t = world.income_and_care
    p = world.parameters["care"]["medication"]
    labels = [*p["atc4"], *p["psychotropic"]]
    for year in _years("MEDICIJNTAB"):
        rows = np.flatnonzero(_present_in_year(t, year))
        for part in _slices(rows):
            person, code = _dispensed(t, p, part, year)
            for piece in _slices(np.arange(len(person))):
                yield year, pa.table(_person_columns(t, person[piece]) | {"atc4": text.codes(code[piece], labels)})


def _dispensed(t: Tables, p: dict[str, Any], person: Int, year: int) -> tuple[Int, Int]:
    """Pairs of person and ATC4 group of a year, sorted by person.

    The groups of a person-year are drawn systematically from the frequencies of the groups, from one uniform number and
    a place on the list to start from, so that no group is drawn twice.
    """
    seed = t.world.seed
    c = t.circumstances
    key = _in_year(person, year)
    mother = person < t.world.population.n_mothers
    woman = t.world.population.persons.sex[person] == 2
    latent = c.adult_class[person]
    means = np.array([p["mean_codes"]["other_parent"], p["mean_codes"]["mother"]])
    spread = p["frailty"]
    frailty = np.exp(
        spread["person"] * draws.normal(seed, "medication/person", person)
        + spread["year"] * draws.normal(seed, "medication/year", key)
        - 0.5 * (spread["person"] ** 2 + spread["year"] ** 2)
    )
    mean = means[mother.astype(int), latent] * frailty
    frequency = np.array(list(p["atc4"].values()), dtype=np.float64)
    persons: list[Int] = []
    codes: list[Int] = []
    for sex in (0, 1):
        chosen = np.flatnonzero(woman == (sex == 0))
        share = frequency[:, sex] / frequency[:, sex].sum()
        cumulative = np.cumsum(share)
        # No group twice: a step on the list is at least as long as its most frequent group.
        expected = np.minimum(mean[chosen], 1.0 / share.max() - 1.5)
        own = key[chosen]
        count = np.floor(expected + draws.uniform(seed, "medication/count", own)).astype(np.int64)
        step = 1.0 / np.maximum(expected, 1e-9)
        begin = draws.uniform(seed, "medication/begin", own)
        row = np.repeat(np.arange(len(chosen)), count)
        number = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
        # `count` steps of at least the longest group, once around the list.
        step = np.minimum(step, 1.0 / np.maximum(count, 1))
        place = (begin[row] + number * step[row]) % 1.0
        persons.append(person[chosen][row])
        codes.append(np.minimum(np.searchsorted(cumulative, place, side="right"), len(share) - 1))
    treated = np.flatnonzero(c.mental_medication[person, c.column(year)])
    shares = p["psychotropic"]
    use = np.stack(
        [draws.uniform(seed, f"medication/{name}", key[treated]) < float(share) for name, share in shares.items()],
        axis=1,
    )
    use[~use.any(axis=1), 0] = True
    row, column = np.nonzero(use)
    persons.append(person[treated][row])
    codes.append(column + len(frequency))
    who = np.concatenate(persons)
    what = np.concatenate(codes)
    order = np.argsort(who.astype(np.int64) * 64 + what, kind="stable")
    return who[order], what[order]


REGISTERS: dict[str, Callable[[World], Iterator[tuple[int, pa.Table]]]] = {
    "KOPPELPERSOONHUISHOUDEN": koppelpersoonhuishouden,
    "INHATAB": inhatab,
    "SECMBUS": secmbus,
    "HOOGSTEOPLTAB": hoogsteopltab,
    "WANBZVWTAB": wanbzvwtab,
    "WSNPPERSBUS": wsnppersbus,
    "PROBLEMATISCHESCHULDENTAB": problematischeschuldentab,
    "ZVWZORGKOSTENTAB": zvwzorgkostentab,
    "MEDICIJNTAB": medicijntab,
}
"""The registers of this module by CBS component."""
