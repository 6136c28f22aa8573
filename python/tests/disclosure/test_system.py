"""The linked system as arrays: positions, refusals, rests, and latent numbers that fit."""

from __future__ import annotations

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from kansrijke_start.disclosure.protect import filled
from kansrijke_start.disclosure.steps import ROW_COLUMNS, SCHEMA, protected_cells
from kansrijke_start.disclosure.system import System, build_system

from .invented import EQUATION_SCHEMA, ROW_SCHEMA, Row, World, births, random_births, sparse_counts

SMALL = World(
    {"a": 30, "b": 4, "c": 26, "d": 0},
    [Row("b", "a", "c", follows="a", weight=2.0, keeping=1), Row("a")],
    [("a", ("b", "c"))],
)
"""30 = 4 + 26, of which 26 stands in no row."""


def shuffled(table: pa.Table, seed: int) -> pa.Table:
    return table.take(np.random.default_rng(seed).permutation(table.num_rows))


def named(system: System) -> set[frozenset[tuple[str, float]]]:
    """The equations, by the names of their cells."""
    found = system.equations.tocoo()
    lines: dict[int, set[tuple[str, float]]] = {}
    for line, cell, coefficient in zip(found.row.tolist(), found.col.tolist(), found.data.tolist(), strict=True):
        lines.setdefault(line, set()).add((system.names[cell], coefficient))
    return {frozenset(line) for line in lines.values()}


def test_positions_and_values() -> None:
    system = SMALL.system()
    assert system.names == ["a", "b", "c"]
    assert system.values.tolist() == [30, 4, 26]
    assert (system.numerator.tolist(), system.denominator.tolist()) == ([1, 0], [0, -1])
    assert (system.complement.tolist(), system.follows.tolist()) == ([2, -1], [0, -1])
    assert (system.is_unsafe.tolist(), system.small.tolist()) == ([True, False], [[True, False, False], [False] * 3])
    assert (system.weight.tolist(), system.keeping.tolist()) == ([2.0, 1.0], [1, 0])
    assert named(system) == {frozenset({("a", -1.0), ("b", 1.0), ("c", 1.0)})}


def test_the_system_of_a_crossed_table_holds_every_true_number() -> None:
    world = random_births(4)
    system = world.system()
    known = dict(zip(system.names, system.values.tolist(), strict=True))
    assert set(known) == set(world.values)
    latent = {name for name, value in known.items() if np.isnan(value)}
    assert {name: value for name, value in known.items() if name not in latent} == {
        name: value for name, value in world.values.items() if name not in latent
    }
    truth = np.array([world.values[name] for name in system.names])
    assert not (system.equations @ truth).any()
    assert len(named(system)) == len(world.sums)


@pytest.mark.parametrize(
    ("rows", "culprit"),
    [
        ([{"numerator_cell": "b", "numerator": 4}, {"numerator_cell": "b", "numerator": 5}], "b"),
        (
            [
                {"numerator_cell": "b", "numerator": 4},
                {"numerator_cell": "c", "numerator": 9, "denominator_cell": "b", "denominator": 5},
            ],
            "b",
        ),
        (
            [
                {"numerator_cell": "c", "numerator": 9},
                {
                    "numerator_cell": "b", "numerator": 4, "denominator_cell": "a", "denominator": 30,
                    "complement_cell": "c",
                },
            ],
            "c",
        ),
    ],
    ids=["two numerators", "numerator and denominator", "complement"],
)  # fmt: skip
def test_two_numbers_for_one_cell_are_refused(rows: list[dict[str, object]], culprit: str) -> None:
    flags = dict.fromkeys((name for name in ROW_SCHEMA.names if name.startswith("has_small")), False)
    table = pa.Table.from_pylist([flags | {"weight": 1.0, "keeping": 0} | row for row in rows], schema=ROW_SCHEMA)
    with pytest.raises(ValueError, match=f"cell {culprit} has two numbers"):
        build_system(table, EQUATION_SCHEMA.empty_table())


