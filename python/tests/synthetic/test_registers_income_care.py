"""The registers on income, education, debts and care have CBS's shape and agree with each other."""

from __future__ import annotations

import functools

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from income_care_world import MENTAL_ATC4, births, register, world

from kansrijke_start.registers.catalogue import Catalogue, load_catalogue
from kansrijke_start.synthetic import registers_income_care
from kansrijke_start.synthetic.registers_income_care import REGISTERS, day
from kansrijke_start.synthetic.world import World

# One worker builds the world, once.
pytestmark = pytest.mark.xdist_group("income_care_world")

COMPONENTS = sorted(REGISTERS)


@functools.cache
def catalogue() -> Catalogue:
    return load_catalogue()


@pytest.mark.parametrize("component", COMPONENTS)
def test_files_have_the_years_and_columns_of_the_catalogue(component: str) -> None:
    layout = catalogue().registers[component.lower()]
    columns = {column.name: column for column in layout.columns_expanded()}
    table = register(component)
    years = table["file_year"].unique().sort().to_list()
    if layout.kind == "yearly":
        assert years == list(range(layout.years.first, layout.years.last + 1))
    else:
        assert years == [layout.years.last]
    assert not set(table.columns) - set(columns) - {"file_year"}
    for year in years:
        rows = table.filter(file_year=year)
        filled = {name for name in rows.columns if name != "file_year" and rows[name].null_count() < rows.height}
        wanted = {name for name, column in columns.items() if column.expected_in(year) and name != "peildatum"}
        assert not wanted - filled, f"{component} {year}"
        outside = {name for name in filled if columns[name].years is not None and year not in columns[name].years}
        assert not outside, f"{component} {year}"


@pytest.mark.parametrize("component", COMPONENTS)
def test_values_are_within_the_catalogue(component: str) -> None:
    layout = catalogue().registers[component.lower()]
    table = register(component)
    for column in layout.columns_expanded():
        if column.name not in table.columns:
            continue
        values = table[column.name].drop_nulls()
        special = [*column.missing, *column.meaningful_missing]
        if column.codes:
            allowed = [*column.codes, *special]
            strange = values.cast(pl.String).unique().to_list()
            assert not set(strange) - set(allowed), f"{component}.{column.name}"
        if column.exact_width is not None:
            widths = values.filter(~values.is_in(special)).str.len_chars()
            assert (widths == column.exact_width).all(), f"{component}.{column.name}"
        if column.value_pattern is not None and values.dtype == pl.String:
            plain = values.filter(~values.is_in(special))
            assert plain.str.contains(f"^(?:{column.value_pattern})$").all(), f"{component}.{column.name}"
        if values.dtype.is_numeric() and special:
            missing = values.cast(pl.Float64).is_in([float(code) for code in column.missing])
            assert missing.mean() <= 0.5 * column.tolerance.missing, f"{component}.{column.name}"


@pytest.mark.parametrize("component", COMPONENTS)
def test_keys_are_unique(component: str) -> None:
    layout = catalogue().registers[component.lower()]
    table = register(component)
    keys = ["file_year", *layout.key]
    assert table.select(keys).is_duplicated().sum() == 0


@pytest.mark.parametrize("component", COMPONENTS)
def test_persons_are_persons_of_the_world(component: str) -> None:
    known = world().income_and_care.number
    numbers = {bytes(row).decode() for row in known}
    table = register(component)
    for column in ("rinpersoon", "rinpersoonhkw"):
        if column in table.columns:
            assert not set(table[column].unique()) - numbers


def test_slices_do_not_change_the_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    def rows(component: str) -> dict[int, pa.Table]:
        by_year: dict[int, list[pa.Table]] = {}
        for year, table in REGISTERS[component](world()):
            plain = {
                name: column.cast(pa.string()) if pa.types.is_dictionary(column.type) else column
                for name, column in zip(table.column_names, table.columns, strict=True)
            }
            by_year.setdefault(year, []).append(pa.table(plain))
        return {year: pa.concat_tables(tables).combine_chunks() for year, tables in by_year.items()}

    for component in ("INHATAB", "SECMBUS", "HOOGSTEOPLTAB", "PROBLEMATISCHESCHULDENTAB", "WANBZVWTAB"):
        whole = rows(component)
        with monkeypatch.context() as patch:
            patch.setattr(registers_income_care, "SLICE", 7_001)
            parts = rows(component)
        for year in whole:
            assert whole[year].equals(parts[year]), f"{component} {year}"


