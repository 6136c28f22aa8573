"""Invented mothers: which of the 31 factors they have as the study states them, and why.

Every mother has the number of her child + 1000, the other parent + 2000. Unless a row says otherwise the child is born
on 15 June 2020, and nothing about the mother is a risk: she is 29, of Dutch origin, highly educated, employed full-time
on a permanent contract, married, an owner, with low costs of care. So every row tells one thing in which a mother
differs, and all 31 factors are compared. What RIVM's code of 2024 does otherwise stands in the unit tests of the models
alone: another coding would make dbt read the whole project anew.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from .projects import WITHOUT_TESTS, Project, write_registers

pytestmark = pytest.mark.end_to_end

HOME, FAR_AWAY, LOW_STREET, NO_FILE = "000000000001", "000000000002", "000000000003", "000000000004"

RISK_FREE = {
    "age_class": 3,
    "origin_class": 3,
    "parity": 2,
    "asylum": 2,
    "education": 3,
    "household_income": 2,
    "income_source": 3,
    "debts": 2,
    "contract": 2,
    "working_hours": 2,
    "one_parent_family": 2,
    "marital_status": 2,
    "divorce": 2,
    "household_size": 2,
    "youth_support": 2,
    "total_care_costs": 2,
    "gp_costs": 2,
    "hospital_costs": 2,
    "medication": 2,
    "addiction_care": 2,
    "mental_health_care": 2,
    "intellectual_disability": 2,
    "crime_suspect": 2,
    "crime_victim": 2,
    "detention": 2,
    "home_ownership": 2,
    "moves": 2,
    "loss_of_relative": 2,
    "motor_vehicle": 2,
    "gp_nearby": 2,
    "liveability": 2,
}

Spells = tuple[tuple[Any, str, str], ...]
"""What holds in a spell, its first and its last day."""

ALWAYS = "88888888"


class InventedRegisters:
    """Collects the rows of a few invented families in the registers' own layout."""

    def __init__(self) -> None:
        self.rows: dict[str, dict[int, list[dict[str, Any]]]] = defaultdict(lambda: defaultdict(list))
        self.expected: dict[str, tuple[str, dict[str, int | None]]] = {}
        self.number = 0
        places = ((HOME, "1011", 3), (FAR_AWAY, "1011", 0), (LOW_STREET, "1012", 1))
        for place, postcode, practices in places:
            key = {"soortobjectnummer": "B", "rinobjectnummer": place}
            self.add("vslgwbtab", 2023, **key, gem2021="0363", gem2023="0363")
            self.add(
                "vslpostcodebus",
                2023,
                **key,
                postcodenum=postcode,
                datumaanvpostcodenumadres="20000101",
                datumeindpostcodenumadres=ALWAYS,
            )
            for year in (2018, 2019, 2020):
                self.add("nabijheidzorgtab", year, **key, vzaanthartspr03km=practices)
        # 3.81 is low. The nearest measurement of 2019 is that of 2018 for 1011, of 2020 for 1012.
        for year, postcode, score in ((2018, "1011", 3.82), (2022, "1011", 1.0), (2014, "1012", 5.0)):
            self.add("leefbaarometer", 2022, pc4=postcode, jaar=year, lbm=score)
        self.add("leefbaarometer", 2022, pc4="1012", jaar=2020, lbm=3.81)
        # Somebody else's rows: the custom deliveries are there.
        self.add("asielcohort", 2023, rinpersoons="R", rinpersoon="999999999")
        self.add("lvbao", 2021, rinpersoons="R", rinpersoon="999999999")

    def add(self, register: str, year: int, **columns: Any) -> None:
        self.rows[register][year].append(columns)

    def person(self, number: int, born: str, origin: str = "6030") -> dict[str, str]:
        key = {"rinpersoons": "R", "rinpersoon": f"{number:09d}"}
        date = {"gbageboortejaar": born[:4], "gbageboortemaand": born[4:6], "gbageboortedag": born[6:]}
        self.add("gbapersoontab", 2024, **key, **date, gbageslacht="2", gbaherkomstgroepering=origin)
        return key

    def mother(
        self,
        why: str,
        risks: dict[str, int | None] | None = None,
        *,
        born: str = "20200615",
        live: bool = True,
        weeks: int = 30,
        mother_born: str = "19900701",
        mother_known: bool = True,
        mother_registered: bool = True,
        counted: bool = True,
        origin: str = "6030",
        rank: int = 2,
        education: tuple[tuple[int, str], ...] = ((2019, "3110"),),
        percentile: int = 50,
        composition: str | None = "31",
        size: int | None = 3,
        tenure: tuple[str | None, str | None] = ("1", "1"),
        in_income_statistics: bool = True,
        categories: Spells = (("11", "20100101", ALWAYS),),
        jobs: tuple[tuple[int, float, str, str], ...] = ((2019, 100.0, "O", "1"),),
        marital: Spells = (("H", "20100101", ALWAYS),),
        costs: dict[int, dict[str, float]] | None = None,
        addresses: Spells = ((HOME, "20100101", ALWAYS),),
        vehicle_years: tuple[int, ...] = (2019, 2020),
    ) -> dict[str, str]:
        """One birth with its mother; `why` says which rule it tests. Returns the mother's key.

        `risks`: the factors that differ from `RISK_FREE`. `tenure` and `vehicle_years`: of the years before and of
        birth; the vehicle is the other parent's. `costs`: columns of the costs register by year, added to low costs of
        the GP, of hospital and in all.
        """
        self.number += 1
        number, year = self.number, int(born[:4])
        child = {"rinpersoons": "R" if live else "D", "rinpersoon": f"{number:09d}"}
        if counted:
            self.expected[child["rinpersoons"] + child["rinpersoon"]] = why, RISK_FREE | (risks or {})
        if live:
            self.person(number, born)
            self.add("gbalevendgeborenenmassatab", year, **child, rangnummermoeder=rank)
            self.address(child, HOME, born, ALWAYS)
        else:
            stillbirth = {"dgdatumpartus": born, "dgzwangerschapsduur": weeks, "dgrangnummermoeder": rank}
            self.add("dggbapersoontab", year, **child, **stillbirth)
        key = {"rinpersoons": "R", "rinpersoon": f"{number + 1000:09d}"}
        if mother_registered:
            self.person(number + 1000, mother_born, origin)
        other = self.person(number + 2000, "19880101")
        parents = {"rinpersoonspa": "R", "rinpersoonpa": other["rinpersoon"]}
        if mother_known:
            parents |= {"rinpersoonsma": "R", "rinpersoonma": key["rinpersoon"]}
        self.add("kindoudertab", 2024, **child, **parents)
        for place, start, end in addresses:
            self.address(key, place, start, end)
        household = {"rinpersoonshkw": "R", "rinpersoonhkw": other["rinpersoon"]}
        for income_year, owned in zip((2019, 2020), tenure, strict=True):
            self.add("koppelpersoonhuishouden", income_year, **key, **household)
            self.add("koppelpersoonhuishouden", income_year, **other, **household)
            if in_income_statistics:
                income = {"inhp100hgest": percentile, "inhsamhh": composition, "inhahl": size, "inhehalgr": owned}
                self.add("inhatab", income_year, **household, **income)
        for file_year, level in education:
            self.add("hoogsteopltab", file_year, **key, oplnivsoi_agg4_hb_metnirwo=level)
        for code, start, end in categories:
            self.add("secmbus", 2023, **key, secm=code, aanvsecm=start, eindsecm=end)
        for file_year, hours, contract, service in jobs:
            job = {"sbasisuren": hours, "scontractsoort": contract, "spolisdienstverband": service}
            self.add("spolisbus", file_year, **key, **job)
        for code, start, end in marital:
            self.marital_status(key, code, start, end)
        for file_year in (2018, 2019):
            low = {"zvwkhuisarts": 100.0, "zvwkziekenhuis": 100.0, "zvwkgeboortezorg": 0.0, "zvwkspecggz": 0.0}
            own = {} if costs is None else costs.get(file_year, {})
            if costs is None or file_year in costs:
                self.add("zvwzorgkostentab", file_year, **key, **(low | own))
        for file_year in vehicle_years:
            self.add("rdwnpacttab", file_year, **other, vrtgsoort="1")
        return key

    def address(self, key: dict[str, str], place: str, start: str, end: str) -> None:
        spell = {"gbadatumaanvangadreshouding": start, "gbadatumeindeadreshouding": end}
        self.add("gbaadresobjectbus", 2024, **key, **spell, soortobjectnummer="B", rinobjectnummer=place)

    def marital_status(self, key: dict[str, str], code: str, start: str, end: str = ALWAYS) -> None:
        spell = {"gbaaanvangburgerlijkestaat": start, "gbaeindeburgerlijkestaat": end}
        self.add("gbaburgerlijkestaatbus", 2024, **key, gbaburgerlijkestaatnw=code, **spell)

    def divorce(self, key: dict[str, str], year: int) -> None:
        partner = {"rinpersoonspartner1s": key["rinpersoons"], "rinpersoonpartner1s": key["rinpersoon"]}
        self.add("gbascheidingenmassatab", year, scheidingjaar=str(year), **partner)

    def relative(self, number: int, *, mother: str | None = None, other: str | None = None) -> dict[str, str]:
        """A person with the parents given by number: an earlier child, or a mother with a parent of her own."""
        key = {"rinpersoons": "R", "rinpersoon": f"{number:09d}"}
        self.add(
            "kindoudertab",
            2024,
            **key,
            rinpersoonsma=mother and "R",
            rinpersoonma=mother,
            rinpersoonspa=other and "R",
            rinpersoonpa=other,
        )
        return key

    def death(self, key: dict[str, str], date: str) -> None:
        self.add("gbaoverlijdentab", 2024, **key, gbadatumoverlijden=date)


