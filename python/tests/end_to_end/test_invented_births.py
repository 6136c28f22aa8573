"""Invented births: in or out of the cohort, and why; and which risk factors they get.

Every child has one mother (number + 100) and one other parent (number + 200) unless said otherwise. Unless a row says
otherwise, the parents are registered on the reference date, have an income above the threshold and nothing else.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pytest

from .projects import WITHOUT_TESTS, Project, write_registers

pytestmark = pytest.mark.end_to_end

AMSTERDAM, ROTTERDAM = "000000000001", "000000000002"


class InventedRegisters:
    """Collects the rows of a few invented families in the registers' own layout."""

    def __init__(self) -> None:
        self.rows: dict[str, dict[int, list[dict[str, Any]]]] = defaultdict(lambda: defaultdict(list))
        self.expected: dict[str, tuple[bool, str]] = {}
        for object_number, municipality, district in ((AMSTERDAM, "0363", "036300"), (ROTTERDAM, "0599", "059901")):
            regions = {
                f"{stem}{year}": code
                for year in range(2015, 2024)
                for stem, code in (("gem", municipality), ("wc", district), ("bc", district + "00"))
            }
            self.add("vslgwbtab", 2023, soortobjectnummer="B", rinobjectnummer=object_number, **regions)

    def add(self, register: str, year: int, **columns: Any) -> None:
        self.rows[register][year].append(columns)

    def person(self, number: int, born: str, sex: str = "2") -> dict[str, str]:
        key = {"rinpersoons": "R", "rinpersoon": f"{number:09d}"}
        self.add(
            "gbapersoontab",
            2024,
            **key,
            gbageslacht=sex,
            gbageboortejaar=born[:4],
            gbageboortemaand=born[4:6],
            gbageboortedag=born[6:],
            gbageboorteland="6030",
            gbaherkomstgroepering="6030",
            gbageneratie="0",
        )
        return key

    def address(self, key: dict[str, str], start: str, end: str = "88888888", place: str = AMSTERDAM) -> None:
        self.add(
            "gbaadresobjectbus",
            2024,
            **key,
            gbadatumaanvangadreshouding=start,
            gbadatumeindeadreshouding=end,
            soortobjectnummer="B",
            rinobjectnummer=place,
        )

    def household(self, key: dict[str, str], number: int, start: str, kind: str, end: str = "88888888") -> None:
        self.add(
            "gbahuishoudensbus",
            2024,
            **key,
            datumaanvanghh=start,
            datumeindehh=end,
            huishoudnr=f"{number:012d}",
            typhh=kind,
            plhh="1",
            refpersoonhh="0",
            aantalpershh=3,
            aantalkindhh=1,
        )

    def family(
        self,
        number: int,
        why: str,
        *,
        included: bool = True,
        born: str = "20200615",
        live: bool = True,
        mother: bool = True,
        other: bool = True,
        parents_registered_from: str = "20100101",
        child_address: str = AMSTERDAM,
        household_type: str = "5",
        social_minimum: int | None = 250,
        mother_in_debt: tuple[int, ...] = (),
        mother_on_assistance: bool = False,
    ) -> None:
        """One birth with its parents; `why` says which rule it tests.

        `mother_in_debt`: years on whose first day the mother has problematic debts; nobody else ever has.
        `mother_on_assistance`: her source of income is social assistance until 31 December 2019; all others work.
        """
        year = int(born[:4])
        child = {"rinpersoons": "R" if live else "D", "rinpersoon": f"{number:09d}"}
        self.expected[child["rinpersoons"] + child["rinpersoon"]] = (included, why)
        if live:
            self.person(number, born)
            self.add("gbalevendgeborenenmassatab", year, **child, rangnummermoeder=1)
            self.address(child, born, place=child_address)
            self.household(child, number, born, household_type)
        else:
            self.add("dggbapersoontab", year, **child, dgdatumpartus=born, dgzwangerschapsduur=30, dgrangnummermoeder=1)
        parents = {}
        for role, wanted, offset, sex in (("ma", mother, 100, "2"), ("pa", other, 200, "1")):
            if not wanted:
                continue
            key = self.person(number + offset, "19900701", sex)
            parents |= {f"rinpersoons{role}": "R", f"rinpersoon{role}": key["rinpersoon"]}
            self.address(key, parents_registered_from)
            for income_year in range(2016, 2023):
                self.add(
                    "koppelpersoonhuishouden",
                    income_year,
                    **key,
                    rinpersoonshkw="R",
                    rinpersoonhkw=f"{number + (100 if mother else 200):09d}",
                )
                self.add("zvwzorgkostentab", income_year, **key, zvwkspecggz=0.0, zvwkgenbasggz=0.0)
            on_assistance = role == "ma" and mother_on_assistance
            self.add(
                "secmbus",
                2023,
                **key,
                aanvsecm="20100101",
                eindsecm="20191231" if on_assistance else "88888888",
                secm="22" if on_assistance else "11",
                xkoppelbijstandsecm="1" if on_assistance else None,
            )
            for snapshot_year in range(2019, 2023):
                has_debt = int(role == "ma" and snapshot_year in mother_in_debt)
                self.add(
                    "problematischeschuldentab",
                    snapshot_year,
                    **key,
                    peildatum=f"{snapshot_year}0101",
                    smalle_def_problematische_schulden=has_debt,
                    smalle_def_problematische_schulden_hh=has_debt,
                )
        if parents:
            self.add("kindoudertab", 2024, **child, **parents)
            for income_year in range(2016, 2023):
                self.add(
                    "inhatab",
                    income_year,
                    rinpersoonshkw="R",
                    rinpersoonhkw=f"{number + (100 if mother else 200):09d}",
                    inharmsoc=social_minimum,
                    inhp100hgest=50,
                    inhbbihj="11",
                    inhahl=3,
                    inhsamhh="31",
                )