def test_an_equation_that_does_not_hold_is_refused() -> None:
    wrong = World(SMALL.values | {"c": 27}, [*SMALL.rows[1:], Row("b"), Row("c")], SMALL.sums)
    with pytest.raises(ValueError, match="1 declared equations do not hold, such as that of a, b, c"):
        wrong.system()


def test_an_equation_with_a_latent_cell_is_not_judged_yet() -> None:
    world = World({"a": 30, "b": 31, "c": 0}, [Row("a"), Row("b")], [("a", ("b", "c"))])
    system = world.system()
    assert np.isnan(system.values[2])
    with pytest.raises(ValueError, match="no numbers fit"):
        filled(system)


@pytest.mark.parametrize("seed", range(3))
def test_no_order_of_rows_or_equations_matters(seed: int) -> None:
    world = random_births(2 + seed)
    plain = world.system()
    rows = world.rows_table()
    order = np.random.default_rng(seed).permutation(rows.num_rows)
    other = build_system(rows.take(order), shuffled(world.equations_table(), seed))
    assert other.names == plain.names
    np.testing.assert_array_equal(other.values, plain.values)
    assert (other.equations != plain.equations).nnz == 0
    for part in ("numerator", "denominator", "complement", "follows", "is_unsafe", "small", "weight", "keeping"):
        np.testing.assert_array_equal(getattr(other, part), getattr(plain, part)[order], err_msg=part)


@pytest.mark.parametrize(("total", "rest"), [(30, 0), (37, 7)])
def test_a_rest_that_may_be_empty_is_what_the_others_leave(total: int, rest: int) -> None:
    world = World(
        {"a": total, "b": 10, "c": 20, "rest": rest},
        [Row("a"), Row("b"), Row("c")],
        [("a", ("b", "c", "rest"))],
        possible={"rest"},
    )
    assert dict(zip((system := world.system()).names, system.values.tolist(), strict=True)) == world.values
    unknown = World(world.values, world.rows, world.sums).system()
    assert np.isnan(unknown.values[unknown.names.index("rest")])


def test_latent_numbers_fit() -> None:
    world = births(sparse_counts(np.random.default_rng(1), (4, 3, 3), 9, 0.2), [0, 0, 1, 1], districts_are_pooled=True)
    system = world.system()
    latent = np.isnan(system.values)
    assert latent.sum() > 50
    numbers = filled(system)
    np.testing.assert_array_equal(numbers[~latent], system.values[~latent])
    assert (numbers >= 0).all()
    np.testing.assert_allclose(system.equations @ numbers, 0, atol=1e-6)


def test_numbers_that_are_all_known_stay_as_they_are() -> None:
    system = SMALL.system()
    np.testing.assert_array_equal(filled(system), system.values)


def test_the_step_of_the_lineage_does_not_depend_on_the_order_of_its_tables() -> None:
    world = births(sparse_counts(np.random.default_rng(6), (4, 3, 2), 20, 0.1), [0, 0, 1, 1])
    rows = world.rows_table().append_column("row_number", pa.array(range(len(world.rows))))
    renamed = {"reason": "primary_reason", "weight": "hiding_weight"}
    rows = rows.rename_columns([renamed.get(name, name) for name in rows.column_names])
    with duckdb.connect(config={"threads": 1}) as connection:
        found = [
            protected_cells(
                connection.from_arrow(shuffled(rows, seed)),
                connection.from_arrow(shuffled(world.equations_table(), seed)),
                10,
                1.0,
            )
            for seed in (0, 1)
        ]
    assert "primary_reason as reason" in ROW_COLUMNS
    assert found[0].schema == SCHEMA
    assert found[0].equals(found[1])
    cells = found[0].to_pydict()
    small = {name for name, value in world.values.items() if 0 < value < 10}
    assert {name for name, primary in zip(cells["cell"], cells["is_primary"], strict=True) if primary} == small
    assert not any(cells["is_unsafe"])
    hidden = {name for name, flag in zip(cells["cell"], cells["is_hidden"], strict=True) if flag}
    assert {row.numerator for row in world.rows} >= hidden > {row.numerator for row in world.rows} & small