def person_factors(r: InventedRegisters) -> None:
    """Factors 1 to 5."""
    r.mother("nothing is a risk")
    r.mother("24 on the day of birth: neither young nor old", mother_born="19960615")
    r.mother("24 on the day after: young", {"age_class": 1}, mother_born="19960616")
    r.mother("36 on the day after: neither", mother_born="19840616")
    r.mother("36 on the day of birth: old", {"age_class": 2}, mother_born="19840615")
    r.mother("of French origin: western", {"origin_class": 2}, origin="5002")
    r.mother("of Turkish origin: non-western", {"origin_class": 1}, origin="6043")
    r.mother("of unknown origin: missing", {"origin_class": None}, origin="0000")
    r.mother("a first child", {"parity": 1}, rank=1)
    r.mother("a stillborn first child", {"parity": 1}, rank=1, live=False)
    r.add("asielcohort", 2023, **r.mother("in the cohort of asylum", {"asylum": 1}))
    r.mother("low on 1 October 2019", {"education": 1}, education=((2018, "3110"), (2019, "1222"), (2020, "3110")))
    r.mother("middle in 2019", {"education": 2}, education=((2019, "2111"),))
    r.mother("level of another year alone: missing", {"education": None}, education=((2018, "1222"), (2020, "1222")))