def invented() -> InventedRegisters:
    """The families; numbers below 100 are children."""
    r = InventedRegisters()
    r.family(1, "in: live birth, both parents registered on 31 December of the year before")
    r.family(2, "out: stillborn", included=False, live=False)
    r.family(3, "out: not linked to a legal parent", included=False, mother=False, other=False)
    r.family(4, "in: parents registered from 31 December 2019, the reference date", parents_registered_from="20191231")
    r.family(5, "out: parents registered from the day after", included=False, parents_registered_from="20200101")
    r.family(6, "in: mother unknown, other parent registered", mother=False)
    r.family(7, "in: born on the first day of 2018", born="20180101")
    r.family(8, "out: born on the last day of 2017", included=False, born="20171231")
    r.family(9, "in: born on the last day of 2021", born="20211231")
    r.family(10, "out: born on the first day of 2022", included=False, born="20220101")
    r.family(11, "in, Rotterdam: no borough", child_address=ROTTERDAM)
    r.family(12, "income at 119 % of the social minimum: low", social_minimum=119)
    r.family(13, "income at 120 %: not low", social_minimum=120)
    r.family(14, "income of a student household, not on the scale: unknown", social_minimum=-1)
    r.family(15, "one-parent household from birth on", household_type="6")
    r.family(16, "one-person household is not a one-parent household", household_type="1")
    r.family(
        17,
        "born 2018: debt status of 1 January 2019, which lies after the birth",
        born="20180301",
        mother_in_debt=(2019,),
    )
    r.family(18, "born 2020: debt status of 1 January 2019 does not count, that of 2020 does", mother_in_debt=(2019,))
    r.family(
        19,
        "premium defaulter on 31 December 2019 and problematic debt: counted once, as defaulter",
        mother_in_debt=(2020,),
    )
    r.add("wanbzvwtab", 2019, rinpersoons="R", rinpersoon="000000119")
    r.family(20, "restructuring that ended the day before the reference date is over")
    r.add(
        "wsnppersbus",
        2023,
        rinpersoons="R",
        rinpersoon="000000220",
        wsnpdatumtoelaat="20170101",
        wsnpdatumbeein="20191230",
    )
    r.family(21, "restructuring that ended on the reference date counts")
    r.add(
        "wsnppersbus",
        2023,
        rinpersoons="R",
        rinpersoon="000000221",
        wsnpdatumtoelaat="20170101",
        wsnpdatumbeein="20191231",
    )
    r.family(22, "antidepressants of the other parent in the year before")
    r.add("medicijntab", 2019, rinpersoons="R", rinpersoon="000000222", atc4="N06A")
    r.family(23, "anxiolytics do not count in the Regiobeeld")
    r.add("medicijntab", 2019, rinpersoons="R", rinpersoon="000000223", atc4="N05B")
    r.family(24, "antidepressants in the year of birth do not count")
    r.add("medicijntab", 2020, rinpersoons="R", rinpersoon="000000224", atc4="N06A")
    r.family(25, "social assistance on the reference date (SECM 22)", mother_on_assistance=True)
    r.family(26, "four risk factors", household_type="6", social_minimum=90)
    r.add("wanbzvwtab", 2019, rinpersoons="R", rinpersoon="000000126")
    r.add("medicijntab", 2019, rinpersoons="R", rinpersoon="000000126", atc4="N05A")
    return r


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, InventedRegisters]:
    project = Project(tmp_path_factory.mktemp("invented"))
    registers = invented()
    write_registers(project.registers, registers.rows)
    project.dbt("build", *WITHOUT_TESTS, "--select", "+cohort_births", "+cohort_attrition")
    return project, registers


