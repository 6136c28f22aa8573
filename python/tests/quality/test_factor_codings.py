"""Every factor of vulnerability is tested in both codings: where they differ, and that they differ nowhere else."""

from __future__ import annotations

import csv
import functools
import re
from pathlib import Path
from typing import Any

import yaml

from kansrijke_start.paths import PROJECT_ROOT

MODELS = PROJECT_ROOT / "models" / "intermediate" / "vulnerability"
DEPENDS = re.compile(r"factor_coding|environment_year|hours_of_jobs")
"""The variable, or a macro of macros/vulnerability.sql that reads it."""


def factors() -> dict[str, str]:
    """Every factor, with what the seed says that RIVM's code of 2024 does otherwise."""
    seed = PROJECT_ROOT / "seeds" / "code_lists" / "vulnerability_factors.csv"
    with seed.open(encoding="utf-8", newline="") as stream:
        return {row["factor"]: row["differs_in_rivm_2024"] for row in csv.DictReader(stream)}


@functools.cache
def model(path: Path) -> dict[str, Any]:
    """What stands in the YAML beside a model: its columns and unit tests."""
    text = path.with_suffix(".yml").read_text(encoding="utf-8")
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def test_the_macros_that_read_the_coding_are_known() -> None:
    text = (PROJECT_ROOT / "macros" / "vulnerability.sql").read_text(encoding="utf-8")
    names = re.findall(r"{%-? macro (\w+)\(", text)
    assert names and all(DEPENDS.fullmatch(name) for name in names)
    others = [path.name for path in (PROJECT_ROOT / "macros").glob("*.sql") if path.name != "vulnerability.sql"]
    assert [name for name in others if "factor_coding" in (PROJECT_ROOT / "macros" / name).read_text("utf-8")] == []


def test_a_model_is_tested_in_each_coding_that_changes_it() -> None:
    for path in sorted(MODELS.glob("*.sql")):
        tests = model(path)["unit_tests"]
        codings = {test.get("overrides", {}).get("vars", {}).get("factor_coding", "stated") for test in tests}
        depends = DEPENDS.search(path.read_text(encoding="utf-8")) is not None
        assert codings == ({"stated", "rivm_2024"} if depends else {"stated"}), path.name


def test_a_difference_is_documented_where_the_model_has_one() -> None:
    differing = {factor for factor, difference in factors().items() if difference}
    in_models = set()
    for path in MODELS.glob("*.sql"):
        if DEPENDS.search(path.read_text(encoding="utf-8")):
            found = {column["name"] for column in model(path)["models"][0]["columns"]} & factors().keys()
            # Households of the income statistics, of which others make factors.
            assert not found or found & differing, f"{path.name} depends on the coding and no factor of it differs"
            in_models |= found
    assert differing <= in_models


def test_columns_are_described_as_the_seed_has_them() -> None:
    texts = (PROJECT_ROOT / "models" / "docs" / "vulnerability_columns.md").read_text(encoding="utf-8")
    described = dict(re.findall(r"{% docs factor_(\w+) %}\n(.*?)\n{% enddocs %}", texts, flags=re.S))
    # Origin has the text of the parents' column.
    assert described.keys() == factors().keys() - {"origin_class"}
    for factor, difference in factors().items():
        if factor in described:
            _, _, said = described[factor].partition(" With factor_coding rivm_2024: ")
            assert said == difference, factor