def test_a_register_without_rows_still_has_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    here = world()
    empty = np.zeros_like(here.circumstances.debt_state)
    monkeypatch.setattr(here.circumstances, "debt_state", empty)
    tables = list(registers_income_care.wanbzvwtab(here))
    assert [year for year, _ in tables] == list(range(2015, 2024))
    assert sum(table.num_rows for _, table in tables) == 0
    assert [table.num_rows for _, table in registers_income_care.wsnppersbus(here)] == [0]


# --- income -----------------------------------------------------------------------------------------------------------


def test_every_household_of_the_link_has_an_income_and_the_other_way_round() -> None:
    link = register("KOPPELPERSOONHUISHOUDEN").select("file_year", "rinpersoonhkw").unique()
    income = register("INHATAB").select("file_year", "rinpersoonhkw")
    assert link.join(income, on=["file_year", "rinpersoonhkw"], how="anti").is_empty()
    assert income.join(link, on=["file_year", "rinpersoonhkw"], how="anti").is_empty()


def test_the_main_earner_belongs_to_his_own_household() -> None:
    link = register("KOPPELPERSOONHUISHOUDEN")
    heads = link.filter(pl.col("rinpersoon").is_in(link["rinpersoonhkw"].unique().implode()))
    own = heads.join(
        link.select("file_year", "rinpersoonhkw").unique(),
        left_on=["file_year", "rinpersoon"],
        right_on=["file_year", "rinpersoonhkw"],
        how="semi",
    )
    assert (own["rinpersoon"] == own["rinpersoonhkw"]).mean() > 0.999


def test_the_link_holds_children_with_their_mother() -> None:
    here = world()
    born = here.population.births
    chosen = np.flatnonzero((born.birth_year == 2018) & born.is_live & (born.mother >= 0))
    numbers = here.income_and_care.number

    def rin(person: np.ndarray) -> list[str]:
        return [bytes(row).decode() for row in numbers[person]]

    link = register("KOPPELPERSOONHUISHOUDEN").filter(file_year=2020).select("rinpersoon", "rinpersoonhkw")
    pairs = pl.DataFrame({"child": rin(born.child[chosen]), "mother": rin(born.mother[chosen])})
    both = pairs.join(link, left_on="child", right_on="rinpersoon").join(
        link, left_on="mother", right_on="rinpersoon", suffix="_mother"
    )
    assert both.height > 0.9 * pairs.height
    assert (both["rinpersoonhkw"] == both["rinpersoonhkw_mother"]).mean() > 0.95


def test_income_variables_agree_with_each_other() -> None:
    income = register("INHATAB")
    seen = income.filter(pl.col("inhbestinkh") < 9e9)
    unseen = income.filter(pl.col("inhbestinkh") > 9e9)
    assert seen["inhp100hgest"].is_between(1, 100).all()
    assert (seen["inharmsoc"] > 0).all()
    assert unseen["inhp100hgest"].is_in([-1, -2]).all()
    assert unseen["inharmsoc"].is_in([-1.0, -2.0]).all()
    assert (unseen["inhbbihj"] == "99").all()
    assert 0 < unseen.height < 0.03 * income.height
    assert (seen["inhgestinkh"] <= seen["inhbestinkh"]).all()
    assert (seen["inhbestinkh"] < seen["inhbrutinkh"]).all()
    assert (seen["inhpriminkh"] < 0).mean() < 0.015
    assert (seen["inhpriminkh"] < 0).any()
    low = seen.filter(pl.col("inharmsoc") < 120)
    high = seen.filter(pl.col("inharmsoc") >= 120)
    assert low["inhp100hgest"].max() <= 14
    assert high["inhp100hgest"].min() >= 7
    assert pl.DataFrame({"a": seen["inharmsoc"], "b": seen["inhp100hgest"]}).corr()["b"][0] > 0.8
    assert seen["inhahl"].min() == 1
    single = seen.filter(pl.col("inhsamhh").is_in(["11", "12"]))
    assert (single["inhahl"] == 1).all()


