"""The structure checks find what they are there to find."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

from kansrijke_start.quality import structure


def node(name: str, folder: str, schema: str, **changes: Any) -> dict[str, Any]:
    groups = {
        "staging": ("engineering", "private"),
        "intermediate": ("engineering", "protected"),
        "regiobeeld": ("publication", "public"),
    }
    group, access = groups[schema]
    return {
        "unique_id": f"model.kansrijke_start.{name}",
        "name": name,
        "resource_type": "model",
        "path": f"{folder}/{name}.sql",
        "schema": schema,
        "description": "One row per birth.",
        "columns": {"birth_year": {"description": "Calendar year of birth."}},
        "depends_on": {"nodes": []},
        "raw_code": "select 1 as birth_year",
        "config": {"group": group, "access": access, "contract": {"enforced": "marts" in folder}},
    } | changes


def good_manifest() -> dict[str, Any]:
    staging = node("stg_a", "staging/brp", "staging", depends_on={"nodes": ["source.kansrijke_start.brp.a"]})
    middle = node("int_a", "intermediate/births", "intermediate", depends_on={"nodes": [staging["unique_id"]]})
    mart = node("births", "marts/regiobeeld", "regiobeeld", depends_on={"nodes": [middle["unique_id"]]})
    models = {found["unique_id"]: found for found in (staging, middle, mart)}
    tests = {f"test.{key}": {"name": key, "resource_type": "test", "depends_on": {"nodes": [key]}} for key in models}
    return {
        "nodes": models | tests,
        "macros": {},
        "exposures": {},
        "unit_tests": {"u": {"model": "int_a", "name": "rule_holds"}},
    }


CHECKS = (
    structure.sources_only_in_staging,
    structure.no_joins_in_staging,
    structure.everything_described,
    structure.everything_tested,
    structure.contracts_and_groups,
    structure.no_person_key_published,
    structure.exposures_and_analyses_read_marts,
    structure.same_name_same_meaning,
)


def test_a_good_project_has_no_breach() -> None:
    assert [breach for check in CHECKS for breach in check(good_manifest())] == []


def broken(name: str, **changes: Any) -> dict[str, Any]:
    manifest = copy.deepcopy(good_manifest())
    manifest["nodes"][f"model.kansrijke_start.{name}"] |= changes
    return manifest


@pytest.mark.parametrize(
    ("check", "manifest", "says"),
    [
        (
            structure.sources_only_in_staging,
            broken("int_a", depends_on={"nodes": ["source.kansrijke_start.brp.a"]}),
            "int_a reads a source",
        ),
        (structure.no_joins_in_staging, broken("stg_a", raw_code="select 1 from a\nJOIN b"), "joins"),
        (
            structure.no_joins_in_staging,
            broken("stg_a", depends_on={"nodes": ["model.kansrijke_start.int_a"]}),
            "reads another model",
        ),
        (structure.everything_described, broken("int_a", description="All births."), "One row per"),
        (structure.everything_described, broken("int_a", columns={}), "lists no columns"),
        (
            structure.everything_described,
            broken("int_a", columns={"birth_year": {"description": " "}}),
            "column birth_year has no description",
        ),
        (
            structure.contracts_and_groups,
            broken("births", config={"group": "publication", "access": "public", "contract": {"enforced": False}}),
            "without an enforced contract",
        ),
        (
            structure.contracts_and_groups,
            broken("stg_a", config={"group": "engineering", "access": "public", "contract": {"enforced": False}}),
            "stg_a has group and access",
        ),
        (
            structure.no_person_key_published,
            broken("births", columns={"birth_id": {"description": "Key."}}),
            "publishes the key birth_id",
        ),
        (
            structure.no_person_key_published,
            broken("births", columns={"rinpersoon": {"description": "Key."}}),
            "publishes the key rinpersoon",
        ),
    ],
)
def test_a_breach_is_named(check: Any, manifest: dict[str, Any], says: str) -> None:
    breaches = check(manifest)
    assert len(breaches) >= 1
    assert says in breaches[0]


def test_untested_model_is_named() -> None:
    manifest = good_manifest()
    del manifest["nodes"]["test.model.kansrijke_start.int_a"]
    assert structure.everything_tested(manifest) == ["model int_a has no data test"]


def test_macro_argument_without_description_is_named() -> None:
    manifest = good_manifest()
    manifest["macros"]["m"] = {
        "package_name": "kansrijke_start",
        "name": "covers",
        "description": "The spell at a date.",
        "arguments": [{"name": "valid_from", "description": "First day."}],
        "macro_sql": "{% macro covers(valid_from, valid_to=none) -%} 1 {%- endmacro %}",
    }
    assert structure.everything_described(manifest) == ["macro covers: argument valid_to has no description"]


def test_exposure_on_staging_is_named() -> None:
    manifest = good_manifest()
    manifest["exposures"]["e"] = {"name": "report", "depends_on": {"nodes": ["model.kansrijke_start.stg_a"]}}
    assert "report refers to staging" in structure.exposures_and_analyses_read_marts(manifest)[0]


def test_one_name_with_two_meanings_is_named() -> None:
    manifest = good_manifest()
    other = node("int_b", "intermediate/births", "intermediate", columns={"birth_year": {"description": "Year."}})
    manifest["nodes"][other["unique_id"]] = other
    assert "described in 2 ways: int_a, int_b" in structure.same_name_same_meaning(manifest)[0]


@pytest.mark.parametrize(
    ("rules", "says"),
    [
        ([{"id": "a", "model": "int_a", "unit_test": "rule_holds"}], None),
        ([{"id": "a", "model": "int_a", "unit_test": "gone"}], "has no unit test gone"),
        ([], "stands on no list"),
        (
            [
                {"id": "a", "model": "int_a", "unit_test": "rule_holds"},
                {"id": "a", "model": "int_a", "unit_test": ["rule_holds"]},
            ],
            "stands twice",
        ),
    ],
)
def test_rules_and_unit_tests_belong_together(tmp_path: Path, rules: list[Any], says: str | None) -> None:
    import yaml

    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "rules.yml").write_text(yaml.safe_dump({"rules": rules}))
    breaches = structure.rules_have_unit_tests(good_manifest(), tmp_path)
    assert (breaches == []) if says is None else (says in " ".join(breaches))