def income_and_work_factors(r: InventedRegisters) -> None:
    """Factors 6 to 10."""
    r.mother("ninth percentile: low", {"household_income": 1}, percentile=9)
    r.mother("tenth percentile: middle", percentile=10)
    r.mother("ninetieth percentile: middle", percentile=90)
    r.mother("ninety-first percentile: high", {"household_income": 3}, percentile=91)
    r.mother("a household that is not on the scale", {"household_income": 4}, percentile=-2)
    r.mother(
        "benefit until 1 July 2019, seven first days of the month",
        {"income_source": 1},
        categories=(("22", "20190101", "20190701"), ("11", "20190702", ALWAYS)),
    )
    r.mother(
        "benefit until 30 June 2019, six months, then work: work goes first",
        categories=(("22", "20100101", "20190630"), ("11", "20190701", ALWAYS)),
    )
    r.mother("a student", {"income_source": 2}, categories=(("31", "20190101", "20191231"),))
    r.mother("no category in 2019: missing", {"income_source": None}, categories=(("22", "20200101", ALWAYS),))
    r.add("wanbzvwtab", 2019, **r.mother("premium defaulter on 31 December 2019", {"debts": 1}))
    late_and_early = r.mother("premium defaulter in the years beside it")
    r.add("wanbzvwtab", 2018, **late_and_early)
    r.add("wanbzvwtab", 2020, **late_and_early)
    for end, risks in (("20181231", {}), ("20190101", {"debts": 1})):
        key = r.mother(f"restructuring until {end}", dict(risks))
        r.add("wsnppersbus", 2023, **key, wsnpdatumtoelaat="20170101", wsnpdatumbeein=end)
    for start, risks in (("20191231", {"debts": 1}), ("20200101", {})):
        key = r.mother(f"restructuring from {start}", dict(risks))
        r.add("wsnppersbus", 2023, **key, wsnpdatumtoelaat=start, wsnpdatumbeein=ALWAYS)
    r.mother(
        "no job in 2019, one in 2018 and 2020",
        {"contract": 1, "working_hours": 1},
        jobs=tuple((year, 100.0, "O", "1") for year in (2018, 2020)),
    )
    r.mother("no contract applies, full-time", {"contract": 1}, jobs=((2019, 100.0, "N", "1"),))
    r.mother("temporary and part-time", {"contract": 1, "working_hours": 1}, jobs=((2019, 100.0, "B", "2"),))
    r.mother(
        "most hours in a permanent part-time job, the largest period temporary and full-time",
        {"working_hours": 1},
        jobs=((2019, 60.0, "O", "2"), (2019, 60.0, "O", "2"), (2019, 100.0, "B", "1")),
    )