def test_quintiles_of_mothers_are_near_the_published_ones() -> None:
    """KN-04-169 and following: 13.5, 11.3, 17.2, 24.7 and 29.4 % of the mothers of all years."""
    mothers = (
        births()
        .join(
            register("KOPPELPERSOONHUISHOUDEN"),
            left_on=["mother", "year"],
            right_on=["rinpersoon", "file_year"],
        )
        .join(register("INHATAB"), left_on=["rinpersoonhkw", "year"], right_on=["rinpersoonhkw", "file_year"])
    )
    quintile = (mothers["inhp100hgest"].filter(mothers["inhp100hgest"] > 0) - 1) // 20
    shares = [(quintile == number).mean() for number in range(5)]
    assert shares == pytest.approx([0.135, 0.113, 0.172, 0.247, 0.294], abs=0.05)


def test_social_assistance_of_the_household_follows_that_of_the_parents() -> None:
    mothers = (
        births()
        .join(
            register("KOPPELPERSOONHUISHOUDEN"),
            left_on=["mother", "year"],
            right_on=["rinpersoon", "file_year"],
        )
        .join(register("INHATAB"), left_on=["rinpersoonhkw", "year"], right_on=["rinpersoonhkw", "file_year"])
    )
    regular = mothers.filter(pl.col("social_assistance") & ~pl.col("tozo") & ~pl.col("single_parent"))
    assert (regular["inhbbihj"] == "22").mean() > 0.7
    tozo = mothers.filter("tozo")
    assert tozo.height > 20
    assert (tozo["inhbbihj"] == "22").mean() < 0.5
    assert (mothers.filter(~pl.col("social_assistance"))["inhbbihj"] == "22").mean() < 0.01


def test_category_spells_do_not_overlap_and_end_open() -> None:
    spells = register("SECMBUS").sort("rinpersoon", "aanvsecm")
    same = spells["rinpersoon"][1:] == spells["rinpersoon"][:-1]
    ends, starts = spells["eindsecm"][:-1].filter(same), spells["aanvsecm"][1:].filter(same)
    assert (ends < starts).all()
    assert (spells["eindsecm"] >= spells["aanvsecm"]).all()
    last = spells.group_by("rinpersoon").agg(pl.col("eindsecm").last())
    assert (last["eindsecm"] == "88888888").mean() > 0.95
    assert spells.filter(pl.col("eindsecm") != "88888888")["eindsecm"].max() <= "20231231"
    flags = {
        "11": "xkoppelwerknsecm",
        "13": "xkoppelzelfstsecm",
        "22": "xkoppelbijstandsecm",
        "26": "xkoppelscholstudsecm",
    }
    for code, flag in flags.items():
        assert (spells.filter(secm=code)[flag] == "1").all(), code
    assert set(spells.filter(xkoppelbijstandsecm="1")["secm"]) == {"22"}


def test_tozo_spells_lie_around_the_end_of_2020() -> None:
    spells = register("SECMBUS").filter(pl.col("secm") == "22", pl.col("xkoppelzelfstsecm") == "1")
    assert spells.height > 20
    assert ((spells["aanvsecm"] >= "20200301") & (spells["aanvsecm"] <= "20201231")).all()
    assert ((spells["eindsecm"] >= "20210101") & (spells["eindsecm"] <= "20211231")).all()


def test_most_mothers_work_and_most_vulnerable_ones_do_not() -> None:
    """KN-04-209 and following: 20.9 % of the mothers whom the forest labels work and 83.7 % of the others.

    Who is in the first class works more often than that: the forest finds those who do not.
    """
    here = world()
    born = births()
    vulnerable = here.circumstances.latent_class[here.population.births.event[born["birth"].to_numpy()]] == 0
    spells = (
        born.with_columns(vulnerable=pl.Series(vulnerable), on=pl.concat_str("year", pl.lit("1231")))
        .join(register("SECMBUS"), left_on="mother", right_on="rinpersoon")
        .filter(pl.col("aanvsecm") <= pl.col("on"), pl.col("eindsecm") >= pl.col("on"))
    )
    assert spells.height > 0.98 * born.height
    work = spells.group_by("vulnerable").agg(pl.col("secm").is_in(["11", "12", "13", "14", "15"]).mean())
    shares = dict(work.iter_rows())
    assert 0.2 < shares[True] < 0.38
    assert shares[False] == pytest.approx(0.837, abs=0.04)


