"""The SQL macros that round, before the table of another statistical office and before counting by hand."""

from __future__ import annotations

import csv
from importlib.metadata import files
from types import SimpleNamespace
from typing import Any

import duckdb
import jinja2
import pytest

from kansrijke_start.paths import PROJECT_ROOT

MACROS: Any = (
    jinja2.Environment(undefined=jinja2.StrictUndefined)
    .from_string(
        (PROJECT_ROOT / "macros" / "disclosure.sql").read_text(encoding="utf-8"),
        globals={"var": {"rounding_base": 5, "minimum_cell_count": 10}.__getitem__, "ref": SimpleNamespace},
    )
    .module
)

BASES = (5, 10)
LARGEST = 2000


def published(largest: int, base: int | None, minimum: int = 10) -> dict[int, int | None]:
    """What the macros publish of every count up to the largest: null for one that is small."""
    with duckdb.connect(config={"threads": 1}) as connection:
        found = connection.execute(
            f"""
            select
                count,
                case when not {MACROS.is_small_count("count", minimum)} then {MACROS.round_to_base("count", base)} end,
                typeof({MACROS.round_to_base("count", base)})
            from (select range as count from range({largest + 1}))
            """
        ).fetchall()
    assert {kind for _, _, kind in found} == {"BIGINT"}
    return {count: rounded for count, rounded, _ in found}


def test_counts_are_rounded_as_by_the_office_for_national_statistics() -> None:
    """The table of cell-key-perturbation hides 1-9 and rounds to 5, whatever the key of the cell.

    It has every count up to 750; larger ones are rounded as one of the last 250 is.
    """
    table = next(file for file in files("cell-key-perturbation") or [] if file.name == "ptable_10_5_rule.csv")
    steps: dict[int, set[int]] = {}
    keys: dict[int, int] = {}
    with table.locate().open(encoding="utf-8") as opened:  # type: ignore[attr-defined]
        for line in csv.DictReader(opened):
            count = int(line["pcv"])
            steps.setdefault(count, set()).add(int(line["pvalue"]))
            keys[count] = keys.get(count, 0) + 1
    assert set(steps) == set(range(1, 751))
    assert set(keys.values()) == {256}
    assert all(len(step) == 1 for step in steps.values())
    theirs = {count: count + step.pop() for count, step in steps.items()}
    # Their nothing is a zero.
    assert {count for count, rounded in theirs.items() if rounded == 0} == set(range(1, 10))
    ours = published(750, None)
    assert {count: rounded for count, rounded in ours.items() if rounded is None} == dict.fromkeys(range(1, 10))
    assert {count: ours[count] or 0 for count in theirs} == theirs


@pytest.mark.parametrize("base", BASES)
def test_halves_go_up(base: int) -> None:
    """The nearest multiple, and the larger one of two that are as near."""
    ours = published(LARGEST, base, minimum=1)
    assert set(ours) == set(range(LARGEST + 1))
    multiples = range(0, LARGEST + 2 * base, base)
    nearest: dict[int, int] = {}
    for multiple in multiples:
        # Later ones are larger: the last to be as near stays.
        for count in range(max(multiple - base // 2, 0), multiple + (base + 1) // 2):
            nearest[count] = multiple
    assert ours == {count: nearest[count] for count in ours}
    # Python's own round() takes the even one.
    if base == 10:
        assert (ours[15], ours[25], round(25 / 10) * 10) == (20, 30, 20)


@pytest.mark.parametrize("minimum", [5, 10])
@pytest.mark.parametrize("base", BASES)
def test_what_rounds_to_a_published_number_is_no_small_count(base: int, minimum: int) -> None:
    """No published value but zero can stand for a small count: its whole preimage is at least the minimum."""
    rounded = published(LARGEST, base, minimum)
    preimage: dict[int, list[int]] = {}
    for count, value in rounded.items():
        if value is not None:
            preimage.setdefault(value, []).append(count)
    assert all(min(counts) >= minimum for value, counts in preimage.items() if value > 0)
    assert preimage[0] == [0]
    # And none stands for one count alone, but the largest that was asked for.
    assert all(len(counts) >= 3 for value, counts in preimage.items() if 0 < value < LARGEST)