def family_factors(r: InventedRegisters) -> None:
    """Factors 11 to 15 and 28."""
    r.mother("one-parent family", {"one_parent_family": 1}, composition="41")
    r.mother("one-parent family with others", {"one_parent_family": 1}, composition="57")
    r.mother("other household", composition="58")
    r.mother("alone", composition="12", size=1)
    r.mother("six persons", {"household_size": 1}, size=6)
    r.mother("five persons", size=5)
    r.mother(
        "size and composition unknown", {"household_size": None, "one_parent_family": None}, size=None, composition=None
    )
    r.mother(
        "no household in the income statistics",
        {"household_income": 4, "household_size": None, "one_parent_family": None, "home_ownership": None},
        in_income_statistics=False,
    )
    r.mother("married until 30 June 2019", marital=(("H", "20100101", "20190630"), ("S", "20190701", ALWAYS)))
    r.mother(
        "married from 1 July 2019",
        {"marital_status": 1},
        marital=(("O", "19900701", "20190630"), ("H", "20190701", ALWAYS)),
    )
    r.mother("registered partner", {"marital_status": 1}, marital=(("P", "20100101", ALWAYS),))
    r.mother("no marital status", {"marital_status": None}, marital=())
    r.divorce(r.mother("divorced in 2016", {"divorce": 1}), 2016)
    r.divorce(r.mother("divorced in 2015, too long ago"), 2015)
    r.divorce(r.mother("divorced in 2020, the year of birth"), 2020)
    youth = (("jgdhulpbus", 2018, 1), ("jgdbeschermbus", 2019, 1), ("jgdhulpbus", 2017, 2), ("jgdbeschermbus", 2020, 2))
    for register, year, code in youth:
        key = r.mother(f"an earlier child in {register} of {year}", {"youth_support": code})
        r.add(register, year, **r.relative(4000 + r.number, mother=key["rinpersoon"]))
    r.mother("an earlier child of the other parent in care", {"youth_support": 1})
    r.add("jgdhulpbus", 2019, **r.relative(4000 + r.number, other=f"{r.number + 2000:09d}"))
    for date, code in (("20150101", 1), ("20141231", 2), ("20191231", 1), ("20200101", 2)):
        key = r.mother(f"an earlier child died on {date}", {"loss_of_relative": code})
        r.death(r.relative(4000 + r.number, mother=key["rinpersoon"]), date)
    key = r.mother("her own mother died")
    r.relative(int(key["rinpersoon"]), mother="000005000")
    r.death({"rinpersoons": "R", "rinpersoon": "000005000"}, "20180101")
    key = r.mother("the other parent of an earlier child died", {"loss_of_relative": 1})
    r.relative(4000 + r.number, mother=key["rinpersoon"], other="000005001")
    r.death({"rinpersoons": "R", "rinpersoon": "000005001"}, "20180101")
    r.mother(
        "widowed in 2016",
        {"loss_of_relative": 1},
        marital=(("W", "20160101", "20171231"), ("H", "20180101", ALWAYS)),
    )


