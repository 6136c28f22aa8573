"""Invented children: which life years they count in, what their care costs, which school and youth help counts.

Every child has a registered mother (number + 100). Unless a row says otherwise it is born alive on 15 June 2018, lives
in the Netherlands from birth on, and has in every calendar year until 2024 a record with 70 euro of the general
practitioner, 60 of them the registration fee, and 100 euro of hospital care.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pytest

from .projects import WITHOUT_TESTS, Project, write_registers

pytestmark = pytest.mark.end_to_end

LAST_YEAR = 2024
ALWAYS = "88888888"
Spells = tuple[tuple[str, str], ...]
"""First and last days at an address."""


class InventedRegisters:
    """Collects the rows of a few invented children in the registers' own layout."""

    def __init__(self) -> None:
        self.rows: dict[str, dict[int, list[dict[str, Any]]]] = defaultdict(lambda: defaultdict(list))
        self.reasons: dict[str, str] = {}
        self.life_years: dict[str, list[int]] = {}

    def add(self, register: str, year: int, **columns: Any) -> None:
        self.rows[register][year].append(columns)

    def person(self, number: int, born: str) -> dict[str, str]:
        key = {"rinpersoons": "R", "rinpersoon": f"{number:09d}"}
        date = {"gbageboortejaar": born[:4], "gbageboortemaand": born[4:6], "gbageboortedag": born[6:]}
        self.add("gbapersoontab", LAST_YEAR, **key, **date, gbageslacht="2", gbaherkomstgroepering="6030")
        return key

    def child(
        self,
        number: int,
        why: str,
        life_years: list[int],
        *,
        born: str = "20180615",
        live: bool = True,
        mother: int | None = None,
        died: str | None = None,
        addresses: Spells | None = None,
        costs: dict[int, dict[str, float] | None] | None = None,
        special_primary: tuple[int, ...] = (),
        special_school: tuple[int, ...] = (),
        youth_help: tuple[tuple[int, str], ...] = (),
        youth_protection: tuple[int, ...] = (),
    ) -> None:
        """One child; `why` says which rule it tests, `life_years` in which it counts.

        `mother`: number of a mother who is there already. `costs`: columns of the costs register that differ from the
        usual ones, by calendar year; None is no record.
        """
        key = {"rinpersoons": "R" if live else "D", "rinpersoon": f"{number:09d}"}
        name = key["rinpersoons"] + key["rinpersoon"]
        self.reasons[name], self.life_years[name] = why, life_years
        year = int(born[:4])
        if mother is None:
            mother = number + 100
            self.person(mother, "19900701")
        self.add("kindoudertab", LAST_YEAR, **key, rinpersoonsma="R", rinpersoonma=f"{mother:09d}")
        if live:
            self.person(number, born)
            self.add("gbalevendgeborenenmassatab", year, **key, rangnummermoeder=1)
        else:
            self.add("dggbapersoontab", year, **key, dgdatumpartus=born, dgzwangerschapsduur=38, dgrangnummermoeder=1)
        if died:
            self.add("gbaoverlijdentab", LAST_YEAR, **key, gbadatumoverlijden=died)
        for start, end in addresses or ((born, died or ALWAYS),):
            self.add(
                "gbaadresobjectbus",
                LAST_YEAR,
                **key,
                gbadatumaanvangadreshouding=start,
                gbadatumeindeadreshouding=end,
                soortobjectnummer="B",
                rinobjectnummer="000000000001",
            )
        for cost_year in range(year, LAST_YEAR + 1):
            own = (costs or {}).get(cost_year, {})
            if own is not None:
                usual = {"zvwkhuisarts": 70.0, "nopzvwkhuisartsinschrijf": 60.0, "zvwkziekenhuis": 100.0}
                self.add("zvwzorgkostentab", cost_year, **key, **(usual | own))
        for school_year in special_primary:
            self.add("inschrwpotab", school_year, **key, wpotypepo="SBO")
        for school_year in special_school:
            self.add("inschrwectab", school_year, **key, wecsoort="SO")
        for help_year, form in youth_help:
            self.add("jgdhulpbus", help_year, **key, jgdhhulpvorm=form)
        for measure_year in youth_protection:
            self.add("jgdbeschermbus", measure_year, **key, jgdbmaatregel="11")


