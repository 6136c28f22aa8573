"""Invented births and their care: in or out at each boundary, and why.

Every child has a mother of its own (number + 1000) unless said otherwise, who is insured (a Zvw record without costs of
maternity care). Seeds are the project's own: 190150 is a NICU day, 190200 a night, 159899011 a product on both lists of
hospital stays, SYN6 and SYN7 are preterm birth.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from .projects import WITHOUT_TESTS, Project, write_registers
from .test_invented_births import InventedRegisters

pytestmark = pytest.mark.end_to_end

NICU_DAY, PICU_DAY, NURSING_DAY, CONSULTATION = "190150", "190151", "190200", "190060"
LISTED, UNLISTED = "159899011", "140301004"

# From seed maternity_care_tariffs: an hour less the own contribution; registration with an intake at home.
HOUR_2020, FEES_2020 = 50.60 - 4.50, 46.93 + 70.39
HOUR_2021 = 54.51 - 4.60

TABLES = {
    "events": ("intermediate.int_birth_events__events", "birth_id"),
    "stay": ("intermediate.int_hospital_stay__deliveries", "delivery_id"),
    "care": ("intermediate.int_maternity_care__deliveries", "delivery_id"),
}


@dataclass(frozen=True)
class Expectation:
    """What a table must hold of a birth or delivery; no columns: that it holds no row."""

    table: str
    key: str
    why: str
    columns: dict[str, Any]


class InventedCare(InventedRegisters):
    """Collects invented births with their care, and what must come of it."""

    def __init__(self) -> None:
        super().__init__()
        self.expectations: list[Expectation] = []

    def birth(
        self,
        number: int,
        born: str,
        *,
        live: bool = True,
        mother: int | None = 0,
        costs: dict[int, float] | None = None,
        insured: bool = True,
        died: str | None = None,
    ) -> None:
        """One birth.

        Args:
            number: of the child.
            born: day of birth.
            live: live birth or stillbirth.
            mother: number of the mother; 0 is number + 1000, None is unknown.
            costs: her costs of maternity care by year; given once for each mother.
            insured: she has a Zvw record in the year of birth.
            died: day of the child's death.
        """
        year = int(born[:4])
        child = {"rinpersoons": "R" if live else "D", "rinpersoon": f"{number:09d}"}
        if live:
            self.person(number, born)
            self.add("gbalevendgeborenenmassatab", year, **child, rangnummermoeder=1)
        else:
            self.add("dggbapersoontab", year, **child, dgdatumpartus=born, dgzwangerschapsduur=30, dgrangnummermoeder=1)
        if died:
            self.add("gbaoverlijdentab", 2024, **child, gbadatumoverlijden=died)
        if mother is None:
            return
        mother_key = {"rinpersoons": "R", "rinpersoon": f"{mother or number + 1000:09d}"}
        self.add(
            "kindoudertab",
            2024,
            **child,
            rinpersoonsma=mother_key["rinpersoons"],
            rinpersoonma=mother_key["rinpersoon"],
        )
        if insured:
            for cost_year, amount in ({year: 0.0} | (costs or {})).items():
                self.add("zvwzorgkostentab", cost_year, **mother_key, nopzvwkkraamzorg=amount)

    def product(
        self, person: int, link: str, begins: str, *, code: str | None = None, diagnosis: str | None = None
    ) -> None:
        """A declared product of a person."""
        self.add(
            "mszprestatiesvekttab",
            int(begins[:4]),
            rinpersoons="R",
            rinpersoon=f"{person:09d}",
            vektmszkoppelidprestza=link,
            vektmszbeginjaarprest=begins[:4],
            vektmszbegindatumprest=begins,
            vektmszeinddatumprest=begins,
            vektmszdbczorgproduct=code,
            vektmszspecialismediagnosecombinatie=f"0316-11-00-{diagnosis}" if diagnosis else "999999999999999",
            vektmszsettingzpk="3",
        )

    def activity(self, person: int, link: str, day: str, code: str, *, count: int = 1, year: int = 0) -> None:
        """An activity line; `year` is the begin year of its product, the year of the day unless said otherwise."""
        begin_year = year or int(day[:4])
        self.add(
            "mszzorgactiviteitenvekttab",
            begin_year,
            rinpersoons="R",
            rinpersoon=f"{person:09d}",
            vektmszkoppelidprestza=link,
            vektmszbeginjaarprest=str(begin_year),
            vektmszzorgactiviteit=code,
            vektmszzorgactiviteitdatum=day,
            vektmszaantalza=count,
        )

    def night(self, person: int, day: str) -> None:
        """A night within a listed product."""
        self.product(person, "1", day, code=LISTED)
        self.activity(person, "1", day, NURSING_DAY)

    def expect(self, table: str, number: int, why: str, *, kind: str = "R", **columns: Any) -> None:
        """What `table` must hold of the birth or delivery `number`; no columns: no row."""
        self.expectations.append(Expectation(table, f"{kind}{number:09d}", why, columns))


def invented() -> InventedCare:
    """The births, theme by theme."""
    r = InventedCare()
    _deaths(r)
    _intensive_care(r)
    _preterm_births(r)
    _hospital_stays(r)
    _deliveries(r)
    _maternity_care(r)
    _masked_birth_days(r)
    return r


def _deaths(r: InventedCare) -> None:
    r.birth(1, "20200602", died="20200602")
    r.expect("events", 1, "in: died on the day of birth", died_within_28_days=True)
    r.birth(2, "20200602", died="20200630")
    r.expect("events", 2, "in: died on day 28", died_within_28_days=True)
    r.birth(3, "20200602", died="20200701")
    r.expect("events", 3, "out: died on day 29", died_within_28_days=False)
    r.birth(4, "20201231", died="20210128")
    r.expect("events", 4, "in: day 28 lies in the next year", died_within_28_days=True)
    r.birth(5, "20200602", live=False)
    r.expect("events", 5, "out: stillborn, no row", kind="D")


def _intensive_care(r: InventedCare) -> None:
    r.birth(11, "20201230")
    r.activity(11, "1", "20201231", NICU_DAY)
    r.expect("events", 11, "in: NICU on 31 December, without a product", has_nicu_stay=True, nicu_admissions=1)
    r.birth(12, "20201230")
    r.activity(12, "1", "20210101", NICU_DAY)
    r.expect("events", 12, "out: NICU on 1 January of the next year", has_nicu_stay=False, nicu_admissions=0)
    r.birth(13, "20200602")
    r.activity(13, "1", "20200603", NICU_DAY)
    r.activity(13, "1", "20200603", NICU_DAY, count=-1)
    r.expect("events", 13, "out: a correction leaves no NICU day", has_nicu_stay=False)
    r.birth(14, "20200602")
    for day in ("20200603", "20200604", "20200606"):
        r.activity(14, "1", day, PICU_DAY)
    r.expect("events", 14, "two PICU admissions: a day lies between", has_picu_stay=True, picu_admissions=2)
    r.birth(15, "20200602")
    r.activity(1015, "1", "20200603", NICU_DAY)
    r.expect("events", 15, "out: the NICU day is the mother's", has_nicu_stay=False)


def _preterm_births(r: InventedCare) -> None:
    r.birth(21, "20200602")
    r.product(21, "1", "20200602", diagnosis="SYN7")
    r.expect("events", 21, "born from 26 to 32 weeks", is_preterm_26_32=True, is_preterm_under_26=False)
    r.birth(22, "20200602")
    r.product(22, "1", "20200602", diagnosis="SYN7")
    r.product(22, "2", "20200603", diagnosis="SYN6")
    r.expect("events", 22, "under 26 weeks wins", is_preterm_26_32=False, is_preterm_under_26=True)
    r.birth(23, "20201231")
    r.product(23, "1", "20210101", diagnosis="SYN7")
    r.expect("events", 23, "out: the product began in the next year", is_preterm_26_32=False)


def _hospital_stays(r: InventedCare) -> None:
    for number, day, stays, why in (
        (31, "20200614", False, "out: night of the mother on the day before birth"),
        (32, "20200615", True, "in: night on day 0"),
        (33, "20200622", True, "in: night on day 7, the last that counts"),
        (34, "20200623", False, "out: night on day 8"),
    ):
        r.birth(number, "20200615")
        r.night(1000 + number, day)
        r.expect("stay", number, why, mother_has_stay=stays, child_has_stay=False, has_hospital_stay=stays)
    r.birth(35, "20200615")
    r.night(35, "20200622")
    r.expect("stay", 35, "in: night of the child on day 7", mother_has_stay=False, has_hospital_stay=True)
    r.birth(36, "20200615")
    r.activity(1036, "1", "20200616", NURSING_DAY)
    r.expect("stay", 36, "out: the night has no product", has_hospital_stay=False, has_hospital_stay__rivm=False)
    r.birth(37, "20200615")
    r.product(1037, "1", "20200616", code=UNLISTED)
    r.activity(1037, "1", "20200616", NURSING_DAY)
    r.expect("stay", 37, "out: the night's product is not listed", has_hospital_stay=False)
    r.birth(38, "20200615")
    r.product(1038, "1", "20200616", code=LISTED)
    r.activity(1038, "1", "20200616", CONSULTATION)
    r.expect("stay", 38, "out: no night; the monitor counts the product", has_hospital_stay=False)
    r.expect("stay", 38, "in for the monitor: a listed product", has_hospital_stay__rivm=True)
    r.birth(39, "20200615")
    r.product(1039, "1", "20200616", code=LISTED)
    r.activity(1039, "1", "20200616", NURSING_DAY, year=2019)
    r.expect("stay", 39, "out: another begin year, so not the product's night", has_hospital_stay=False)
    r.birth(40, "20200615")
    r.product(1040, " 1", "20200616", code=LISTED)
    r.product(1040, "1 ", "20200616", code=LISTED)
    r.activity(1040, "1", "20200616", NURSING_DAY, count=2)
    r.activity(1040, "1", "20200616", NURSING_DAY, count=-2)
    r.expect("stay", 40, "out: corrected to nothing, although declared twice", has_hospital_stay=False)
    r.birth(41, "20200615")
    r.product(1041, " 1", "20200616", code=f"{LISTED} ")
    r.activity(1041, "1  ", "20200616", f" {NURSING_DAY}")
    r.expect("stay", 41, "in: blanks around numbers and codes", has_hospital_stay=True)
    r.birth(42, "20200615", insured=False)
    r.night(1042, "20200616")
    r.expect("stay", 42, "unknown: no Zvw record of the mother", has_zvw_record=False, has_hospital_stay=None)
    r.expect("care", 42, "unknown: no Zvw record of the mother", maternity_care_hours=None, maternity_care_class=None)
    r.birth(43, "20200615", mother=None)
    r.expect("stay", 43, "out: mother unknown, no delivery")


def _deliveries(r: InventedCare) -> None:
    r.birth(51, "20200615", costs={2020: FEES_2020 + 30 * HOUR_2020})
    r.birth(52, "20200615", mother=1051, insured=False)
    r.product(52, "1", "20200615", code=LISTED)
    r.activity(52, "1", "20200615", NICU_DAY)
    r.expect("stay", 51, "twins, one in NICU: the delivery has a stay", child_has_stay=True, has_hospital_stay=True)
    r.expect("stay", 52, "the second of the twins is no delivery of its own")
    r.expect("care", 51, "twins share one maternity period", maternity_care_hours=30.0)
    r.expect("events", 51, "the first of the twins has no NICU stay", has_nicu_stay=False)
    r.expect("events", 52, "the second has", has_nicu_stay=True)
    r.birth(53, "20200101", costs={2020: 2 * (FEES_2020 + 20 * HOUR_2020)})
    r.birth(54, "20201201", mother=1053, insured=False)
    r.expect("care", 53, "two deliveries in one year: half of the costs", maternity_care_hours=20.0)
    r.expect("care", 54, "two deliveries in one year: half of the costs", maternity_care_hours=20.0)
    r.birth(55, "20201231", costs={2020: FEES_2020 + 10 * HOUR_2020, 2021: 15 * HOUR_2021})
    r.birth(56, "20210101", mother=1055, insured=False)
    r.expect("care", 55, "twins around midnight: one delivery of 2020", birth_year=2020, maternity_care_hours=25.0)
    r.expect("care", 56, "the twin of 1 January is no delivery of its own")
    r.birth(57, "20200615", live=False)
    r.expect("stay", 57, "out: a stillborn child only", kind="D")


def _maternity_care(r: InventedCare) -> None:
    for number, hours, maternity_class in (
        (61, 0.0, "none"),
        (62, 0.01, "low"),
        (63, 23.99, "low"),
        (64, 24.0, "middle"),
        (65, 48.99, "middle"),
        (66, 49.0, "high"),
    ):
        r.birth(number, "20200615", costs={2020: round(FEES_2020 + hours * HOUR_2020, 4)})
        r.expect(
            "care",
            number,
            f"{hours} hours: {maternity_class}",
            maternity_care_hours=hours,
            maternity_care_class=maternity_class,
            has_below_24_hours=hours < 24,
        )
    for number, amount in ((67, 60.0), (68, -400.0), (69, 0.0)):
        r.birth(number, "20200615", costs={2020: amount})
        r.expect("care", number, f"costs of {amount}: no hours", maternity_care_hours=0.0, maternity_care_class="none")
    both_years = {2020: FEES_2020 + 10 * HOUR_2020, 2021: 16 * HOUR_2021}
    r.birth(71, "20201224", costs=both_years)
    r.expect("care", 71, "born on 24 December: day 8 is the 31st, costs of one year", maternity_care_hours=10.0)
    r.birth(72, "20201225", costs=both_years)
    r.expect("care", 72, "born on 25 December: costs of both years", maternity_care_hours=26.0)
    r.birth(73, "20201231", costs=both_years)
    r.expect("care", 73, "born on 31 December: costs of both years", maternity_care_hours=26.0)
    r.birth(74, "20201231", costs=both_years)
    r.birth(75, "20211201", mother=1074, insured=False)
    r.expect("care", 74, "another birth in the next year keeps its costs", maternity_care_hours=10.0)
    r.birth(76, "20210615", costs={2020: 5000.0})
    r.expect("care", 76, "costs of the year before do not count", maternity_care_hours=0.0)


def _masked_birth_days(r: InventedCare) -> None:
    """All births of 2019 stand on the first of a month; of those of 2018 one in a hundred does not."""
    for number in range(200, 300):
        r.birth(number, f"2019{number % 12 + 1:02d}01", mother=None)
    r.birth(300, "20191201", costs={2019: 46.09 + 69.12, 2020: 20 * HOUR_2020}, died="20191205")
    r.night(1300, "20191220")
    r.expect("events", 300, "unknown: died, but the day of birth is masked", died_within_28_days=None)
    r.expect("events", 200, "unknown: lives, but the day of birth is masked", died_within_28_days=None)
    r.expect("events", 200, "masked days are flagged", is_birth_day_masked=True)
    r.expect("stay", 300, "in: with masked days the window is the whole month", has_hospital_stay=True)
    r.expect("care", 300, "with masked days all of December has costs of both years", maternity_care_hours=20.0)
    for number in range(400, 499):
        r.birth(number, f"2018{number % 12 + 1:02d}01", mother=None)
    r.birth(499, "20180102", mother=None)
    r.expect("events", 400, "99 of 100 births on the first: not masked", is_birth_day_masked=False)
    r.expect("events", 1, "few births: not masked", is_birth_day_masked=False)


REGISTERS = invented()


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = Project(tmp_path_factory.mktemp("invented_care"))
    write_registers(project.registers, REGISTERS.rows)
    models = [f"+{table.split('.')[1]}" for table, _ in TABLES.values()]
    project.dbt("build", "--select", *models, *WITHOUT_TESTS)
    return project


@pytest.mark.parametrize(
    "expectation", REGISTERS.expectations, ids=[f"{e.table} {e.key}: {e.why}" for e in REGISTERS.expectations]
)
def test_in_or_out_and_why(built: Project, expectation: Expectation) -> None:
    table, key = TABLES[expectation.table]
    columns = expectation.columns or {key: None}
    found = built.query(f"select {', '.join(columns)} from {table} where {key} = '{expectation.key}'")
    assert found == ([tuple(columns.values())] if expectation.columns else []), expectation.why
