"""Parameters name their sources, and scenarios move what they should and nothing else."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from income_care_world import births, parameters, realised, world

from kansrijke_start.synthetic import circumstances, parameters_loader
from kansrijke_start.synthetic.parameters_loader import PUBLISHED_FIGURES, ParameterError, load

MOVED = {"low_income", "social_assistance", "any", "count_0", "count_1", "count_2", "count_3", "count_4", "count_3+"}
STABLE = [
    "single_parent", "debt", "wsnp", "premium_defaulter", "problematic_debt_only", "mental_health",
    "social_assistance_excluding_tozo", "income_below_120",
]  # fmt: skip


# One worker builds the world, once.
pytestmark = pytest.mark.xdist_group("income_care_world")


@pytest.fixture
def folders(tmp_path: Path) -> dict[str, Path]:
    """Parameter and scenario folders to write into, and published figures with one row of each role."""
    (tmp_path / "parameters").mkdir()
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "default.yml").write_text("description: nothing changes\n", encoding="utf-8")
    figures = tmp_path / "figures.csv"
    figures.write_text(
        "figure_row_id,role\nRB-01-001,calibration\nRB-01-002,check\nRB-01-003,not_testable\n", encoding="utf-8"
    )
    return {
        "parameter_folder": tmp_path / "parameters",
        "scenario_folder": tmp_path / "scenarios",
        "figures": figures,
    }


def _write(folders: dict[str, Path], text: str, *, name: str = "things", scenario: bool = False) -> None:
    folder = folders["scenario_folder" if scenario else "parameter_folder"]
    (folder / f"{name}.yml").write_text(text, encoding="utf-8")


def _parameter(value: str = "0.1", rows: str = "[]", source: str = "assumption") -> str:
    return f"group:\n  share:\n    description: a share\n    value: {value}\n    rows: {rows}\n    source: '{source}'\n"


# --- sources --------------------------------------------------------------------------------------------------------


def test_every_parameter_names_its_source_and_no_figure_that_it_may_not_use() -> None:
    with PUBLISHED_FIGURES.open(encoding="utf-8", newline="") as handle:
        roles = {row["figure_row_id"]: row["role"] for row in csv.DictReader(handle)}
    loaded = load()
    assert len(loaded.entries) > 80
    for entry in loaded.entries.values():
        assert entry.source, entry.path
        assert all(roles[row] == "calibration" for row in entry.rows), entry.path


@pytest.mark.parametrize(("row", "role"), [("RB-01-002", "check"), ("RB-01-003", "not_testable")])
def test_a_figure_of_another_role_is_refused(folders: dict[str, Path], row: str, role: str) -> None:
    _write(folders, _parameter(rows=f"[{row}]", source="published figures"))
    with pytest.raises(ParameterError, match=f"things.yml: 'things.group.share'.*{row}.*'{role}'"):
        load(**folders)


def test_a_figure_named_in_words_is_held_to_its_role_too(folders: dict[str, Path]) -> None:
    _write(folders, _parameter(source="assumption near RB-01-002"))
    with pytest.raises(ParameterError, match="RB-01-002"):
        load(**folders)
    _write(folders, "# Taken from RB-01-002 (assumption).\nshare: 0.2\n")
    with pytest.raises(ParameterError, match="RB-01-002"):
        load(**folders)


def test_a_figure_that_does_not_exist_is_refused(folders: dict[str, Path]) -> None:
    _write(folders, _parameter(rows="[RB-99-001]", source="published figures"))
    with pytest.raises(ParameterError, match="RB-99-001, which does not exist"):
        load(**folders)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("group:\n  share: 0.1\n", "'things.group.share' holds 0.1 without a source"),
        ("# A remark that names nothing.\nshare: 0.1\n", "without a source"),
        (_parameter(source=""), "has no source"),
        (_parameter(source="published figures"), "names no rows"),
        ("group:\n  share:\n    description: x\n    value: 1\n    source: assumption\n    note: y\n", "unknown fields"),
        ("- 1\n", "no mapping at its top"),
        ("a: [1\n", "no valid YAML"),
    ],
)
def test_a_wrong_parameter_file_is_refused_with_its_place(folders: dict[str, Path], text: str, message: str) -> None:
    _write(folders, text)
    with pytest.raises(ParameterError, match=message.replace("[", r"\[")) as error:
        load(**folders)
    assert "things.yml" in str(error.value)


def test_values_are_found_by_path_group_and_comment(folders: dict[str, Path]) -> None:
    _write(folders, _parameter(value="{2018: 1.0, 2019: 2.0}") + "other:\n  # Recalled.\n  number: 3\n  name: x\n")
    loaded = load(**folders)
    assert loaded["things.group.share"] == {2018: 1.0, 2019: 2.0}
    assert loaded["things"] == {"group": {"share": {2018: 1.0, 2019: 2.0}}, "other": {"number": 3, "name": "x"}}
    assert "things.other.number" in loaded and "things.other.nothing" not in loaded
    with pytest.raises(ParameterError, match=r"no parameter 'things\.nothing'"):
        loaded["things.nothing"]


# --- scenario files -------------------------------------------------------------------------------------------------


def test_a_scenario_changes_a_value_inside_a_parameter_and_nothing_else(folders: dict[str, Path]) -> None:
    _write(folders, _parameter(value="{2018: 1.0, 2019: 2.0}"))
    text = "description: d\noverrides:\n  things.group.share.2019:\n    value: 5.0\n    reason: r\n"
    _write(folders, text, name="other", scenario=True)
    assert load("other", **folders)["things.group.share"] == {2018: 1.0, 2019: 5.0}
    assert load(**folders)["things.group.share"] == {2018: 1.0, 2019: 2.0}


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("things.group.nothing:\n    value: 1\n    reason: r", "is no parameter"),
        ("things.group.share.2030:\n    value: 1\n    reason: r", "has no '2030'"),
        ("things.group.share:\n    value: 1", "exactly a value and a reason"),
    ],
)
def test_a_wrong_override_is_refused(folders: dict[str, Path], override: str, message: str) -> None:
    _write(folders, _parameter(value="{2018: 1.0}"))
    _write(folders, f"description: d\noverrides:\n  {override}\n", name="other", scenario=True)
    with pytest.raises(ParameterError, match=message):
        load("other", **folders)


def test_an_unknown_scenario_lists_those_that_exist() -> None:
    with pytest.raises(ParameterError, match="default, no_rise_2021, other_seed"):
        load("nothing")
    assert {"default", "no_rise_2021", "other_seed"} <= set(parameters_loader.scenario_names())


# --- what scenarios do ----------------------------------------------------------------------------------------------


def _expected(scenario: str) -> pl.DataFrame:
    return circumstances.expected_cells(parameters(scenario)).rename({"share": scenario})


def test_other_seed_changes_the_seed_and_no_expectation() -> None:
    assert load("other_seed").seed_offset != load().seed_offset == 0
    assert _expected("other_seed")["other_seed"].to_list() == _expected("default")["default"].to_list()


def test_no_rise_lowers_the_expected_cells_of_2021_and_only_these() -> None:
    both = _expected("default").join(_expected("no_rise_2021"), on=["birth_year", "region", "indicator"])
    moved = both.filter((pl.col("default") - pl.col("no_rise_2021")).abs() > 1e-12)
    assert set(moved["birth_year"]) == {2021}
    assert set(moved["indicator"]) == MOVED
    assert "elsewhere" not in set(moved["region"])
    city = moved.filter(pl.col("region") == "amsterdam")
    change = dict(zip(city["indicator"], (city["no_rise_2021"] - city["default"]).to_list(), strict=True))
    assert change.pop("count_0") > 0.05
    assert all(value < 0 for value in change.values())
    level = both.filter(pl.col("region") == "amsterdam", pl.col("indicator") == "social_assistance")
    assert level.filter(pl.col("birth_year") == 2021)["no_rise_2021"].item() == pytest.approx(
        level.filter(pl.col("birth_year") == 2020)["default"].item()
    )


def test_no_rise_moves_the_registers_as_computed() -> None:
    default, changed = births("default"), births("no_rise_2021")
    assert default["birth"].equals(changed["birth"]), "births may not move"
    for name in STABLE:
        assert default[name].equals(changed[name]), name
    others = default["birth_year"] != 2021
    for name in ("low_income", "social_assistance", "count"):
        assert default.filter(others)[name].equals(changed.filter(others)[name]), name
    fallen = default["low_income"] & ~changed["low_income"]
    assert fallen.sum() > 0 and not (changed["low_income"] & ~default["low_income"]).any()
    assert not changed.filter((pl.col("borough") != "elsewhere") & pl.col("tozo")).height
    keys = ["birth_year", "region", "indicator"]
    cells = (
        realised(changed)
        .filter(pl.col("birth_year") == 2021, pl.col("region").is_in(["amsterdam", "netherlands"]))
        .join(_expected("no_rise_2021"), on=keys)
        .filter(pl.col("indicator").is_in(sorted(MOVED)))
    )
    assert cells.height == 2 * len(MOVED)
    error = 3 * (cells["no_rise_2021"] * (1 - cells["no_rise_2021"]) / cells["births"]).sqrt() + 2 / cells["births"]
    wrong = cells.filter((cells["realised"] - cells["no_rise_2021"]).abs() > error)
    assert wrong.is_empty(), wrong


def test_no_rise_leaves_the_world_around_it_alone() -> None:
    default, changed = world("default").circumstances, world("no_rise_2021").circumstances
    for name in ("debt_state", "mental_care", "mental_medication", "education", "single_parent", "latent_class"):
        assert np.array_equal(getattr(default, name), getattr(changed, name)), name