def invented() -> InventedRegisters:
    """The children; numbers below 100."""
    r = InventedRegisters()
    to_6 = list(range(7))
    r.child(1, "stays", to_6)
    r.child(
        2, "born on the first day of 2017: the first birth year, life years up to 7", list(range(8)), born="20170101"
    )
    r.child(3, "born on 31 December 2017: life year 0 is that one day", list(range(8)), born="20171231")
    r.child(4, "born a day later: a life year less", to_6, born="20180101")
    r.child(5, "dies in life year 2, which still counts", [0, 1, 2], died="20200301")
    r.child(6, "dies on 31 December of life year 2", [0, 1, 2], died="20201231")
    r.child(7, "dies on 1 January of life year 3", [0, 1, 2, 3], died="20210101")
    r.child(8, "dies in the year of birth", [0], died="20180620")
    back = (("20180615", "20190731"), ("20210301", ALWAYS))
    r.child(9, "emigrates in life year 1 and returns in life year 3: out for good", [0, 1], addresses=back)
    r.child(10, "emigrates and is back within the year", to_6, addresses=(back[0], ("20191101", ALWAYS)))
    r.child(11, "last day here is 31 December of life year 1", [0, 1], addresses=(("20180615", "20191231"),))
    r.child(12, "twin who stays", to_6)
    r.child(13, "twin who dies: the other one is not touched", [0, 1], mother=112, died="20190401")
    r.child(14, "no record in life year 1: unknown, and still a life year", to_6, costs={2019: None})
    r.child(15, "in no year a record", to_6, costs=dict.fromkeys(range(2018, 2025)))
    r.child(
        16, "negative hospital costs are no costs and lower nothing", to_6, costs={2023: {"zvwkziekenhuis": -500.0}}
    )
    r.child(17, "only the registration fee: costs, but no use", to_6, costs={2023: {"zvwkhuisarts": 60.0}})
    parts = {"nopzvwkhuisartsconsult": 10.0, "nopzvwkkraamzorg": 999.0, "zvwktotaal": 5000.0}
    r.child(18, "parts and the register's own total are not added", to_6, costs={2023: parts})
    r.child(19, "mental health care has another heading from 2022", to_6, costs={2023: {"zvwkggzzpmtotaal": 30.0}})
    r.child(20, "stillborn", [], live=False)
    r.child(21, "born in 2016, before the study", [], born="20161231")
    r.child(22, "special school in the year after the fifth birthday only", to_6, special_school=(2024,))
    r.child(23, "special school in the year of the fifth birthday", to_6, special_school=(2023,))
    r.child(24, "special primary school in the year of the fifth birthday", to_6, special_primary=(2023,))
    r.child(
        25,
        "at four, in the year in which 31 December is the fifth birthday",
        to_6,
        born="20181231",
        special_school=(2023,),
    )
    r.child(26, "youth help in the year of the second birthday", to_6, youth_help=((2020, "45"),))
    r.child(27, "youth help with a stay the year after", to_6, youth_help=((2021, "14"),))
    r.child(28, "protection in life year 2, and dies in it", [0, 1, 2], died="20200301", youth_protection=(2020,))
    return r


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, InventedRegisters]:
    project = Project(tmp_path_factory.mktemp("children"))
    registers = invented()
    write_registers(project.registers, registers.rows)
    project.dbt("build", *WITHOUT_TESTS, "--select", "+int_care_costs__child_years", "+int_social_domain__children")
    return project, registers