def care_factors(r: InventedRegisters) -> None:
    """Factors 16 to 22. Costs of 100 for the GP and for hospital, 200 in all, are those of nearly all mothers."""
    r.mother("high pharmacy costs", {"total_care_costs": 1}, costs={2018: {}, 2019: {"zvwkfarmacie": 900.0}})
    r.mother("high pharmacy costs in t-2", costs={2018: {"zvwkfarmacie": 900.0}, 2019: {}})
    high = {"total_care_costs": 1, "gp_costs": 1}
    r.mother("high GP costs", dict(high), costs={2018: {}, 2019: {"zvwkhuisarts": 900.0}})
    r.mother(
        "a high registration fee within the same GP costs: counted once",
        costs={2018: {}, 2019: {"nopzvwkhuisartsinschrijf": 90.0}},
    )
    high = {"total_care_costs": 1, "hospital_costs": 1}
    r.mother("high hospital costs", dict(high), costs={2018: {}, 2019: {"zvwkziekenhuis": 900.0}})
    r.mother(
        "high hospital costs with birth care in t-1: those of t-2 count",
        costs={2018: {}, 2019: {"zvwkziekenhuis": 900.0, "zvwkgeboortezorg": 500.0}},
    )
    r.mother(
        "birth care in t-1 and high costs in t-2",
        dict(high),
        costs={2018: {"zvwkziekenhuis": 900.0}, 2019: {"zvwkgeboortezorg": 500.0}},
    )
    unknown = {"total_care_costs": None, "gp_costs": None}
    r.mother("birth care in t-1 and not insured in t-2", dict(unknown), costs={2019: {"zvwkgeboortezorg": 500.0}})
    r.mother("not insured in t-1", unknown | {"mental_health_care": None}, costs={2018: {}})
    r.mother(
        "mental health care",
        {"mental_health_care": 1},
        costs={2018: {}, 2019: {"zvwkspecggz": 0.01, "zvwkhuisarts": 99.0}},
    )
    r.mother("mental health care in t-2", costs={2018: {"zvwkspecggz": 0.01}, 2019: {}})
    for year, groups, code in ((2019, 5, 1), (2019, 4, 2), (2018, 5, 2), (2020, 5, 2)):
        key = r.mother(f"{groups} groups of medication in {year}", {"medication": code})
        for group in range(groups):
            r.add("medicijntab", year, **key, atc4=f"A0{group}A")
    key = r.mother("addiction care in 2014", {"addiction_care": 1})
    r.add("ggzdbctrajectentab", 2014, **key, ggzdbccircuit="5")
    key = r.mother("addiction care in 2013, too long ago")
    r.add("ggzdbctrajectentab", 2013, **key, ggzdbccircuit="5")
    key = r.mother("a diagnosis of addiction in 2019", {"addiction_care": 1})
    r.add("ggzdbcdiagnosehoofddiagtab", 2019, **key, ggzdbcnevendiagnosedsmivhoofddiag="as1_4.2")
    key = r.mother("other mental health care")
    r.add("ggzdbctrajectenhoofddiagtab", 2019, **key, ggzdbccircuithoofddiag="1")
    r.add("ggzdbcdiagnosehoofddiagtab", 2019, **key, ggzdbcnevendiagnosedsmivhoofddiag="as1_3.1")
    r.add("lvbwsw", 2021, **r.mother("a mild intellectual disability", {"intellectual_disability": 1}))
    key = r.mother("in the base file without a mild intellectual disability")
    r.add("lvbbasisbestand", 2015, **key, lvbregistratie=0)


