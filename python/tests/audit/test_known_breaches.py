"""Publications of which it is known what an attacker finds out, without files."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from kansrijke_start.audit.run import WIDE

from .invented import EVERY_ROW, Table, adds_up, find, look, one_sum, read, rounded, told

BOTH_WAYS = pytest.mark.parametrize("is_exact", [True, False], ids=["exact counts", "files alone"])


@BOTH_WAYS
def test_nothing_is_found_out_of_a_protected_sum(is_exact: bool) -> None:
    table = one_sum(("a", 103, False), ("b", 24, True), ("c", 4, True))
    assert find({"t": table}, sums=[adds_up("abc")], is_exact=is_exact) == set()


@BOTH_WAYS
def test_a_single_hidden_cell_is_found_out(is_exact: bool) -> None:
    table = one_sum(("a", 103, False), ("b", 24, False), ("c", 4, True))
    found = find({"t": table}, sums=[adds_up("abc")], is_exact=is_exact)
    # From rounded numbers it is known up to rounding alone, which is narrow enough for the complement.
    assert ("recovered" if is_exact else "narrowed", "c", "NL") in found or not is_exact
    assert (found == set()) is not is_exact or ("narrowed", "c", "NL") in found


@pytest.mark.parametrize(
    ("hidden", "kind"),
    [((0, 0), "recovered"), ((2, 1), "narrowed"), ((8, 0), "narrowed")],
    ids=["25 = 10 + 15 + x + x", "28 = 10 + 15 + x + x", "one below the threshold"],
)
def test_two_hidden_cells_that_share_less_than_the_threshold(hidden: tuple[int, int], kind: str) -> None:
    table = one_sum(("a", 10, False), ("b", 15, False), ("c", hidden[0], True), ("d", hidden[1], True))
    found = find({"t": table}, sums=[adds_up("abcd")])
    assert {(kind, "c", "NL"), (kind, "d", "NL")} <= found


def test_the_threshold_itself_is_not_enough_for_two_and_one_more_is() -> None:
    for hidden, is_safe in (((5, 3), False), ((5, 4), True)):
        table = one_sum(("a", 100, False), ("b", 50, False), ("c", hidden[0], True), ("d", hidden[1], True))
        assert (find({"t": table}, sums=[adds_up("abcd")]) == set()) is is_safe


def test_a_complement_below_the_threshold_is_found_by_subtraction() -> None:
    rows = [(2021, "country:NL", "a", 297, 306, False)]
    assert find({"t": Table(rows)}) == {("complement", "a", "NL")}
    assert find({"t": Table([(2021, "country:NL", "a", 296, 306, False)])}) == set()
    assert find({"t": Table([(2021, "country:NL", "a", 306, 306, False)])}) == set()
    # Admissions in a denominator of children: their difference is no group.
    numbers = [{**EVERY_ROW, "complement": "none"}]
    assert find({"t": Table(rows, numbers)}) == set()


def test_a_named_complement_that_another_table_hides() -> None:
    numbers = [{"numerator": "yes", "denominator": "all", "complement": "no"}]
    tables = {
        "t": Table([(2021, "country:NL", "yes", 90, 97, False)], numbers),
        "u": Table([(2021, "country:NL", "no", 7, 97, True)], [{**EVERY_ROW, "numerator": "no", "complement": "yes"}]),
    }
    assert ("recovered", "no", "NL") in find(tables)


def test_a_small_number_that_is_shown() -> None:
    assert find({"t": one_sum(("a", 9, False), ("b", 30, False), ("c", 30, False))}) == {("shown", "a", "NL")}


def test_a_cell_hidden_in_one_table_and_shown_in_another() -> None:
    parts = (("a", 103, False), ("b", 24, False))
    hidden = one_sum(parts[0], ("b", 24, True))
    assert find({"t": hidden, "u": one_sum(*parts)}) == set()
    # Two that together are all but three: one of them hidden here, both shown there.
    rows = [(2021, "country:NL", "a", 103, 130, False), (2021, "country:NL", "b", 127, 130, True)]
    shown = Table([(*row[:5], False) for row in rows], [{**EVERY_ROW, "complement": "none"}])
    assert find({"t": Table(rows)}) == set()
    assert find({"t": Table(rows), "u": shown}) == {("complement", "b", "NL")}


def test_the_same_number_with_two_values() -> None:
    other = one_sum(("a", 203, False), ("b", 24, False))
    found = find({"t": one_sum(("a", 103, False), ("b", 24, False)), "u": other})
    assert ("contradiction", "a", "NL") in found


def test_numbers_that_do_not_add_up() -> None:
    table = one_sum(("a", 103, False), ("b", 24, False))
    assert {kind for kind, *_ in find({"t": table}, sums=[adds_up("a")])} == {"contradiction"}


def test_a_row_that_structure_does_not_know() -> None:
    table = one_sum(("a", 103, False), ("b", 24, False))
    table.numbers = [{**EVERY_ROW, "where": {"part": ["a", "all"]}}]
    assert find({"t": table}) == {("structure", "b", "NL")}


@BOTH_WAYS
def test_nested_sets_of_two_tables(is_exact: bool) -> None:
    """`a` of one table is `x` + `y` of another, and of these only one is hidden."""
    tables = {
        "t": Table([(2021, "country:NL", "a", 30, 200, False)]),
        "u": Table([(2021, "country:NL", "x", 25, 200, False), (2021, "country:NL", "y", 5, 200, True)]),
    }
    # From numbers rounded to five it lies between 1 and 9, which tells nothing.
    found = find(tables, sums=[adds_up("xy", "a")], is_exact=is_exact)
    assert found == ({("recovered", "y", "NL")} if is_exact else set())
    assert find(tables, is_exact=is_exact) == set()
    # With a rest nobody knows how much of it is `y`, but no more than there is.
    found = find(tables, sums=[adds_up("xy", "a", rest=True)], is_exact=is_exact)
    assert found == ({("narrowed", "y", "NL")} if is_exact else set())


def test_a_difference_that_is_published_nowhere() -> None:
    """Total less published parts: found out when numbers are not rounded, and too wide when they are."""
    rows = [(2021, "country:NL", "a", 30, 200, False), (2021, "country:NL", "x", 25, 200, False)]
    release = read("new", {"t": Table(rows)}, sums=[adds_up("x", "a", rest=True)])
    verdict = look(release)
    assert told(verdict) == set()
    assert verdict.small_differences == 1
    unrounded = read("new", {"t": Table(rows)}, sums=[adds_up("x", "a", rest=True)], base=1)
    assert told(look(unrounded)) == {("difference", "a", "NL")}


def years(counts: dict[int, int], hidden: set[int], pooled_hidden: bool = False) -> Table:
    whole = sum(counts.values())
    rows = [(year, "country:NL", "a", count, 1000, year in hidden) for year, count in counts.items()]
    return Table([*rows, (None, "country:NL", "a", whole, 1000 * len(counts), pooled_hidden)])


POOLED = {"populations": ["births"], "total": "all", "parts": ["2020", "2021", "2022"]}


def test_years_taken_together_tell_a_hidden_year() -> None:
    counts = {2020: 60, 2021: 7, 2022: 12}
    assert find({"t": years(counts, {2021})}, times=[POOLED]) == {("recovered", "a", "NL")}
    assert find({"t": years(counts, {2021, 2022})}, times=[POOLED]) == set()
    assert find({"t": years(counts, {2021}, pooled_hidden=True)}, times=[POOLED]) == set()


def test_a_city_and_its_boroughs() -> None:
    def table(hidden: str) -> Table:
        counts = {"municipality:M": 90, "borough:A": 60, "borough:B": 6, "borough:C": 24}
        sizes = {"municipality:M": 1500}
        return Table([(2021, region, "x", n, sizes.get(region, 500), region in hidden) for region, n in counts.items()])

    nested = {
        "populations": ["births"],
        "parent": "municipality:M",
        "children": ["borough:A", "borough:B", "borough:C"],
    }
    assert find({"t": table("borough:B")}, regions=[nested]) == {("recovered", "x", "B")}
    assert find({"t": table("borough:B borough:C")}, regions=[nested]) == set()
    # The city has more in it than its boroughs: at most so much of it is in this one.
    part = {**nested, "complete": False}
    assert find({"t": table("borough:B")}, regions=[part]) == {("narrowed", "x", "B")}
    assert find({"t": table("borough:B borough:C")}, regions=[part]) == set()


@pytest.mark.parametrize(("last", "is_safe"), [(5, True), (3, False)])
def test_tables_in_two_directions_together(last: int, is_safe: bool) -> None:
    """Rows and columns hide two cells each. What one takes the others give: the smallest of them says how much."""
    counts = {("A", "x"): 5, ("A", "y"): 30, ("B", "x"): 40, ("B", "y"): last}
    rows = [(2021, f"borough:{region}", part, n, n, True) for (region, part), n in counts.items()]
    for region in "AB":
        whole = sum(n for (where, _), n in counts.items() if where == region)
        rows.append((2021, f"borough:{region}", "all", whole, whole, False))
    for part in "xy":
        whole = sum(n for (_, what), n in counts.items() if what == part)
        rows.append((2021, "municipality:M", part, whole, whole, False))
    rows.append((2021, "municipality:M", "all", sum(counts.values()), sum(counts.values()), False))
    nested = {"populations": ["births"], "parent": "municipality:M", "children": ["borough:A", "borough:B"]}
    numbers = [{"numerator": "{part}", "denominator": None}]
    found = find({"t": Table(rows, numbers)}, sums=[adds_up("xy")], regions=[nested])
    assert found == (set() if is_safe else {("narrowed", "x", "A")})


def test_areas_that_cut_across_each_other() -> None:
    """Districts and postcodes of one city: their common part is shown nowhere, and yet it is known."""
    common = {"one": 9, "two": 60, "three": 51}
    rows = [
        (2021, "municipality:M", "all", 120, 120, False),
        (2021, "district:1", "all", common["one"] + common["two"], 69, False),
        (2021, "district:2", "all", common["three"], 51, False),
        (2021, "postcode:1", "all", common["one"], 9, True),
        (2021, "postcode:2", "all", common["two"] + common["three"], 111, False),
    ]
    regions = [
        {"populations": ["births"], "parent": "municipality:M", "children": ["part:one", "part:two", "part:three"]},
        {"populations": ["births"], "parent": "district:1", "children": ["part:one", "part:two"]},
        {"populations": ["births"], "parent": "district:2", "children": ["part:three"]},
        {"populations": ["births"], "parent": "postcode:1", "children": ["part:one"]},
        {"populations": ["births"], "parent": "postcode:2", "children": ["part:two", "part:three"]},
    ]
    numbers = [{"numerator": None, "denominator": "all"}]
    assert find({"t": Table(rows, numbers)}, regions=regions) == {("recovered", "all", "1")}
    assert find({"t": Table(rows, numbers)}) == set()


def test_sets_over_common_atoms() -> None:
    """Single parents and debts: with `any` and both sets, how many have both is known."""
    counts = {"all": 500, "single": 60, "debt": 45, "any": 100, "both": 5}
    rows = [(2021, "country:NL", part, n, 500, part == "both") for part, n in counts.items()]
    cross = {
        "population": "births",
        "name": "risk",
        "total": "all",
        "atoms": 4,
        "sets": {"single": [1, 3], "debt": [2, 3], "any": [1, 2, 3], "both": [3]},
    }
    assert ("recovered", "both", "NL") in find({"t": Table(rows)}, cross=[cross])
    assert find({"t": Table(rows)}) == set()
    elsewhere = {**cross, "levels": ["borough"]}
    assert find({"t": Table(rows)}, cross=[elsewhere]) == set()


def test_two_crosses_that_share_sets_which_are_published_nowhere() -> None:
    """`old` and `new` are shown apart; what they have in common ties them."""
    counts = {"all": 300, "new": 60, "old": 64, "other": 4}
    rows = [(2021, "country:NL", part, n, 300, part == "other") for part, n in counts.items()]
    new = {"population": "births", "name": "new", "total": "all", "atoms": 2, "sets": {"new": [0], "~common": [0]}}
    old = {
        "population": "births",
        "name": "old",
        "total": "all",
        "atoms": 3,
        "sets": {"old": [0, 1], "other": [1], "~common": [0]},
    }
    assert find({"t": Table(rows)}, cross=[new, old]) == {("recovered", "other", "NL")}
    assert find({"t": Table(rows)}, cross=[old]) == set()


def test_a_sum_over_two_populations() -> None:
    tables = {
        "t": Table([(2021, "country:NL", "yes", 40, 90, False)], population="deliveries"),
        "u": Table([(2021, "country:NL", "yes", 44, 120, True), (2021, "country:NL", "no", 76, 120, True)]),
        "v": Table([(2021, "country:NL", "all", 120, 120, False)]),
    }
    assert find(tables, sums=[adds_up(["yes", "no"])]) == set()
    bound = adds_up(["deliveries::yes"], "yes", rest=True)
    verdict = look(read("new", tables, sums=[adds_up(["yes", "no"]), bound]))
    assert told(verdict) == set()
    # At least forty of the births are of these deliveries, so their number is no small one.
    assert verdict.large > look(read("new", tables, sums=[adds_up(["yes", "no"])])).large


def test_a_row_that_follows_its_denominator_alone() -> None:
    """A mean hides and shows with its denominator; its numerator is no number of the system."""
    numbers = [{"numerator": "{part}", "denominator": "{part}", "shadow": True}]
    rows = [(2021, "country:NL", "a", 3, 24, True), (2021, "country:NL", "b", 9, 60, False)]
    table = {"t": Table(rows, numbers), "u": Table([(2021, "country:NL", "all", 84, 84, False)])}
    assert find(table, sums=[adds_up("ab")]) == {("recovered", "a", "NL")}
    assert find(table) == set()


def test_a_hidden_number_of_two_populations() -> None:
    numbers = [{"numerator": "{part}", "denominator": "all", "denominator_population": "mothers"}]
    rows = [(2021, "country:NL", "a", 7, 40, True)]
    tables = {"t": Table(rows, numbers), "u": Table([(2021, "country:NL", "all", 40, 40, False)], population="mothers")}
    assert find(tables) == set()


def test_released_before_and_hidden_now() -> None:
    """Each release is safe; together they tell the cell that both hide."""
    parts = {"a": 103, "b": 24, "c": 4, "d": 30}
    then = one_sum(*((part, n, part in "bc") for part, n in parts.items()))
    now = one_sum(*((part, n, part in "cd") for part, n in parts.items()))
    structure = {"sums": [adds_up("abcd")]}
    former, new = read("release 1", {"t": then}, **structure), read("new", {"t": now}, **structure)
    assert told(look(former)) == told(look(new)) == set()
    verdict = look(new, former)
    assert told(verdict) == {("recovered", "c", "NL")}
    assert verdict.shown_before == 2
    public = [read(name, {"t": t}, **structure, is_exact=False) for name, t in (("new", now), ("release 1", then))]
    assert told(look(*public, is_exact=False)) == {("narrowed", "c", "NL")}


def test_a_small_number_that_was_shown_under_another_threshold() -> None:
    then = read("release 1", {"t": one_sum(("a", 103, False), ("b", 24, False), ("c", 7, False))}, threshold=5)
    now = read("new", {"t": one_sum(("a", 103, False), ("b", 24, True), ("c", 7, True))}, sums=[adds_up("abc")])
    assert told(look(now)) == set()
    assert ("recovered", "c", "NL") in told(look(now, then))


def test_a_release_of_other_numbers_tells_nothing() -> None:
    then = read(
        "release 1", {"t": one_sum(("a", 90, False), ("b", 20, False), ("c", 14, False))}, sums=[adds_up("abc")]
    )
    now = read("new", {"t": one_sum(("a", 103, False), ("b", 24, True), ("c", 4, True))}, sums=[adds_up("abc")])
    assert told(look(now, then)) == set()


def test_a_year_more_than_in_the_release_before() -> None:
    """The pooled years of two releases differ by a year that is hidden."""
    counts = {2020: 60, 2021: 45, 2022: 7}
    before = {key: counts[key] for key in (2020, 2021)}
    then = read("release 1", {"t": years(before, set())}, times=[{**POOLED, "parts": ["2020", "2021"]}])
    hidden = [(year, "country:NL", "a", n, 1000, True) for year, n in counts.items()]
    now = read(
        "new", {"t": Table([*hidden, (None, "country:NL", "a", sum(counts.values()), 3000, False)])}, times=[POOLED]
    )
    assert told(look(now)) == set()
    assert ("recovered", "a", "NL") in told(look(now, then))


def test_what_rounding_alone_makes_uncertain_is_told_apart() -> None:
    """From rounded numbers a large hidden one can seem to be nearly small: that is no breach, and it is counted."""
    table = Table(
        [
            (2021, "country:NL", "all", 100, 100, False),
            (2021, "country:NL", "a", 52, 100, False),
            (2021, "country:NL", "b", 48, 100, True),
        ],
        [{"numerator": "{part}", "denominator": None}],
    )
    verdict = look(read("new", {"t": table}, sums=[adds_up("ab")], is_exact=False), is_exact=False)
    assert (verdict.large, verdict.widened, verdict.narrowed) == (1, 0, 0)
    assert WIDE > 9


REGIONS, PARTS = "ABC", "wxyz"
PLACES = [(region, part) for region in ["M", *REGIONS] for part in ["all", *PARTS]]
"""A city with its boroughs, and births with their kinds."""


def relations() -> np.ndarray:
    """Each total less its parts, by place: 9 x 20."""
    rows = []
    for region in ["M", *REGIONS]:
        rows.append({(region, "all"): 1.0} | {(region, part): -1.0 for part in PARTS})
    for part in ["all", *PARTS]:
        rows.append({("M", part): 1.0} | {(region, part): -1.0 for region in REGIONS})
    return np.array([[row.get(place, 0.0) for place in PLACES] for row in rows])


def protected(seed: int) -> tuple[dict[tuple[str, str], int], set[tuple[str, str]], set[tuple[str, str]]]:
    """A table, its small cells, and what is hidden beside them.

    For each small cell another table is sought in which it is 1, and one in which it is 9, that differs in as few and
    as small cells as can be: these are hidden too (Kelly and Robertson's linear programs, by scipy alone).
    """
    draw = random.Random(seed)
    inner = {(region, part): int(draw.expovariate(1 / 30)) for region in REGIONS for part in PARTS}
    counts = dict(inner)
    for region in REGIONS:
        counts[region, "all"] = sum(inner[region, part] for part in PARTS)
    for part in ["all", *PARTS]:
        counts["M", part] = sum(counts[region, part] for region in REGIONS)
    small = {place for place in PLACES if 0 < counts[place] < 10}
    hidden = set(small)
    size = len(PLACES)
    equal = relations()
    for place in sorted(small):
        for wanted in (9, 1):
            # Variables: what each cell gains, and what it loses, at most what it has.
            cost = [0.0 if other in hidden else 1 + np.log1p(counts[other]) for other in PLACES]
            upper = [0.0 if counts[other] == 0 else np.inf for other in PLACES]
            lose = [0.0 if counts[other] == 0 else float(counts[other]) for other in PLACES]
            fixed = np.zeros(2 * size)
            fixed[PLACES.index(place)], fixed[size + PLACES.index(place)] = 1.0, -1.0
            solved = linprog(
                [*cost, *cost],
                A_eq=np.vstack([np.hstack([equal, -equal]), fixed]),
                b_eq=[*np.zeros(len(equal)), wanted - counts[place]],
                bounds=list(zip(np.zeros(2 * size), [*upper, *lose], strict=True)),
            )
            assert solved.status == 0
            moved = solved.x[:size] + solved.x[size:] > 1e-6
            hidden |= {other for other, is_moved in zip(PLACES, moved, strict=True) if is_moved}
    return counts, small, hidden - small


def attacked(counts: dict[tuple[str, str], int], hidden: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """Cells of which the audit finds something out."""
    found = find({"t": city(counts, hidden)}, **CITY)
    return {("M" if region == "M" else region, part) for _, part, region in found}


def city(counts: dict[tuple[str, str], int], hidden: set[tuple[str, str]]) -> Table:
    return Table(
        [
            (2021, f"{'municipality' if region == 'M' else 'borough'}:{region}", part, n, n, (region, part) in hidden)
            for (region, part), n in sorted(counts.items())
        ],
        [{"numerator": "{part}", "denominator": None}],
    )


CITY = {
    "sums": [adds_up(PARTS)],
    "regions": [{"populations": ["births"], "parent": "municipality:M", "children": [f"borough:{r}" for r in REGIONS]}],
}

SEEDS = range(1, 51)
"""The listed seeds of the mutation test."""


def test_one_secondary_less_is_found_in_most_of_fifty_tables() -> None:
    found = 0
    for seed in SEEDS:
        counts, small, secondary = protected(seed)
        if not secondary:
            continue
        # Large ones need no protection here: what is looked for are the small ones.
        assert attacked(counts, small | secondary) & small == set(), seed
        dropped = random.Random(seed).choice(sorted(secondary))
        found += bool(attacked(counts, small | secondary - {dropped}) & small)
    assert found >= 40


def test_neither_the_order_of_rows_nor_an_empty_kind_nor_a_split_changes_what_is_found() -> None:
    counts, small, secondary = protected(3)
    table = city(counts, small | secondary - {min(secondary)})
    before = find({"t": table}, **CITY)
    assert before
    assert find({"t": Table(table.rows[::-1], table.numbers)}, **CITY) == before
    empty = [(2021, row[1], "empty", 0, 0, False) for row in table.rows if row[2] == "all"]
    with_empty = CITY | {"sums": [adds_up(PARTS) | {"parts": [*PARTS, "empty"]}]}
    assert find({"t": Table([*table.rows, *empty], table.numbers)}, **with_empty) == before
    halves = {"t": Table(table.rows[:9], table.numbers), "u": Table(table.rows[9:], table.numbers)}
    assert find(halves, **CITY) == before
    one, other = (
        read(name, {"t": half}, **CITY) for name, half in zip(("new", "release 1"), halves.values(), strict=True)
    )
    assert told(look(one, other)) == before


@settings(max_examples=30, deadline=None)
@given(
    inner=st.lists(st.integers(0, 6), min_size=4, max_size=4),
    hidden=st.lists(st.booleans(), min_size=8, max_size=8),
    is_exact=st.booleans(),
)
def test_a_small_city_as_trying_out_every_one(inner: list[int], hidden: list[bool], is_exact: bool) -> None:
    """Every table of two boroughs and two kinds that looks the same from outside, and what they have in common."""
    places = [("A", "x"), ("A", "y"), ("B", "x"), ("B", "y"), ("A", "all"), ("B", "all"), ("M", "x"), ("M", "y")]

    sums = np.array([[1, 1, 0, 0], [0, 0, 1, 1], [1, 0, 1, 0], [0, 1, 0, 1], [1, 1, 1, 1]])
    threshold = 4
    counts = np.concatenate([inner, sums @ inner])
    is_hidden = np.array([h or 0 < n < threshold for h, n in zip(hidden, counts, strict=False)] + [False])
    if 0 < counts[-1] < threshold:
        return
    most_of_one = rounded(int(counts[-1])) + 3
    cells = np.stack(np.meshgrid(*[np.arange(most_of_one)] * 4, indexing="ij"), axis=-1).reshape(-1, 4)
    candidates = np.hstack([cells, cells @ sums.T])
    if is_exact:
        fits = candidates == counts
    else:
        # A shown number is never a small one.
        to_five = np.array([rounded(n) for n in range(4 * most_of_one)])
        fits = (to_five[candidates] == to_five[counts]) & ((candidates == 0) | (candidates >= threshold))
    possible = candidates[(fits | is_hidden).all(axis=1)]
    expected = set()
    groups = np.vstack([np.eye(4, dtype=int), sums])
    shown_zeros = groups[(counts == 0) & ~is_hidden]
    for place, (region, part) in enumerate(places):
        # What is in a sum that is shown to be zero is no secret.
        if not is_hidden[place] or (groups[place] <= shown_zeros).all(axis=1).any():
            continue
        least, most = possible[:, place].min(), possible[:, place].max()
        if (least <= 1 and most >= threshold - 1) or (least >= threshold and most - least >= threshold - 2):
            continue
        expected.add(("recovered" if least == most else "narrowed", part, region))
    rows = [
        (2021, f"{'municipality' if region == 'M' else 'borough'}:{region}", part, int(n), int(n), bool(h))
        for (region, part), n, h in zip([*places, ("M", "all")], counts, is_hidden, strict=True)
    ]
    table = Table(rows, [{"numerator": "{part}", "denominator": None}])
    boroughs = {"populations": ["births"], "parent": "municipality:M", "children": ["borough:A", "borough:B"]}
    found = find({"t": table}, is_exact=is_exact, sums=[adds_up("xy")], regions=[boroughs], threshold=threshold)
    assert found == expected