def test_each_child_counts_until_the_year_after_it_is_gone(built: tuple[Project, InventedRegisters]) -> None:
    project, registers = built
    found: dict[str, list[int]] = defaultdict(list)
    rows = project.query(
        "select birth_id, life_year from intermediate.int_care_costs__child_years order by birth_id, life_year"
    )
    for birth, life_year in rows:
        found[birth].append(life_year)
    wrong = [why for birth, why in registers.reasons.items() if found.get(birth, []) != registers.life_years[birth]]
    assert wrong == []
    assert set(found) <= set(registers.reasons)


@pytest.mark.parametrize(
    ("number", "life_year", "columns"),
    [
        # 2023 is the year of the prices; 2018 has 104.597 of its 129.145, 2024 has 135.602.
        (1, 5, {"total_euro": 170.0, "hospital_euro": 100.0, "gp_euro": 70.0, "gp_net_euro": 10.0}),
        (1, 0, {"hospital_euro": 123.47, "gp_euro": 86.43, "gp_net_euro": 12.35}),
        (1, 6, {"hospital_euro": 95.24}),
        (1, 5, {"uses_hospital": True, "uses_gp": True, "uses_dental": False, "dental_euro": 0.0}),
        (14, 1, {"has_costs_record": False, "total_euro": None, "uses_gp": None}),
        (14, 2, {"has_costs_record": True, "uses_gp": True}),
        (15, 6, {"has_costs_record": False, "hospital_euro": None, "uses_hospital": None}),
        (16, 5, {"hospital_euro": 0.0, "uses_hospital": False, "total_euro": 70.0}),
        (17, 5, {"gp_euro": 60.0, "gp_net_euro": 0.0, "uses_gp": False, "uses_gp_net": False, "uses_total": True}),
        (18, 5, {"total_euro": 170.0, "gp_euro": 70.0}),
        (19, 5, {"total_euro": 200.0}),
    ],
)
def test_costs_and_use(
    built: tuple[Project, InventedRegisters], number: int, life_year: int, columns: dict[str, Any]
) -> None:
    project, registers = built
    found = project.query(
        f"""
        select {", ".join(columns)} from intermediate.int_care_costs__child_years
        where birth_id = 'R{number:09d}' and life_year = {life_year}
        """
    )
    assert [tuple(x if x is None or isinstance(x, bool) else float(x) for x in row) for row in found] == [
        tuple(columns.values())
    ], registers.reasons[f"R{number:09d}"]


@pytest.mark.parametrize(
    ("number", "columns"),
    [
        (1, {"has_special_education": False, "has_youth_help_without_stay__age_5": False}),
        (22, {"has_special_education": False}),
        (23, {"has_special_education": True}),
        (24, {"has_special_education": True}),
        (25, {"has_special_education": True}),
        (26, {"has_youth_help_without_stay__age_2": True, "has_youth_help_with_stay__age_2": False}),
        (27, {"has_youth_help_with_stay__age_2": False, "has_youth_help_with_stay__age_5": True}),
        (28, {"has_youth_protection__age_2": True, "has_youth_protection__age_5": None, "has_special_education": None}),
        (8, {"has_youth_help_with_stay__age_2": None}),
        (9, {"has_youth_help_without_stay__age_2": None, "has_special_education": None}),
    ],
)
def test_school_and_youth_help(built: tuple[Project, InventedRegisters], number: int, columns: dict[str, Any]) -> None:
    project, registers = built
    found = project.query(
        f"select {', '.join(columns)} from intermediate.int_social_domain__children where birth_id = 'R{number:09d}'"
    )
    assert found == [tuple(columns.values())], registers.reasons[f"R{number:09d}"]


def test_twins_share_a_mother_and_have_costs_of_their_own(built: tuple[Project, InventedRegisters]) -> None:
    project, _ = built
    found = project.query(
        """
        select births.mother_id, count(distinct costs.birth_id), count(*)
        from intermediate.int_care_costs__child_years as costs
        inner join intermediate.int_vulnerability__births as births on costs.birth_id = births.birth_id
        where costs.birth_id in ('R000000012', 'R000000013')
        group by births.mother_id
        """
    )
    assert found == [("R000000112", 2, 9)]