def test_who_is_in_and_who_is_out(built: tuple[Project, InventedRegisters]) -> None:
    project, registers = built
    found = {row[0] for row in project.query("select birth_id from cohorts.cohort_births where is_in_regiobeeld")}
    wrong = [why for birth, (included, why) in registers.expected.items() if (birth in found) != included]
    assert wrong == []


def test_every_exclusion_is_counted(built: tuple[Project, InventedRegisters]) -> None:
    project, registers = built
    followed = project.query("select count(*) from intermediate.int_births__all")
    assert followed == [(len(registers.expected),)]
    steps = project.query(
        "select reason, births_excluded from cohorts.cohort_attrition where cohort = 'regiobeeld' order by step"
    )
    # Births 8 and 10 fall outside the years of the Regiobeeld, so that no step counts them.
    assert steps == [("stillborn", 1), ("no_legal_parent", 1), ("no_registered_parent", 1)]


@pytest.mark.parametrize(
    ("number", "columns"),
    [
        (1, {"risk_factor_count": 0, "borough_code": "A", "known_parent_count": 2}),
        (6, {"known_parent_count": 1}),
        (11, {"municipality_code": "GM0599", "borough_code": None}),
        (12, {"is_low_income": True, "has_income_below_120": True, "risk_factor_count": 1}),
        (13, {"is_low_income": False, "has_income_below_120": False}),
        (14, {"has_income_below_120": None, "risk_factor_count": 0, "has_unknown_risk_factor": True}),
        (15, {"is_single_parent": True}),
        (16, {"is_single_parent": False}),
        (17, {"has_debt": True, "debt_type": "problematic", "debt_is_look_ahead": True}),
        (18, {"has_debt": False, "debt_type": "none", "debt_is_look_ahead": False}),
        (19, {"has_debt": True, "debt_type": "default", "risk_factor_count": 1}),
        (20, {"is_wsnp": False, "has_debt": False}),
        (21, {"is_wsnp": True, "debt_type": "wsnp"}),
        (22, {"has_mental_health_problem": True, "has_mental_health_care": False}),
        (23, {"has_mental_health_problem": False}),
        (24, {"has_mental_health_problem": False}),
        (25, {"has_social_assistance": True, "is_low_income": True, "has_income_below_120": False}),
        (26, {"risk_factor_count": 4}),
    ],
)
def test_risk_factors(built: tuple[Project, InventedRegisters], number: int, columns: dict[str, Any]) -> None:
    project, registers = built
    found = project.query(
        f"select {', '.join(columns)} from intermediate.int_regiobeeld__births where birth_id = 'R{number:09d}'"
    )
    assert found == [tuple(columns.values())], registers.expected[f"R{number:09d}"][1]
