"""The loader's rules, and what must hold for every register of the catalogue."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import yaml

from kansrijke_start.registers.catalogue import (
    CATALOGUE_FOLDER,
    Catalogue,
    CatalogueError,
    FileVersion,
    Register,
    load_catalogue,
    load_register,
    load_sources,
)

CATALOGUE = load_catalogue()
REGISTERS = sorted(CATALOGUE.registers.values(), key=lambda register: register.component)

REQUIRED = [
    "INSCHRWPOTAB",
    "INSCHRWECTAB",
    "GBAPERSOONTAB",
    "KINDOUDERTAB",
    "GBALEVENDGEBORENENMASSATAB",
    "DGGBAPERSOONTAB",
    "GBAHUISHOUDENSBUS",
    "GBAADRESOBJECTBUS",
    "GBABURGERLIJKESTAATBUS",
    "GBASCHEIDINGENMASSATAB",
    "GBAOVERLIJDENTAB",
    "VSLGWBTAB",
    "NIETVSLGWBTAB",
    "VSLPOSTCODEBUS",
    "KOPPELPERSOONHUISHOUDEN",
    "INHATAB",
    "SECMBUS",
    "WANBZVWTAB",
    "WSNPPERSBUS",
    "PROBLEMATISCHESCHULDENTAB",
    "HOOGSTEOPLTAB",
    "ZVWZORGKOSTENTAB",
    "MEDICIJNTAB",
    "MSZPRESTATIESVEKTTAB",
    "MSZZORGACTIVITEITENVEKTTAB",
    "SPOLISBUS",
    "GGZDBCTRAJECTENTAB",
    "GGZDBCDIAGNOSETAB",
    "GGZDBCTRAJECTENHOOFDDIAGTAB",
    "GGZDBCDIAGNOSEHOOFDDIAGTAB",
    "JGDHULPBUS",
    "JGDBESCHERMBUS",
    "VERDTAB",
    "SLOTAB",
    "GEDETINEERDENTAB",
    "RDWNPACTTAB",
    "NABIJHEIDZORGTAB",
]
LATER = [
    "LEEFBAAROMETER",
    "ASIELCOHORT",
    "LVBAO",
    "LVBCIZ",
    "LVBWSW",
    "LVBBASISBESTAND",
    "PERINED",
    "GEMON",
]


def minimal(**changes: Any) -> dict[str, Any]:
    """A register that the loader accepts, with changes."""
    content: dict[str, Any] = {
        "component": "PROEFTAB",
        "theme": "Bevolking",
        "family": "brp",
        "kind": "yearly",
        "grain": "One row per person.",
        "description": "A register for tests.",
        "source": "recalled",
        "confidence": "recalled",
        "file_name": "PROEF{year}TABV{version}",
        "file_patterns": [r"PROEF(?P<year>\d{4})TABV(?P<version>\d+)"],
        "years": {"first": 2015, "last": 2016},
        "required": False,
        "columns": [column()],
    }
    return {**content, **changes}


def column(**changes: Any) -> dict[str, Any]:
    """A column that the loader accepts, with changes."""
    content = {
        "name": "bedrag",
        "type": "decimal",
        "description": "BEDRAG, an amount.",
        "source": "recalled",
        "confidence": "recalled",
    }
    return {**content, **changes}


def load(folder: Path, content: dict[str, Any] | str, name: str = "proeftab.yml") -> Register:
    """Write one register and read it."""
    path = folder / name
    text = content if isinstance(content, str) else yaml.safe_dump(content, sort_keys=False)
    path.write_text(text, encoding="utf-8")
    return load_register(path)


def test_minimal_register_is_accepted(tmp_path: Path) -> None:
    register = load(tmp_path, minimal())
    assert register.folder == "proeftab"
    assert register.file_years == [2015, 2016]
    assert register.generates_source is False


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (minimal(columns=[column(type="text")]), r"column 'bedrag', type: .*'string', 'code', 'date'.*given: 'text'"),
        (minimal(columns=[column(), column()]), r"column bedrag is there twice"),
        (minimal(columns=[]), r"columns"),
        (minimal(file_patterns=[r"PROEF\d{4}TABV\d+"]), r"has no group \(\?P<year>"),
        (minimal(file_patterns=[r"PROEF(?P<year>\d{4})TABV\d+"]), r"has no group \(\?P<version>"),
        (minimal(file_patterns=[r"PROEF(?P<year>\d{4}TABV(?P<version>\d+)"]), r"is no regular expression"),
        (minimal(file_patterns=[r"ANDERS(?P<year>\d{4})TABV(?P<version>\d+)"]), r"not matched by its own"),
        (minimal(file_name="PROEF{year}"), r"file_name needs \{year\} and \{version\}"),
        (minimal(family="onbekend"), r"family: .*given: 'onbekend'"),
        (minimal(key=["rinpersoon"]), r"key names column rinpersoon, which the register does not have"),
        (
            minimal(persons=[{"kind": "a", "number": "b", "least_share": 0.9}]),
            r"persons names column a, which the register does not have",
        ),
        (minimal(at_least_one_of=[["bedrag", "hg"]]), r"at_least_one_of names column hg"),
        (minimal(years={"first": 2016, "last": 2015}), r"first year 2016 lies after last year 2015"),
        (minimal(years={"first": 2016}), r"years needs a first and a last year"),
        (minimal(unexpected=1), r"unexpected: Extra inputs are not permitted"),
        (minimal(key_tolerance={"years": {2015: 2.0}}), r"the share of 2015 is 2.0, not between 0 and 1"),
        (minimal(file_years_only=[2015]), r"must begin and end with the years"),
        (minimal(file_years_only=[2016, 2015]), r"ascending years"),
        (minimal(kind="spells", file_years_only=[2015, 2016]), r"kinds with a file per year"),
        (minimal(columns=[column(name="rinpersoonma")]), r"rinpersoonma stands without its kind rinpersoonsma"),
        (minimal(columns=[column(name="file_year")]), r"file_year is added by ingest"),
        (minimal(columns=[column(name="BEDRAG")]), r"no canonical name"),
        (minimal(columns=[column(tolerance={"negative": 1.5})]), r"tolerance, negative: .*less than or equal to 1"),
        (minimal(columns=[column(type="code")]), r"type code needs codes"),
        (minimal(columns=[column(codes={"1": "ja"})]), r"codes are for type code or integer only"),
        (minimal(columns=[column(width=4)]), r"width is for string, code and date only"),
        (minimal(columns=[column(type="string", pad=True)]), r"pad needs a width"),
        (minimal(columns=[column(type="date", width=6)]), r"a date is 8 characters wide"),
        (
            minimal(columns=[column(type="code", width=2, codes={"1": "ja"})]),
            r"code '1' is not 2 characters wide",
        ),
        (
            minimal(columns=[column(type="code", codes={"1": "ja"}, missing=["1"])]),
            r"'1' is both a code and a missing code",
        ),
        (
            minimal(columns=[column(missing=["-1"], meaningful_missing={"-1": "institution"})]),
            r"'-1' is both missing and a missing code that carries meaning",
        ),
        (minimal(columns=[column(pattern=r"bedrag_\d{8}", date_column="peildatum")]), r"has no group \(\?P<date>"),
        (minimal(columns=[column(date_column="peildatum")]), r"date_column needs a pattern"),
        (minimal(columns=[column(per_year={"first": 2015})]), r"per_year needs a first and a last year"),
        (
            minimal(columns=[column(), column(name="anders", aliases=[{"name": "BEDRAG"}])]),
            r"header bedrag belongs to both bedrag and anders",
        ),
        ("- not\n- a mapping\n", r"must be a mapping of fields, not list"),
        ("component: [\n", r"cannot be read as YAML"),
        ("component: A\ncomponent: B\n", r"key 'component' is there twice"),
    ],
)
def test_loader_refuses(tmp_path: Path, content: dict[str, Any] | str, message: str) -> None:
    with pytest.raises(CatalogueError, match=message) as caught:
        load(tmp_path, content)
    assert str(caught.value).startswith("proeftab.yml: ")


def test_loader_refuses_a_misnamed_file(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match=r"the file must be proeftab\.yml"):
        load(tmp_path, minimal(), name="anders.yml")


def test_loader_refuses_an_unknown_shared_column(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match=r"column uses 'rin', which _shared\.yml does not describe"):
        load(tmp_path, minimal(columns=[{"use": "rin"}]))


def test_catalogue_refuses_an_empty_folder(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match="no register is described here"):
        load_catalogue(tmp_path)


def test_catalogue_refuses_an_unknown_source(tmp_path: Path) -> None:
    (tmp_path / "_sources.yml").write_text("sources: {CBS: Documentation.}\n", encoding="utf-8")
    load(tmp_path, minimal(source="CBS"))
    with pytest.raises(CatalogueError, match=r"'bedrag': source 'recalled' does not stand in _sources\.yml"):
        load_catalogue(tmp_path)


def test_catalogue_refuses_patterns_that_match_another_register(tmp_path: Path) -> None:
    load(tmp_path, minimal())
    greedy = minimal(
        component="ANDERSTAB",
        file_name="ANDERS{year}TABV{version}",
        file_patterns=[r"[A-Z]+(?P<year>\d{4})TABV(?P<version>\d+)"],
    )
    load(tmp_path, greedy, name="anderstab.yml")
    with pytest.raises(CatalogueError, match=r"anderstab.yml: file_patterns also match PROEF2016TABV1"):
        load_catalogue(tmp_path)


def test_every_register_of_the_design_is_there() -> None:
    assert sorted(CATALOGUE.required) == sorted(name.lower() for name in REQUIRED)
    assert sorted(CATALOGUE.registers) == sorted(name.lower() for name in REQUIRED + LATER)
    assert list(CATALOGUE.registers) == sorted(CATALOGUE.registers)


@pytest.mark.parametrize("register", REGISTERS, ids=lambda register: register.component)
def test_file_names_belong_to_one_register(register: Register) -> None:
    for year in register.file_years:
        for version in (1, 2, 9, 10):
            stem = register.file_stem(year, version)
            assert register.match(stem) == (year, version)
            assert register.match(stem.lower()) == (year, version)
            others = [other.component for other in REGISTERS if other.match(stem) is not None]
            assert others == [register.component]
    assert register.match("iets heel anders 2020V1") is None


@pytest.mark.parametrize("register", REGISTERS, ids=lambda register: register.component)
def test_versions_compare_as_numbers(register: Register) -> None:
    year = register.file_years[-1]
    ninth, tenth = (register.file_version(register.file_stem(year, version)) for version in (9, 10))
    assert ninth is not None and tenth is not None
    assert tenth > ninth


def test_a_later_month_wins_before_the_version() -> None:
    register = CATALOGUE.registers["vslgwbtab"]
    stems = ["VSLGWB2023TAB03V2", "VSLGWB2023TAB10V1", "VSLGWB2022TAB12V3"]
    newest = max(stems, key=lambda stem: register.file_version(stem) or FileVersion(0, 0, 0))
    assert newest == "VSLGWB2023TAB10V1"


@pytest.mark.parametrize(
    ("stem", "component", "expected"),
    [
        ("130614 MEDICIJNTAB 2010V1", "MEDICIJNTAB", FileVersion(2010, 0, 1)),
        ("140224 MEDICIJNTAB 2012V1", "MEDICIJNTAB", FileVersion(2012, 0, 1)),
        ("MEDICIJN2020TABV2", "MEDICIJNTAB", FileVersion(2020, 0, 2)),
        ("140710 GBASCHEIDINGENMASSATAB 2013V1", "GBASCHEIDINGENMASSATAB", FileVersion(2013, 0, 1)),
        ("141201 NABIJHEIDZORGTAB 2012V1", "NABIJHEIDZORGTAB", FileVersion(2012, 0, 1)),
        ("GBAPERSOONTAB2016V1", "GBAPERSOONTAB", FileVersion(2016, 0, 1)),
        ("GBAPERSOON2017TABV1", "GBAPERSOONTAB", FileVersion(2017, 0, 1)),
        ("VSLGWB2023TAB03V1", "VSLGWBTAB", FileVersion(2023, 3, 1)),
        ("VSLPOSTCODEBUSV2024031", "VSLPOSTCODEBUS", FileVersion(2024, 3, 1)),
        ("KOPPELPERSOONHUISHOUDEN2020V2", "KOPPELPERSOONHUISHOUDEN", FileVersion(2020, 0, 2)),
        ("SECMBUS2022V1", "SECMBUS", FileVersion(2022, 0, 1)),
        ("INHA2020TABV2", "INHATAB", FileVersion(2020, 0, 2)),
        ("ZVWZORGKOSTEN2020TABV2", "ZVWZORGKOSTENTAB", FileVersion(2020, 0, 2)),
        ("HOOGSTEOPL2020TABV2", "HOOGSTEOPLTAB", FileVersion(2020, 0, 2)),
        ("WANBZVW2020TABV1", "WANBZVWTAB", FileVersion(2020, 0, 1)),
        ("GBABURGERLIJKESTAAT2023BUSV1", "GBABURGERLIJKESTAATBUS", FileVersion(2023, 0, 1)),
        ("VRLGBABURGERLIJKESTAATBUS2019V1", "GBABURGERLIJKESTAATBUS", FileVersion(2019, 0, 1)),
        ("INSCHRWPOTAB2020V2", "INSCHRWPOTAB", FileVersion(2020, 0, 2)),
        ("GEZOMONITOR2016V2", "GEMON", FileVersion(2016, 0, 2)),
        ("GEMON2020V2", "GEMON", FileVersion(2020, 0, 2)),
        ("MSZPrestatiesVEKT2019TABV3", "MSZPRESTATIESVEKTTAB", FileVersion(2019, 0, 3)),
        ("MSZZorgactiviteitenVEKT2019TABV2", "MSZZORGACTIVITEITENVEKTTAB", FileVersion(2019, 0, 2)),
        ("GGZDBCdiagnoseHOOFDDIAG2020TABV2", "GGZDBCDIAGNOSEHOOFDDIAGTAB", FileVersion(2020, 0, 2)),
        ("JGDBESCHERM2019BUSV2", "JGDBESCHERMBUS", FileVersion(2019, 0, 2)),
        ("Perined2000_2021CBKV1", "PERINED", FileVersion(2021, 0, 1)),
        ("8099Perined2021_2022RIVMCBKV1", "PERINED", FileVersion(2022, 0, 1)),
        ("Perined2000_2020_e_CBKV1", "PERINED", FileVersion(2020, 0, 1)),
        ("AO-2015-2021", "LVBAO", FileVersion(2021, 0, 1)),
        ("LVB_Basisbestand 2014 en 2015", "LVBBASISBESTAND", FileVersion(2015, 0, 1)),
        ("Leefbaarometer 3.0 - meting 2022 - scores PC4", "LEEFBAAROMETER", FileVersion(2022, 0, 1)),
    ],
)
def test_names_seen_in_deliveries(stem: str, component: str, expected: FileVersion) -> None:
    register = CATALOGUE.match(stem)
    assert register is not None and register.component == component
    assert register.file_version(stem) == expected


@pytest.mark.parametrize("register", REGISTERS, ids=lambda register: register.component)
def test_every_fact_is_described_and_sourced(register: Register) -> None:
    assert register.grain.startswith("One row per ") and register.grain.endswith(".")
    assert register.description.endswith(".")
    known = load_sources()
    for item in (register, *register.columns_expanded()):
        assert item.description and item.confidence
        assert all(key.strip() in known for key in item.source.split(","))
    for column_ in register.columns_expanded():
        assert column_.description.endswith("."), column_.name
        assert all(0.0 <= share <= 1.0 for share in column_.tolerance.model_dump().values())
    assert 0.0 <= register.key_tolerance.default <= 1.0
    assert all(0.0 < rule.least_share <= 1.0 for rule in register.persons)


@pytest.mark.parametrize("register", REGISTERS, ids=lambda register: register.component)
def test_key_columns_are_never_missing(register: Register) -> None:
    for name in register.key:
        if not name.startswith(("rinpersoonspartner", "rinpersoonpartner")):
            assert register.column(name).tolerance.missing == 0.0, name


@pytest.mark.parametrize("register", REGISTERS, ids=lambda register: register.component)
def test_schema_holds_the_columns_in_order(register: Register) -> None:
    schema = register.arrow_schema()
    assert schema.names == ["file_year", *(column.name for column in register.columns_expanded())]
    assert schema.field("file_year").type == pa.int32()
    assert {str(field.type) for field in schema} <= {"int32", "string", "int64", "double"}


def test_per_year_columns_expand() -> None:
    register = CATALOGUE.registers["vslgwbtab"]
    names = [column.name for column in register.columns_expanded()]
    assert names[:2] == ["soortobjectnummer", "rinobjectnummer"]
    assert names[2:11] == [f"gem{year}" for year in range(2015, 2024)]
    assert names[-1] == "bc2023"
    assert len(names) == 2 + 3 * 9
    gem = register.column("gem2019")
    assert gem.usual_name == "Gem2019"
    assert gem.match_header("GEM2019", 2023) == (True, None)
    assert gem.match_header("gem2018", 2023) == (False, None)


def test_a_date_in_a_column_name_becomes_a_column() -> None:
    register = CATALOGUE.registers["problematischeschuldentab"]
    names = [column.name for column in register.columns_expanded()]
    assert names.count("peildatum") == 1 and names[-1] == "peildatum"
    person = register.column("smalle_def_problematische_schulden")
    household = register.column("smalle_def_problematische_schulden_hh")
    header = "smalle_def_problematische_schulden_HH_20190101"
    assert household.match_header(header, 2019) == (True, "20190101")
    assert person.match_header(header, 2019) == (False, None)
    assert person.match_header("SMALLE_DEF_PROBLEMATISCHE_SCHULDEN_20190101", 2019) == (True, "20190101")
    assert person.match_header("smalle_def_problematische_schulden", 2019) == (False, None)


def test_aliases_follow_the_years() -> None:
    education = CATALOGUE.registers["hoogsteopltab"].column("oplnivsoi_agg4_hb_metnirwo")
    assert education.match_header("OPLNIVSOI2016AGG4HBMETNIRWO", 2016) == (True, None)
    assert education.match_header("OPLNIVSOI2021AGG4HBmetNIRWO", 2021) == (True, None)
    assert education.match_header("OPLNIVSOI2016AGG4HGMETNIRWO", 2019) == (False, None)
    wage = CATALOGUE.registers["spolisbus"].column("sbasisloon")
    assert wage.match_header("BASISLOON", 2009) == (True, None)
    assert wage.match_header("BASISLOON", 2010) == (False, None)


def test_mental_health_costs_change_in_2022() -> None:
    costs = CATALOGUE.registers["zvwzorgkostentab"]
    for name in ("zvwkspecggz", "zvwkgenbasggz"):
        assert costs.column(name).expected_in(2021) and not costs.column(name).expected_in(2022)
    total = costs.column("zvwkggzzpmtotaal")
    assert not total.expected_in(2021) and total.expected_in(2022)


def test_the_cost_register_has_every_known_heading() -> None:
    names = [column.name for column in CATALOGUE.registers["zvwzorgkostentab"].columns_expanded()]
    assert sum(name.startswith("zvwk") and name != "zvwkophoogfactor" for name in names) == 21
    assert sum(name.startswith("nopzvwk") for name in names) == 18


def test_file_years() -> None:
    registers = CATALOGUE.registers
    assert registers["kindoudertab"].file_years == [2024]
    assert registers["zvwzorgkostentab"].file_years == list(range(2015, 2025))
    assert registers["jgdhulpbus"].file_years == list(range(2015, 2024))
    assert registers["nabijheidzorgtab"].file_years == [2016, 2017, 2018, 2019, 2020, 2022, 2023]
    assert registers["gemon"].file_years == [2012, 2016, 2020]


def test_known_tolerances() -> None:
    births = CATALOGUE.registers["gbalevendgeborenenmassatab"].key_tolerance
    assert (births.for_year(2015), births.for_year(2016)) == (0.02, 0.0)
    income = CATALOGUE.registers["inhatab"].column("inhp100hgest")
    assert "-1" in income.meaningful_missing and not income.missing


def test_value_patterns_fit_the_width() -> None:
    number = CATALOGUE.registers["gbapersoontab"].column("rinpersoon")
    assert number.value_pattern is not None
    assert re.fullmatch(number.value_pattern, "000000012")
    assert not re.fullmatch(number.value_pattern, "12")


def test_every_file_of_the_folder_is_loaded() -> None:
    files = {path.stem for path in CATALOGUE_FOLDER.glob("*.yml") if not path.name.startswith("_")}
    assert files == set(CATALOGUE.registers)
    assert isinstance(CATALOGUE, Catalogue)