# --- education and debts ----------------------------------------------------------------------------------------------


def test_the_education_of_a_person_is_the_same_in_all_years_and_its_column_differs_in_2019() -> None:
    table = register("HOOGSTEOPLTAB")
    followed = table.filter(pl.col("oplnivsoi_agg4_hg_metnirwo").is_not_null())
    assert set(followed["file_year"]) == {2019}
    assert table.filter(file_year=2019)["oplnivsoi_agg4_hb_metnirwo"].null_count() == followed.height
    level = pl.coalesce("oplnivsoi_agg4_hb_metnirwo", "oplnivsoi_agg4_hg_metnirwo")
    distinct = table.with_columns(level=level).group_by("rinpersoon").agg(pl.col("level").n_unique())
    assert (distinct["level"] == 1).all()
    missing = table.with_columns(level=level).filter(pl.col("level").is_in(["----", "9999"]))
    assert set(missing["level"]) == {"----", "9999"}
    assert 0 < missing.height < 0.1 * table.height


def test_restructurings_last_a_plausible_time() -> None:
    table = register("WSNPPERSBUS")
    ended = table.filter(pl.col("wsnpdatumbeein") != "88888888")
    assert (ended["wsnpdatumbeein"] > ended["wsnpdatumtoelaat"]).all()
    years = ended["wsnpdatumbeein"].str.slice(0, 4).cast(pl.Int64) - ended["wsnpdatumtoelaat"].str.slice(0, 4).cast(
        pl.Int64
    )
    assert years.max() <= 8
    assert table["wsnpdatumtoelaat"].max() <= "20231231"


def test_narrow_debt_includes_restructuring_and_arrears_and_the_household_includes_the_person() -> None:
    debts = register("PROBLEMATISCHESCHULDENTAB")
    assert (debts["smalle_def_problematische_schulden_hh"] >= debts["smalle_def_problematische_schulden"]).all()
    assert debts["smalle_def_problematische_schulden_hh"].mean() > debts["smalle_def_problematische_schulden"].mean()
    arrears = register("WANBZVWTAB").with_columns(snapshot=pl.col("file_year") + 1)
    both = arrears.join(debts, left_on=["rinpersoon", "snapshot"], right_on=["rinpersoon", "file_year"])
    assert both.height > 100
    assert (both["smalle_def_problematische_schulden"] == 1).all()
    for year, rows in debts.group_by("file_year"):
        start = f"{year[0]}0101"
        assert (rows["datumaanvanghh"] <= start).all() and (rows["datumeindehh"] >= start).all()


def test_defaulters_are_adults_and_registered() -> None:
    here = world()
    numbers = here.income_and_care.number
    persons = {bytes(row).decode(): index for index, row in enumerate(numbers[: here.circumstances.n_adults])}
    for year, rows in register("WANBZVWTAB").group_by("file_year"):
        on = day(int(year[0]), 12, 31)
        index = np.array([persons[number] for number in rows["rinpersoon"]])
        assert here.lives.is_present(here.population, on)[index].all()
        assert np.all(on - here.population.persons.birth_date[index] >= 18 * 365)


# --- care -------------------------------------------------------------------------------------------------------------

PARTS = {
    "zvwkhuisarts": ["nopzvwkhuisartsinschrijf", "nopzvwkhuisartsconsult", "nopzvwkhuisartsoverig"],
    "zvwkgeboortezorg": ["nopzvwkverloskunde", "nopzvwkkraamzorg"],
    "zvwkparamedisch": ["nopzvwkfysiotherapie", "nopzvwkparamedischov"],
    "zvwkziekenvervoer": ["nopzvwkziekenvervoerzit", "nopzvwkziekenvervoerlig"],
}