def surroundings_factors(r: InventedRegisters) -> None:
    """Factors 23 to 27 and 29 to 31."""
    windows = (("verdtab", "crime_suspect", 7), ("slotab", "crime_victim", 5), ("gedetineerdentab", "detention", 12))
    for register, factor, years in windows:
        r.add(register, 2020 - years, **r.mother(f"in {register} {years} years before", {factor: 1}))
        key = r.mother(f"in {register} {years + 1} years before and in the year of birth")
        r.add(register, 2020 - years - 1, **key)
        r.add(register, 2020, **key)
    r.mother("rent in 2019, owner in 2020", {"home_ownership": 1}, tenure=("2", "1"))
    r.mother("unknown tenure in 2019", {"home_ownership": 1}, tenure=(None, "1"))
    r.mother("owner in 2019, unknown tenure in 2020", tenure=("1", None))
    r.mother("a vehicle in the household in 2019 alone", vehicle_years=(2019,))
    r.mother("a vehicle in the household in 2020 alone", {"motor_vehicle": 1}, vehicle_years=(2020,))
    r.add("rdwnpacttab", 2019, **r.mother("a vehicle of her own in 2019", vehicle_years=()))
    moves = [("20140101", "20150101"), ("20150102", "20160101"), ("20160102", "20170101"), ("20170102", "20180101")]
    spells = tuple((HOME if number % 2 else LOW_STREET, *days) for number, days in enumerate(moves))
    last = (HOME, "20180102", "20191231"), (HOME, "20200101", ALWAYS)
    r.mother("five moves from 1 January 2015 to 31 December 2019", {"moves": 1}, addresses=spells + last)
    last = (HOME, "20180102", "20200101"), (HOME, "20200102", ALWAYS)
    r.mother("the fifth move on 1 January 2020", addresses=spells + last)
    last = (HOME, "20180102", "20181231"), (HOME, "20190301", ALWAYS)
    r.mother("the fifth is a departure from the country", addresses=spells + last)
    r.mother(
        "came in the year of birth: nothing known of the years before",
        {"moves": None, "gp_nearby": None, "liveability": None},
        addresses=((HOME, "20200101", ALWAYS),),
    )
    r.mother(
        "no GP near until 30 June 2019",
        {"gp_nearby": 1},
        addresses=((FAR_AWAY, "20100101", "20190630"), (HOME, "20190701", ALWAYS)),
    )
    r.mother(
        "low liveability until 30 June 2019",
        {"liveability": 1},
        addresses=((LOW_STREET, "20100101", "20190630"), (HOME, "20190701", ALWAYS)),
    )
    r.mother(
        "low liveability from 1 July 2019",
        addresses=((HOME, "20100101", "20190630"), (LOW_STREET, "20190701", ALWAYS)),
    )
    r.mother(
        "an address that no file knows",
        {"gp_nearby": None, "liveability": None},
        addresses=((NO_FILE, "20100101", ALWAYS),),
    )


def outside(r: InventedRegisters) -> None:
    """Births that the Kennisnotitie leaves out, and those of the health monitor's respondents."""
    r.mother("stillborn at 23 weeks", live=False, weeks=23, counted=False)
    r.mother("mother unknown", mother_known=False, counted=False)
    r.mother("mother not in the population register", mother_registered=False, counted=False)
    r.mother("born in 2016", born="20161231", counted=False)


def invented() -> InventedRegisters:
    """All families; numbers below 1000 are children."""
    r = InventedRegisters()
    for families in (
        person_factors,
        income_and_work_factors,
        family_factors,
        care_factors,
        surroundings_factors,
        outside,
    ):
        families(r)
    return r


def test_factors(tmp_path: Path) -> None:
    project = Project(tmp_path)
    registers = invented()
    write_registers(project.registers, registers.rows)
    project.dbt("build", *WITHOUT_TESTS, "--select", "+int_vulnerability__factors")
    rows = project.query(f"select birth_id, {', '.join(RISK_FREE)} from intermediate.int_vulnerability__factors")
    found = {row[0]: dict(zip(RISK_FREE, row[1:], strict=True)) for row in rows}
    assert found.keys() == registers.expected.keys()
    wrong = [
        (why, {factor: (found[birth][factor], code) for factor, code in codes.items() if found[birth][factor] != code})
        for birth, (why, codes) in registers.expected.items()
        if found[birth] != codes
    ]
    assert wrong == [], "found, expected"
