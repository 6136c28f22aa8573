"""What happens around every birth: deaths, intensive care, hospital stay, maternity care, psychosocial care.

:func:`draw` draws it once; deaths, costs and the hospital registers are written from it. Numbers of events are fixed by
rounding their expectation in strata of birth year, region (boroughs of Amsterdam, elsewhere) and risk, in the
population of the Regiobeeld and outside it, so that they hardly vary; who in a stratum has the event follows from
propensities, so that a child born too early is more often on intensive care.

Conventions of `population` hold: dates are days since 1970; days of life count from 0, the day of birth.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kansrijke_start.synthetic import draws
from kansrijke_start.synthetic.calibration import controlled_counts, divide, ranks_within, select_highest
from kansrijke_start.synthetic.circumstances import Circumstances
from kansrijke_start.synthetic.parameters_loader import Parameters
from kansrijke_start.synthetic.population import (
    FIRST_YEAR,
    LAST_YEAR,
    OriginClass,
    Population,
    january_first,
)

Bool = NDArray[np.bool_]
Float = NDArray[np.float64]
Int = NDArray[np.int64]
Int8 = NDArray[np.int8]
Int16 = NDArray[np.int16]
Int32 = NDArray[np.int32]

YEARS = LAST_YEAR - FIRST_YEAR + 1
#: Value of a day of life for "does not happen".
NEVER = -1
PRETERM_26_32, PRETERM_UNDER_26 = 1, 2
NONE, LOW, MIDDLE, HIGH = 0, 1, 2, 3
MATERNITY_CLASSES = ("none", "low", "middle", "high")
#: Order of `ConditionCare.condition`; the groups of the code list of diagnoses.
CONDITIONS = ("crying_baby", "eating_disorder", "sleep_disorder", "threatened_development", "other_psychosocial")
#: Last day of life at whose night a hospital stay around birth counts.
LAST_STAY_DAY = 7
_AMSTERDAM, _ELSEWHERE = "amsterdam", "netherlands"


@dataclass
class Admissions:
    """Admissions of children to one kind of intensive care, one element an admission, sorted by child.

    Attributes:
        birth: int32, index in `Births`.
        first_day: int16, day of life of the first day.
        days: int16, number of consecutive calendar days.
    """

    birth: Int32
    first_day: Int16
    days: Int16


@dataclass
class ConditionCare:
    """First care of children for a psychosocial condition, one element a child and condition.

    Attributes:
        birth: int32, index in `Births`.
        condition: int8, position in `CONDITIONS`.
        start: int32, day on which the care begins.
    """

    birth: Int32
    condition: Int8
    start: Int32


@dataclass
class BirthEvents:
    """Events of all births (shape (n_births,)) and deliveries, which are birth events (shape (n_events,)).

    Attributes:
        has_risk: bool (n_births,), at least one of the four risk factors (False without a mother).
        death_day: int16 (n_births,), day of life on which a child dies in the first year, NEVER for the others.
        preterm: int8 (n_births,), 0, PRETERM_26_32 or PRETERM_UNDER_26.
        nicu, picu: admissions of children.
        has_stay: bool (n_events,), hospital stay of mother or child around birth.
        mother_first_night, mother_nights: int16 (n_events,), stay of the mother (NEVER and 0 when she has none).
        child_first_night, child_nights: int16 (n_births,), the same of the child.
        maternity_class: int8 (n_events,), position in `MATERNITY_CLASSES` (NONE without a mother or a living child).
        maternity_quarters: int16 (n_events,), quarters of an hour of maternity care.
        has_fees_only: bool (n_events,), registered and had an intake but no hour of care.
        conditions: first psychosocial care of children.
    """

    has_risk: Bool
    death_day: Int16
    preterm: Int8
    nicu: Admissions
    picu: Admissions
    has_stay: Bool
    mother_first_night: Int16
    mother_nights: Int16
    child_first_night: Int16
    child_nights: Int16
    maternity_class: Int8
    maternity_quarters: Int16
    has_fees_only: Bool
    conditions: ConditionCare

    @property
    def maternity_hours(self) -> Float:
        """Hours of maternity care of each delivery."""
        hours: Float = self.maternity_quarters / 4.0
        return hours


class _Target(NamedTuple):
    """Expected events: by stratum of births (`_Frame.stratum`) and risk, shape (strata, 2)."""

    expected: Float
    name: str


class _Frame:
    """Births with what the steps share.

    A stratum is population (0 Regiobeeld, 1 rest) x birth year x region (0 elsewhere, then the boroughs).
    """

    def __init__(self, population: Population, circumstances: Circumstances, parameters: Parameters, seed: int) -> None:
        births = population.births
        self.population, self.births, self.seed = population, births, seed
        self.circumstances = circumstances
        self.p: Mapping[str, Any] = parameters["perinatal"]
        self.n, self.n_events = len(births), population.n_events
        self.index = np.arange(self.n)
        unit = circumstances.unit_of_event
        units = circumstances.units
        known = unit >= 0
        at = np.maximum(unit, 0)
        risk = (units.single_parent | units.debt | units.mental_health | units.low_income)[at] & known
        self.event_risk = risk
        self.event_limited = (units.low_income | units.debt)[at] & known
        self.risk = risk[births.event]
        self.year = births.birth_year.astype(np.int64) - FIRST_YEAR
        self.regions = len(population.regions.borough_codes) + 1
        self.region = population.regions.borough[births.region].astype(np.int64)
        self.in_regiobeeld = births.in_regiobeeld
        self.stratum = self.strata(~self.in_regiobeeld)
        self.n_strata = 2 * YEARS * self.regions
        #: Live births by stratum and risk.
        live = births.is_live
        cells = np.bincount((self.stratum * 2 + self.risk)[live], minlength=self.n_strata * 2)
        self.live = cells.reshape(self.n_strata, 2)
        self.days_left = january_first(births.birth_year + 1) - 1 - births.birth_date
        own = draws.normal(seed, "birth_events/frailty", self.index)
        shared = draws.normal(seed, "birth_events/frailty/delivery", births.event)
        self.frailty = np.sqrt(0.5) * (own + shared)

    def strata(self, outside: Bool) -> Int:
        """Stratum of each birth for a division of the population into two."""
        return (outside.astype(np.int64) * YEARS + self.year) * self.regions + self.region

    def uniform(self, name: str, index: NDArray[Any] | None = None) -> Float:
        return draws.uniform(self.seed, f"birth_events/{name}", self.index if index is None else index)

    def normal(self, name: str, index: NDArray[Any] | None = None) -> Float:
        return draws.normal(self.seed, f"birth_events/{name}", self.index if index is None else index)

    def offset(self, name: str) -> float:
        return draws.uniform_one(self.seed, f"birth_events/{name}/offset")


def draw(population: Population, circumstances: Circumstances, parameters: Parameters, seed: int) -> BirthEvents:
    """Draw what happens around all births.

    Args:
        population: people and births.
        circumstances: risk factors of the families.
        parameters: parameters of the scenario; `perinatal` is used.
        seed: seed of the world.

    Returns:
        The events; the same for the same arguments, whatever the machine.
    """
    frame = _Frame(population, circumstances, parameters, seed)
    preterm = _draw_preterm(frame)
    death_day = _draw_deaths(frame, preterm)
    nicu = _draw_nicu(frame, preterm, death_day)
    picu = _draw_picu(frame, preterm, death_day)
    stay = _draw_stay(frame, preterm, death_day, nicu, picu)
    maternity_class, quarters, fees_only = _draw_maternity_care(frame, stay.has_stay)
    conditions = _draw_conditions(frame, death_day, stay.has_stay, maternity_class)
    return BirthEvents(
        has_risk=frame.risk,
        death_day=death_day,
        preterm=preterm,
        nicu=nicu,
        picu=picu,
        has_stay=stay.has_stay,
        mother_first_night=stay.mother_first_night,
        mother_nights=stay.mother_nights,
        child_first_night=stay.child_first_night,
        child_nights=stay.child_nights,
        maternity_class=maternity_class,
        maternity_quarters=quarters,
        has_fees_only=fees_only,
        conditions=conditions,
    )


# --- expected numbers --------------------------------------------------------------------------------------------


def _nearest(given: Iterable[int], year: int) -> int:
    """The year that is nearest, the earlier one when two are equally near."""
    return min((abs(known - year), known) for known in given)[1]


def _by_year(value: float | Mapping[int, float]) -> Float:
    """A number for each birth year; years that are not given take the nearest one (the earlier when equally near)."""
    if not isinstance(value, Mapping):
        return np.full(YEARS, float(value))
    return np.array([float(value[_nearest(value, year)]) for year in range(FIRST_YEAR, LAST_YEAR + 1)])


def _odds(share: Float | float) -> Any:
    bounded = np.clip(share, 1e-6, 1 - 1e-6)
    return bounded / (1 - bounded)


def _share_of_risk(actual: Float, published: float, among_events: float) -> Float:
    """Share with risk among children with an event when the share among all births is `actual`.

    The odds ratio is that of the published shares among children with the event and among all births.
    """
    odds = _odds(actual) * _odds(among_events) / _odds(published)
    return np.asarray(odds / (1 + odds))


def _ratio(part: Float, whole: Float) -> Float:
    """Part of the whole; 0 where there is no whole."""
    return np.divide(part, whole, out=np.zeros(np.broadcast_shapes(part.shape, whole.shape)), where=whole > 0)


def _expected(
    frame: _Frame, city_rate: Float, country_rate: Float, name: str, boroughs: Float | None = None
) -> _Target:
    """Expected events by stratum and risk.

    Args:
        city_rate: events for each birth in Amsterdam by birth year (not used when `boroughs` is given).
        country_rate: the same in the country, Amsterdam included.
        name: parameter with the shares with a risk factor.
        boroughs: expected events by birth year and borough, shape (years, boroughs).
    """
    published = frame.p["all_births"]["with_risk_factor"]
    among = frame.p[name]["with_risk_factor"]
    live = frame.live.reshape(2, YEARS, frame.regions, 2).astype(np.float64)
    inside = live[0]
    city = inside[:, 1:].sum(axis=1)
    country = inside.sum(axis=1)
    in_country = _share_of_risk(
        _ratio(country[:, 1], country.sum(axis=1)), published["netherlands"], among["netherlands"]
    )
    # Where only the country is published, Amsterdam has its odds ratio.
    of_city = among.get(_AMSTERDAM)
    reference = published["netherlands"] if of_city is None else published[_AMSTERDAM]
    in_city = _share_of_risk(
        _ratio(city[:, 1], city.sum(axis=1)), reference, among["netherlands"] if of_city is None else of_city
    )
    result = np.zeros((YEARS, frame.regions, 2))
    if boroughs is None:
        events = city_rate * city.sum(axis=1)
        split = np.stack([events * (1 - in_city), events * in_city], axis=1)
        result[:, 1:] = _ratio(inside[:, 1:], city[:, None]) * split[:, None]
    else:
        events = boroughs.sum(axis=1)
        split = np.stack([events * (1 - in_city), events * in_city], axis=1)
        result[:, 1:] = _fit_margins(inside[:, 1:], boroughs, split)
    all_events = country_rate * country.sum(axis=1)
    with_risk = all_events * in_country - result[:, 1:, 1].sum(axis=1)
    without = all_events * (1 - in_country) - result[:, 1:, 0].sum(axis=1)
    result[:, 0, 1], result[:, 0, 0] = np.maximum(with_risk, 0), np.maximum(without, 0)
    result = np.minimum(result, inside)
    # Outside the population of the Regiobeeld the chances are the same.
    rest = np.minimum(_ratio(result, inside), 1.0) * live[1]
    return _Target(np.stack([result, rest]).reshape(frame.n_strata, 2), name)


def _fit_margins(births: Float, rows: Float, columns: Float) -> Float:
    """Tables (years, boroughs, risk) in proportion to births, scaled to totals by borough and by risk."""
    table = births + 1e-9
    for _ in range(200):
        table = table * _ratio(rows, table.sum(axis=2))[:, :, None]
        table = table * _ratio(columns, table.sum(axis=1))[:, None]
    table = table * _ratio(rows, table.sum(axis=2))[:, :, None]
    return np.where(births > 0, table, 0.0)


def _choose(frame: _Frame, target: _Target, score: Float, allowed: Bool | None = None) -> Bool:
    """Choose live births with the highest scores; numbers by stratum and by stratum and risk are near their targets.

    The number in any run of strata is within one of its expectation, in all and with risk, unless births are lacking.
    """
    total = controlled_counts(target.expected.sum(axis=1), frame.offset(target.name))
    with_risk = controlled_counts(target.expected[:, 1], frame.offset(f"{target.name}/risk"))
    with_risk = np.minimum(np.minimum(with_risk, total), frame.live[:, 1])
    without = np.minimum(total - with_risk, frame.live[:, 0])
    wanted = np.stack([without, with_risk], axis=1).ravel()
    candidates = frame.births.is_live if allowed is None else frame.births.is_live & allowed
    rows = np.flatnonzero(candidates)
    cell = frame.stratum[rows] * 2 + frame.risk[rows]
    rank, _ = ranks_within(cell, score[rows], frame.n_strata * 2)
    chosen = np.zeros(frame.n, dtype=bool)
    chosen[rows[rank < wanted[cell]]] = True
    return chosen


# --- events of children ------------------------------------------------------------------------------------------


def _draw_preterm(frame: _Frame) -> Int8:
    result = np.zeros(frame.n, dtype=np.int8)
    score = frame.frailty + frame.births.is_multiple + frame.normal("preterm")
    rate = frame.p["preterm_under_26"]["per_1000"]
    target = _expected(frame, _by_year(rate[_AMSTERDAM]) / 1000, _by_year(rate[_ELSEWHERE]) / 1000, "preterm_under_26")
    result[_choose(frame, target, score)] = PRETERM_UNDER_26
    one_in = frame.p["preterm_26_32"]["one_in"]
    target = _expected(frame, 1 / _by_year(one_in[_AMSTERDAM]), 1 / _by_year(one_in[_ELSEWHERE]), "preterm_26_32")
    score = frame.frailty + frame.births.is_multiple + frame.normal("preterm_26_32")
    result[_choose(frame, target, score, result == 0)] = PRETERM_26_32
    return result


def _draw_deaths(frame: _Frame, preterm: Int8) -> Int16:
    """Day of life of death in the first year."""
    settings = frame.p["neonatal_death"]
    rate = settings["per_1000"]
    target = _expected(frame, _by_year(rate[_AMSTERDAM]) / 1000, _by_year(rate[_ELSEWHERE]) / 1000, "neonatal_death")
    score = frame.frailty + 1.2 * (preterm == PRETERM_26_32) + 3.0 * (preterm == PRETERM_UNDER_26)
    neonatal = _choose(frame, target, score + frame.normal("neonatal_death"))
    result = np.full(frame.n, NEVER, dtype=np.int16)
    days = np.array(list(settings["days"]), dtype=np.int16)
    weights = list(settings["days"].values())
    rows = np.flatnonzero(neonatal)
    result[rows] = days[draws.categorical(frame.uniform("neonatal_death/day", rows), weights)]
    later = frame.p["later_infant_death"]
    rows = np.flatnonzero(
        frame.births.is_live & ~neonatal & (frame.uniform("later_infant_death") < float(later["share"]))
    )
    delay = -np.log1p(-frame.uniform("later_infant_death/day", rows)) * float(later["mean_days"])
    result[rows] = np.minimum(29 + np.floor(delay), 364).astype(np.int16)
    return result


def _lognormal_days(frame: _Frame, name: str, rows: Int, median: Float | float, spread: float, most: int) -> Int:
    drawn = median * np.exp(spread * frame.normal(f"{name}/days", rows))
    return np.clip(np.rint(drawn), 1, most).astype(np.int64)


def _alive_until(rows: Int, death_day: Int16) -> Int:
    """Last day of life in the first year, a large number for who lives."""
    death = death_day[rows].astype(np.int64)
    return np.where(death == NEVER, 10_000, death)


def _admissions(
    frame: _Frame, name: str, rows: Int, first: Int, days: Int, death_day: Int16, settings: Mapping[str, Any]
) -> Admissions:
    """Admissions cut off at death, with second ones in the calendar year of birth."""
    alive = _alive_until(rows, death_day)
    first = np.minimum(first, alive)
    days = np.minimum(days, alive - first + 1)
    again = settings["again"]
    least, most = int(again["least"]), int(again["most"])
    gap = least + np.floor(frame.uniform(f"{name}/again/gap", rows) * (most - least + 1)).astype(np.int64)
    second = first + days + gap
    has = frame.uniform(f"{name}/again", rows) < float(again["share"])
    has &= second <= np.minimum(alive, frame.days_left[rows])
    second_days = np.minimum(1 + days // 2, alive - second + 1)
    birth = np.concatenate([rows, rows[has]])
    starts = np.concatenate([first, second[has]])
    lengths = np.concatenate([days, second_days[has]])
    order = np.lexsort((starts, birth))
    return Admissions(birth[order].astype(np.int32), starts[order].astype(np.int16), lengths[order].astype(np.int16))


def _draw_nicu(frame: _Frame, preterm: Int8, death_day: Int16) -> Admissions:
    settings = frame.p["nicu"]
    rate = settings["per_1000"]
    target = _expected(frame, _by_year(rate[_AMSTERDAM]) / 1000, _by_year(rate[_ELSEWHERE]) / 1000, "nicu")
    score = frame.frailty + 2.5 * (preterm > 0) + 0.8 * (death_day >= 0) + frame.normal("nicu")
    rows = np.flatnonzero(_choose(frame, target, score))
    start = settings["first_day"]
    delay = 1 + np.floor(-np.log1p(-frame.uniform("nicu/delay", rows)) * float(start["mean_days"])).astype(np.int64)
    first = np.where(frame.uniform("nicu/first", rows) < float(start["on_day_of_birth"]), 0, np.minimum(delay, 27))
    first = np.minimum(first, frame.days_left[rows])
    days = settings["days"]
    median = np.where(preterm[rows] > 0, float(days["preterm"]), float(days["other"]))
    length = _lognormal_days(frame, "nicu", rows, median, float(days["spread"]), int(days["most"]))
    return _admissions(frame, "nicu", rows, first, length, death_day, settings)


def _picu_boroughs(frame: _Frame) -> Float:
    """Expected children on a PICU by birth year and borough, for the births of the Regiobeeld."""
    settings = frame.p["picu"]
    codes = frame.population.regions.borough_codes
    counts, shift = settings["borough_counts"], settings["borough_shift"]
    births = frame.live.reshape(2, YEARS, frame.regions, 2)[0, :, 1:].sum(axis=2).astype(np.float64)
    result = np.zeros_like(births)
    for number in range(YEARS):
        year = _nearest(counts, FIRST_YEAR + number)
        published = np.array([float(counts[year].get(code, 0)) for code in codes])
        published = np.where(published > 0, published + float(shift[year]), 0.0) * frame.population.fraction
        result[number] = published * _ratio(births[number], births[year - FIRST_YEAR])
    return np.minimum(result, births)


def _draw_picu(frame: _Frame, preterm: Int8, death_day: Int16) -> Admissions:
    settings = frame.p["picu"]
    country = _by_year(settings["per_1000"][_ELSEWHERE]) / 1000
    target = _expected(frame, np.zeros(YEARS), country, "picu", _picu_boroughs(frame))
    score = 0.5 * frame.frailty + 0.8 * (preterm > 0) + 0.4 * (death_day >= 0) + frame.normal("picu")
    chosen = _choose(frame, target, score)
    rows = np.flatnonzero(chosen)
    left = np.minimum(frame.days_left[rows], _alive_until(rows, death_day))
    first = np.floor(frame.uniform("picu/first", rows) ** float(settings["first_day_power"]) * (left + 1))
    days = settings["days"]
    length = _lognormal_days(frame, "picu", rows, float(days["median"]), float(days["spread"]), int(days["most"]))
    in_year = _admissions(frame, "picu", rows, first.astype(np.int64), length, death_day, settings)
    later = np.flatnonzero(
        frame.births.is_live & ~chosen & (frame.uniform("picu/next_year") < float(settings["next_year_share"]))
    )
    begin = frame.days_left[later] + 1 + np.floor(frame.uniform("picu/next_year/day", later) * 364).astype(np.int64)
    lives = begin <= _alive_until(later, death_day)
    later, begin = later[lives], begin[lives]
    length = _lognormal_days(frame, "picu", later, float(days["median"]), float(days["spread"]), int(days["most"]))
    length = np.minimum(length, _alive_until(later, death_day) - begin + 1)
    birth = np.concatenate([in_year.birth, later])
    order = np.argsort(birth, kind="stable")
    return Admissions(
        birth[order].astype(np.int32),
        np.concatenate([in_year.first_day, begin])[order].astype(np.int16),
        np.concatenate([in_year.days, length])[order].astype(np.int16),
    )


# --- hospital stay around birth ----------------------------------------------------------------------------------


class _Stay(NamedTuple):
    has_stay: Bool
    mother_first_night: Int16
    mother_nights: Int16
    child_first_night: Int16
    child_nights: Int16


class _Deliveries(NamedTuple):
    """Deliveries with a mother: their first living child (else the first child) stands for them.

    Attributes:
        event: number of the delivery.
        lead: birth that stands for it.
        has_live: a child was born alive.
        is_multiple: twins.
        with_record: in the population of the Regiobeeld, and the mother has a record in the health-insurance registers.
        stratum: as `_Frame.stratum`, for `with_record` and the rest.
    """

    event: Int
    lead: Int
    has_live: Bool
    is_multiple: Bool
    with_record: Bool
    stratum: Int

    def only(self, chosen: Bool) -> _Deliveries:
        """Some of the deliveries."""
        return _Deliveries(
            event=self.event[chosen],
            lead=self.lead[chosen],
            has_live=self.has_live[chosen],
            is_multiple=self.is_multiple[chosen],
            with_record=self.with_record[chosen],
            stratum=self.stratum[chosen],
        )


def _with_record(frame: _Frame) -> Bool:
    births = frame.births
    record = np.zeros(frame.n, dtype=bool)
    known = births.mother >= 0
    record[known] = frame.circumstances.has_care_record[births.mother[known]]
    result: Bool = births.in_regiobeeld & record & ~births.zvw_missing
    return result


def _deliveries(frame: _Frame) -> _Deliveries:
    births = frame.births
    first = frame.population.event_first_birth.astype(np.int64)
    lead = first.copy()
    live_rows = np.flatnonzero(births.is_live)[::-1]
    lead[births.event[live_rows]] = live_rows
    event = np.flatnonzero(frame.population.event_mother >= 0)
    lead = lead[event]
    record = _with_record(frame)[lead]
    return _Deliveries(
        event=event,
        lead=lead,
        has_live=births.is_live[lead],
        is_multiple=births.is_multiple[lead],
        with_record=record,
        stratum=((~record).astype(np.int64) * YEARS + frame.year[lead]) * frame.regions + frame.region[lead],
    )


def _draw_stay(frame: _Frame, preterm: Int8, death_day: Int16, nicu: Admissions, picu: Admissions) -> _Stay:
    settings = frame.p["hospital_stay"]
    births = frame.births
    d = _deliveries(frame)
    forced_child = preterm > 0
    # Twins can be born on two days; the days that count begin with the first one.
    lag = births.birth_date.astype(np.int64) - frame.population.event_date[births.event]
    for admissions in (nicu, picu):
        early = admissions.first_day + lag[admissions.birth] <= LAST_STAY_DAY
        forced_child[admissions.birth[early]] = True
    forced_event = np.zeros(frame.n_events, dtype=bool)
    forced_event[births.event[forced_child]] = True
    share = _stay_share(frame, d)
    score = frame.normal("hospital_stay", d.event) + 0.5 * frame.frailty[d.lead]
    score[forced_event[d.event]] = np.inf
    cell = (d.stratum * 2 + frame.event_risk[d.event]) * 2 + d.is_multiple
    stays = select_highest(cell, share, score, frame.offset("hospital_stay"))
    has_stay = np.zeros(frame.n_events, dtype=bool)
    has_stay[d.event[stays]] = True
    event = d.event[stays]
    who = draws.categorical(frame.uniform("hospital_stay/who", event), settings["who"])
    beside = frame.uniform("hospital_stay/beside child", event) < float(settings["mother_beside_child"])
    mother_stays = np.where(forced_event[event], beside, who != 1) | ~d.has_live[stays]
    child_stays = np.zeros(frame.n_events, dtype=bool)
    child_stays[event] = ~forced_event[event] & (who != 0)
    days = np.array(list(settings["first_night"]), dtype=np.int64)
    weights = list(settings["first_night"].values())

    def nights(name: str, rows: Int, last: Int, last_first: Int) -> tuple[Int, Int]:
        first = days[draws.categorical(frame.uniform(f"hospital_stay/{name}/first", rows), weights)]
        first = np.minimum(np.minimum(first, last), last_first)
        more = -np.log1p(-frame.uniform(f"hospital_stay/{name}/nights", rows)) * float(settings["nights"][name])
        count = np.minimum(1 + np.floor(more).astype(np.int64), int(settings["nights"]["most"]))
        return first, np.minimum(count, last - first + 1)

    mother_first = np.full(frame.n_events, NEVER, dtype=np.int16)
    mother_nights = np.zeros(frame.n_events, dtype=np.int16)
    rows = event[mother_stays]
    mother_first[rows], mother_nights[rows] = nights(
        "mother", rows, np.full(len(rows), 10_000), np.full(len(rows), LAST_STAY_DAY)
    )
    child_first = np.full(frame.n, NEVER, dtype=np.int16)
    child_nights = np.zeros(frame.n, dtype=np.int16)
    rows = np.flatnonzero(births.is_live & (births.mother >= 0) & (child_stays[births.event] | forced_child))
    child_first[rows], child_nights[rows] = nights(
        "child", rows, _alive_until(rows, death_day), LAST_STAY_DAY - lag[rows]
    )
    return _Stay(has_stay, mother_first, mother_nights, child_first, child_nights)


def _stay_share(frame: _Frame, d: _Deliveries) -> Float:
    """Share with a stay by stratum, risk and single or multiple delivery, shape (strata * 4,)."""
    settings = frame.p["hospital_stay"]
    births = frame.births
    fixed = births.is_live & _with_record(frame) & np.isin(births.birth_year, (2017, 2018))
    children = max(int(fixed.sum()), 1)
    multiple = int((fixed & births.is_multiple).sum())
    without = float(settings["children_without"]) * frame.population.fraction
    of_multiples = float(settings["multiple_share"])
    # What twins leave, over children born alone.
    singles = ((children - without) - of_multiples * multiple) / max(children - multiple, 1)
    singles = min(max(singles, 0.0), 0.9)
    relative = settings["relative"]
    risk, city = frame.risk, frame.region > 0
    weight = np.where(risk, float(relative["risk_factor"]), 1.0) * np.where(city, float(relative["amsterdam"]), 1.0)
    mean = float(weight[fixed].mean()) if fixed.any() else 1.0
    result = np.empty((2, YEARS, frame.regions, 2, 2))
    result[..., 0] = singles / mean
    result[..., 1, 0] *= float(relative["risk_factor"])
    result[:, :, 1:, :, 0] *= float(relative["amsterdam"])
    result[..., 1] = of_multiples
    return np.minimum(result, 1.0).ravel()


# --- maternity care ----------------------------------------------------------------------------------------------


def _draw_maternity_care(frame: _Frame, has_stay: Bool) -> tuple[Int8, Int16, Bool]:
    """Class, quarters of an hour, and whether there were fees only, of each delivery."""
    settings = frame.p["maternity_care"]
    births = frame.births
    everyone = _deliveries(frame)
    d = everyone.only(everyone.has_live)
    stay = has_stay[d.event]
    limited = frame.event_limited[d.event]
    tables = _class_tables(frame, d, stay, limited)
    shift = settings["propensity"]
    score = (
        frame.normal("maternity_care", d.event)
        + float(shift["non_western"]) * (births.origin_class[d.lead] == OriginClass.NON_WESTERN)
        + float(shift["single_parent"]) * frame.circumstances.single_parent[d.event]
        + float(shift["first_child"]) * (births.birth_rank[d.lead] == 1)
        + float(shift["multiple"]) * d.is_multiple
    )
    cell = (d.stratum * 2 + limited) * 2 + stay
    # The highest propensities get the most hours.
    level = HIGH - divide(cell, tables[:, ::-1], score, frame.offset("maternity_care"))
    result = np.zeros(frame.n_events, dtype=np.int8)
    result[d.event] = level
    quarters = np.zeros(frame.n_events, dtype=np.int16)
    for number, name in ((LOW, "low"), (MIDDLE, "middle"), (HIGH, "high")):
        rows = d.event[level == number]
        curve = settings["hours"][name]
        hours = draws.interpolate(frame.uniform("maternity_care/hours", rows), curve["hours"], curve["below"])
        quarters[rows] = np.floor(hours * 4).astype(np.int16)
    fees_only = np.zeros(frame.n_events, dtype=bool)
    rows = d.event[level == NONE]
    fees_only[rows] = frame.uniform("maternity_care/fees", rows) < float(settings["fees_without_care"])
    return result, quarters, fees_only


def _class_tables(frame: _Frame, d: _Deliveries, stay: Bool, limited: Bool) -> Float:
    """Distribution over the classes by stratum, financial capacity and stay, shape (strata * 4, 4)."""
    settings = frame.p["maternity_care"]
    codes = frame.population.regions.borough_codes
    without = d.with_record & ~stay
    cells = np.bincount((d.stratum * 2 + limited)[without], minlength=frame.n_strata * 2)
    deliveries = cells.reshape(2, YEARS, frame.regions, 2)[0].astype(np.float64)
    city = deliveries[:, 1:].sum(axis=1)
    year = 2021 - FIRST_YEAR
    high = float(settings["high_deliveries"]) * frame.population.fraction / max(city[year].sum(), 1.0)
    published = settings["without_stay"]
    shares = {
        _AMSTERDAM: (published["amsterdam"]["none"], published["amsterdam"]["low"], min(high, 0.8)),
        "elsewhere": (published["elsewhere"]["none"], published["elsewhere"]["low"], published["elsewhere"]["high"]),
    }
    ratio = _odds(float(settings["limited_financial_capacity"])) / _odds(
        float(_ratio(city[year, 1:], city[year].sum(keepdims=True))[0])
    )
    factor = np.array([float(settings["borough_factor"].get(code, 1.0)) for code in codes])
    tables = np.zeros((2, YEARS, frame.regions, 2, 2, 4))
    for number in range(YEARS):
        for name, part in ((_AMSTERDAM, slice(1, None)), ("elsewhere", slice(0, 1))):
            none, low, most = (float(share) for share in shares[name])
            births = deliveries[number, part]
            weight = factor[:, None] if name == _AMSTERDAM else np.ones((1, 1))
            odds = _odds(_ratio(births[:, 1].sum(keepdims=True), births.sum(keepdims=True).ravel())) * ratio
            among = float((odds / (1 + odds))[0])
            weighted = births * weight
            share_of_cell = _ratio(weighted, weighted.sum(axis=0)) * np.array([1 - among, among])
            below = (none + low) * births.sum() * share_of_cell
            below = np.minimum(_ratio(below, births), 0.9)
            # Without births the mean of the region serves.
            below = np.where(births > 0, below, none + low)
            rest = (1 - below) / (1 - none - low)
            middle = 1 - none - low - most
            cell = np.stack(
                [below * none / (none + low), below * low / (none + low), rest * middle, rest * most], axis=-1
            )
            tables[:, number, part, :, 0] = cell
    tables[..., 1, :] = [float(settings["with_stay"][name]) for name in MATERNITY_CLASSES]
    return tables.reshape(frame.n_strata * 4, 4)


# --- psychosocial care -------------------------------------------------------------------------------------------


def _draw_conditions(frame: _Frame, death_day: Int16, has_stay: Bool, maternity_class: Int8) -> ConditionCare:
    settings = frame.p["psychosocial"]
    births = frame.births
    rows = np.flatnonzero(births.is_live & (births.mother >= 0))
    stay = has_stay[births.event[rows]]
    # Below 24 hours, 24 to 49, 49 or more.
    use = np.maximum(maternity_class[births.event[rows]].astype(np.int64) - 1, 0)
    city = frame.region[rows] > 0
    counted = _with_record(frame)[rows] & ~stay
    group = ((((~counted).astype(np.int64) * YEARS + frame.year[rows]) * 2 + city) * 2 + stay) * 3 + use
    shape = (2, YEARS, 2, 2, 3)
    sizes = np.bincount(group, minlength=int(np.prod(shape))).reshape(shape)[0, :, :, 0].astype(np.float64)
    relative = settings["relative"]
    born = births.birth_date[rows].astype(np.int64)
    found: list[tuple[Int, int, Int]] = []

    def expand(share: Float) -> Float:
        """Shares by year, city and use, for all groups."""
        table = np.broadcast_to(share[None, :, :, None], shape).copy()
        table[:, :, :, 1] *= float(relative["hospital_stay"])
        return table.ravel()

    def by_city(level: float) -> Float:
        return np.broadcast_to(
            np.array([level, level * float(relative["amsterdam"])])[None, :, None], (YEARS, 2, 3)
        ).astype(np.float64)

    for number, name in enumerate(CONDITIONS):
        if name == "crying_baby":
            share = _crying_shares(settings["crying_baby"], sizes)
        else:
            share = by_city(float(settings["others"][name]))
        # By the end of the year after birth, in the two years after that, in the next two, or not.
        shares = [expand(share), *(expand(by_city(float(settings[window][name]))) for window in ("later", "after"))]
        tables = np.stack([*shares, 1 - np.sum(shares, axis=0)], axis=1)
        stream = f"psychosocial/{name}"
        category = divide(group, tables, frame.uniform(stream, rows), frame.offset(stream))
        for number_of_window, years in enumerate(((0, 2), (2, 4), (4, 6))):
            chosen = np.flatnonzero(category == number_of_window)
            u = frame.uniform(f"{stream}/day", rows[chosen])
            if number_of_window == 0 and name == "crying_baby":
                curve = settings["crying_days"]
                start = born[chosen] + np.floor(draws.interpolate(u, curve["days"], curve["below"]))
            else:
                year = births.birth_year[rows[chosen]].astype(np.int64)
                low = january_first(year + years[0])
                if years[0] == 0:
                    low = born[chosen] + int(settings["others_first_day"])
                high = january_first(year + years[1])
                start = low + np.floor(u * (high - low))
            found.append((rows[chosen], number, start.astype(np.int64)))
    birth = np.concatenate([entry[0] for entry in found])
    condition = np.concatenate([np.full(len(entry[0]), entry[1]) for entry in found])
    start = np.concatenate([entry[2] for entry in found])
    alive = start <= births.birth_date[birth] + _alive_until(birth, death_day)
    order = np.lexsort((start, condition, birth))
    order = order[alive[order]]
    return ConditionCare(birth[order].astype(np.int32), condition[order].astype(np.int8), start[order].astype(np.int32))


def _crying_shares(published: Mapping[str, Any], sizes: Float) -> Float:
    """Shares by birth year, Amsterdam (0, 1) and use of maternity care, so that the country is as published."""
    country = np.array(published["netherlands"], dtype=np.float64)
    city = np.array(published["amsterdam"], dtype=np.float64)
    result = np.empty(sizes.shape)
    result[:, 1] = city
    wanted = country * sizes.sum(axis=1) - city * sizes[:, 1]
    result[:, 0] = np.where(sizes[:, 0] > 0, np.clip(_ratio(wanted, sizes[:, 0]), 0, 1), country)
    return result