def test_costs_add_up() -> None:
    costs = register("ZVWZORGKOSTENTAB")
    for heading, parts in PARTS.items():
        assert (costs[heading] == costs.select(pl.sum_horizontal(parts)).to_series()).all(), heading
    abroad = costs.select(pl.sum_horizontal("nopzvwkbuitenlgrens", "nopzvwkbuitenlzinl")).to_series()
    assert (abroad <= costs["zvwkbuitenland"]).all()
    headings = [name for name in costs.columns if name.startswith("zvwk") and name != "zvwktotaal"]
    total = costs.select(pl.sum_horizontal(pl.col(headings).fill_null(0))).to_series()
    late = costs["file_year"] >= 2017
    assert (costs["zvwktotaal"].filter(late) == total.filter(late)).all()
    assert costs["zvwktotaal"].filter(~late).is_null().all()
    assert costs.select(pl.min_horizontal(headings)).to_series().min() >= 0
    assert costs["nopzvwkhuisartsinschrijf"].min() > 0


def test_mental_health_care_changes_its_columns_in_2022() -> None:
    costs = register("ZVWZORGKOSTENTAB")
    early, late = costs.filter(pl.col("file_year") < 2022), costs.filter(pl.col("file_year") >= 2022)
    assert early["zvwkggzzpmtotaal"].is_null().all()
    assert late["zvwkspecggz"].is_null().all() and late["zvwkgenbasggz"].is_null().all()
    # Children, who are ever more of the register, have none: so numbers by year, not shares.
    by_year = ((early["zvwkspecggz"] + early["zvwkgenbasggz"]) > 0).sum() / early["file_year"].n_unique()
    assert (late["zvwkggzzpmtotaal"] > 0).sum() / late["file_year"].n_unique() == pytest.approx(by_year, rel=0.1)


def test_use_of_mental_health_care_is_near_the_published_one() -> None:
    """KN-04-321 and following: 5.4 % of the mothers and 2.9 % of the other parents in the year before birth."""
    columns = ["zvwkgenbasggz", "zvwkspecggz", "zvwkggzzpmtotaal"]
    costs = register("ZVWZORGKOSTENTAB").with_columns(care=pl.sum_horizontal(pl.col(columns).fill_null(0)) > 0)
    for role, share in (("mother", 0.0545), ("other", 0.0288)):
        both = births().join(costs, left_on=[role, "year"], right_on=["rinpersoon", "file_year"])
        assert both["care_right"].mean() == pytest.approx(share, abs=0.008), role


def test_mothers_without_a_record_have_none_in_any_year() -> None:
    here = world()
    born = here.population.births
    numbers = here.income_and_care.number
    without = np.unique(born.mother[born.zvw_missing & (born.mother >= 0)])
    assert 0.01 < len(without) / here.population.n_mothers < 0.05
    rins = {bytes(row).decode() for row in numbers[without]}
    assert not rins & set(register("ZVWZORGKOSTENTAB")["rinpersoon"])


def _one_delivery(year: int) -> tuple[np.ndarray, np.ndarray]:
    """Deliveries of a year by mothers with a record who gave birth once in it and not around it, and their RINs."""
    here = world()
    population = here.population
    date, mother = population.event_date, population.event_mother
    nearby = (date >= day(year - 1, 12, 1)) & (date < day(year + 2, 1, 1)) & (mother >= 0)
    often = np.bincount(mother[nearby], minlength=here.circumstances.n_adults) > 1
    event = np.flatnonzero((mother >= 0) & (date >= day(year, 1, 1)) & (date < day(year + 1, 1, 1)))
    event = event[~often[mother[event]] & here.circumstances.has_care_record[mother[event]]]
    numbers = here.income_and_care.number
    return event, np.array([bytes(row).decode() for row in numbers[mother[event]]])


@pytest.mark.parametrize("year", [2018, 2021])
def test_hours_follow_from_the_costs_of_maternity_care(year: int) -> None:
    here = world()
    event, mother = _one_delivery(year)
    costs = register("ZVWZORGKOSTENTAB").select("rinpersoon", "file_year", euro="nopzvwkkraamzorg")
    found = pl.DataFrame({"rinpersoon": mother})
    for number in (year, year + 1):
        of_year = costs.filter(file_year=number).select("rinpersoon", pl.col("euro").alias(str(number)))
        found = found.join(of_year, on="rinpersoon", how="left", maintain_order="left")
    prices = registers_income_care.maternity_tariffs()
    net = {n: prices[n]["euro_per_hour"] - prices[n]["own_contribution_euro_per_hour"] for n in (year, year + 1)}
    fees = prices[year]["registration_euro"] + prices[year]["intake_home_euro"]
    late = here.population.event_date[event] > day(year, 12, 24)
    own = found[str(year)].fill_null(0).to_numpy()
    after = np.where(late, found[str(year + 1)].fill_null(0).to_numpy(), 0)
    hours = np.round(np.maximum(own - fees, 0) / net[year] + after / net[year + 1], 2)
    true = here.events.maternity_hours[event]
    seen = found[str(year)].is_not_null().to_numpy()
    assert (hours[seen] >= true[seen]).all()
    # Each of two years is rounded up to whole euros.
    assert (hours[seen] - true[seen] <= 2 / min(net.values()) + 0.01).all()
    assert late.any() and ((after > 0) & (own > 0)).any()
    assert (found[str(year + 1)].fill_null(0).to_numpy()[~late] == 0).all()
    for boundary in (24, 49):
        assert ((hours[seen] >= boundary) == (true[seen] >= boundary)).all()


def test_mothers_without_hours_paid_nothing_or_the_fees() -> None:
    here = world()
    event, mother = _one_delivery(2019)
    none = here.events.maternity_quarters[event] == 0
    prices = registers_income_care.maternity_tariffs()[2019]
    fees = int(prices["registration_euro"] + prices["intake_home_euro"])
    costs = register("ZVWZORGKOSTENTAB").filter(file_year=2019)
    found = costs.filter(pl.col("rinpersoon").is_in(pl.Series(mother[none]).implode()))["nopzvwkkraamzorg"]
    assert set(found.unique()) == {0, fees}


def test_medication_is_plausible() -> None:
    """KN-04-305 and following: more than five medicines for 11.5 % of mothers and 4.6 % of other parents."""
    table = register("MEDICIJNTAB")
    counts = table.group_by("rinpersoon", "file_year").len()
    for role, share, tolerance in (("mother", 0.115, 0.03), ("other", 0.046, 0.02)):
        both = births().join(counts, left_on=[role, "year"], right_on=["rinpersoon", "file_year"], how="left")
        known = both.filter(pl.col(role).is_not_null())
        assert (known["len"].fill_null(0) > 5).mean() == pytest.approx(share, abs=tolerance), role
    assert set(MENTAL_ATC4) <= set(table["atc4"])
    assert {"N05B", "N05C"} <= set(table["atc4"])
    assert (
        not table.filter(pl.col("atc4").is_in(["G03A", "G01A"]))["rinpersoon"]
        .is_in(_numbers_of_men(world()).implode())
        .any()
    )


def _numbers_of_men(here: World) -> pl.Series:
    numbers = here.income_and_care.number
    men = np.flatnonzero(here.population.persons.sex[: here.circumstances.n_adults] == 1)
    return pl.Series([bytes(row).decode() for row in numbers[men]])


def test_nobody_is_in_a_register_before_coming_to_the_country() -> None:
    here = world()
    numbers = here.income_and_care.number
    came = here.population.persons.registered_from[: here.circumstances.n_adults]
    late = np.flatnonzero((came >= day(2019, 1, 1)) & (came < day(2020, 1, 1)))
    assert len(late) > 10
    rins = pl.Series([bytes(row).decode() for row in numbers[late]]).implode()
    for component in ("KOPPELPERSOONHUISHOUDEN", "HOOGSTEOPLTAB", "WANBZVWTAB", "ZVWZORGKOSTENTAB", "MEDICIJNTAB"):
        table = register(component).filter(pl.col("file_year") < 2019)
        assert not table["rinpersoon"].is_in(rins).any(), component
    spells = register("SECMBUS")
    assert spells.filter(pl.col("rinpersoon").is_in(rins))["aanvsecm"].min() >= "20190101"
