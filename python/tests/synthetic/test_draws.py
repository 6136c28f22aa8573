"""Random streams: reproducible, independent of order and chunks, with the distributions they claim."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kansrijke_start.synthetic import draws

SEEDS = st.integers(min_value=0, max_value=2**40)


@given(seed=SEEDS, cut=st.integers(min_value=0, max_value=500))
@settings(max_examples=40, deadline=None)
def test_uniform_does_not_depend_on_chunks_or_order(seed: int, cut: int) -> None:
    index = np.arange(500)
    whole = draws.uniform(seed, "a", index)
    parts = np.concatenate([draws.uniform(seed, "a", index[:cut]), draws.uniform(seed, "a", index[cut:])])
    assert np.array_equal(whole, parts)
    assert np.array_equal(whole[::-1], draws.uniform(seed, "a", index[::-1]))
    assert whole.min() >= 0 and whole.max() < 1


def test_streams_and_seeds_differ() -> None:
    index = np.arange(100_000)
    a, b, c = draws.uniform(1, "a", index), draws.uniform(1, "b", index), draws.uniform(2, "a", index)
    for other in (b, c):
        assert abs(np.corrcoef(a, other)[0, 1]) < 0.015
        assert not np.any(a == other)


def test_known_values_do_not_change() -> None:
    assert draws.uniform(2024, "anchor", np.arange(3)).tolist() == pytest.approx(
        [0.6157692388496875, 0.3895786409929959, 0.13973373502646913], abs=0
    )


def test_uniform_is_even_and_normal_is_normal() -> None:
    index = np.arange(200_000)
    counts = np.histogram(draws.uniform(3, "even", index), bins=20, range=(0, 1))[0]
    assert ((counts - 10_000) ** 2 / 10_000).sum() < 45
    z = draws.normal(3, "normal", index)
    assert abs(z.mean()) < 0.01 and abs(z.std() - 1) < 0.01
    assert abs((z < -1.959964).mean() - 0.025) < 0.002


@given(
    weights=st.lists(st.floats(min_value=0, max_value=10), min_size=1, max_size=8).filter(lambda w: sum(w) > 1e-6),
    seed=SEEDS,
)
@settings(max_examples=60, deadline=None)
def test_categories_with_weight_zero_never_occur(weights: list[float], seed: int) -> None:
    u = np.append(draws.uniform(seed, "c", np.arange(300)), [0.0, 1 - 2.0**-53])
    for found in (draws.categorical(u, weights), draws.categorical(u, np.tile(weights, (len(u), 1)))):
        assert found.min() >= 0 and found.max() < len(weights)
        assert all(weights[k] > 0 for k in np.unique(found))


def test_categories_refuse_impossible_distributions() -> None:
    for bad in ([0.0, 0.0], [1.0, -0.5], [[1.0, 0.0], [0.0, 0.0]]):
        with pytest.raises(ValueError, match="positive sum"):
            draws.categorical(np.array([0.1, 0.2]), bad)


def test_poisson_has_its_mean_and_variance() -> None:
    mean = np.repeat([0.0, 0.3, 4.0, 20.0], 50_000)
    count = draws.poisson(5, "p", np.arange(len(mean)), mean)
    for lam in (0.0, 0.3, 4.0, 20.0):
        mine = count[mean == lam]
        assert mine.mean() == pytest.approx(lam, abs=4 * (lam / 50_000) ** 0.5 + 1e-12)
        assert mine.var() == pytest.approx(lam, rel=0.04, abs=1e-12)


@given(low=st.integers(-50, 50), width=st.integers(1, 400), seed=SEEDS)
@settings(max_examples=60, deadline=None)
def test_integers_stay_inside_their_range(low: int, width: int, seed: int) -> None:
    found = draws.integers(seed, "i", np.arange(200), low, low + width)
    assert found.min() >= low and found.max() < low + width


def test_integers_refuse_an_empty_range() -> None:
    with pytest.raises(ValueError, match="1 empty ranges"):
        draws.integers(1, "i", np.arange(2), [0, 5], [3, 5])


@given(
    expected=st.lists(st.floats(min_value=0, max_value=50), min_size=1, max_size=60),
    offset=st.floats(min_value=0, max_value=0.999999),
)
@settings(max_examples=100, deadline=None)
def test_systematic_counts_keep_every_running_total(expected: list[float], offset: float) -> None:
    counts = draws.systematic_counts(expected, offset)
    assert (counts >= 0).all()
    running, goal = np.concatenate([[0], np.cumsum(counts)]), np.concatenate([[0.0], np.cumsum(expected)])
    for start in range(0, len(running), 7):
        assert (np.abs((running[start:] - running[start]) - (goal[start:] - goal[start])) < 1 + 1e-6).all()


def test_systematic_counts_have_their_expectation() -> None:
    expected = np.array([0.2, 1.7, 3.0, 0.45])
    mean = np.mean([draws.systematic_counts(expected, o) for o in (np.arange(1000) + 0.5) / 1000], axis=0)
    assert mean == pytest.approx(expected, abs=0.002)


def test_systematic_counts_refuse_bad_input() -> None:
    with pytest.raises(ValueError, match="not negative"):
        draws.systematic_counts([1.0, -0.1], 0.5)
    with pytest.raises(ValueError, match="offset"):
        draws.systematic_counts([1.0], 1.0)


@given(values=st.lists(st.floats(min_value=0, max_value=30), min_size=1, max_size=30))
@settings(max_examples=60, deadline=None)
def test_largest_remainder_reaches_the_total(values: list[float]) -> None:
    counts = draws.largest_remainder(values)
    assert counts.sum() == round(sum(values))
    assert (np.abs(counts - np.array(values) * (counts.sum() / sum(values) if sum(values) else 1)) < 1 + 1e-6).all()


@given(seed=SEEDS, p=st.floats(min_value=0, max_value=1))
@settings(max_examples=40, deadline=None)
def test_stratified_bernoulli_has_hardly_any_noise(seed: int, p: float) -> None:
    stratum = np.repeat(np.arange(5), [1, 40, 7, 200, 52])
    chosen = draws.stratified_bernoulli(seed, "b", p, stratum)
    counts = np.bincount(stratum, weights=chosen, minlength=5)
    assert (np.abs(counts - p * np.array([1, 40, 7, 200, 52])) < 1 + 1e-6).all()


def test_stratified_bernoulli_refuses_probabilities_outside_0_1() -> None:
    with pytest.raises(ValueError, match="probabilities"):
        draws.stratified_bernoulli(1, "b", 1.2, np.zeros(3, dtype=np.int64))


@given(seed=SEEDS)
@settings(max_examples=30, deadline=None)
def test_stratified_categories_follow_each_stratum(seed: int) -> None:
    table = np.array([[0.5, 0.5, 0.0], [0.1, 0.2, 0.7]])
    stratum = np.tile([0, 1], 500)
    found = draws.stratified_categories(seed, "c", table, stratum)
    for number in (0, 1):
        counts = np.bincount(found[stratum == number], minlength=3)
        assert (np.abs(counts - 500 * table[number]) <= 1).all()


@given(seed=SEEDS)
@settings(max_examples=30, deadline=None)
def test_stratified_uniform_is_even_in_each_stratum(seed: int) -> None:
    stratum = np.tile([2, 0, 1], 100)
    u = draws.stratified_uniform(seed, "u", stratum, 4)
    assert u.min() >= 0 and u.max() < 1
    for number in range(3):
        assert (np.histogram(u[stratum == number], bins=10, range=(0, 1))[0] == 10).all()


def test_race_keys_sample_in_proportion_to_weight() -> None:
    weight = np.repeat([1.0, 3.0, 0.0], 20_000)
    key = draws.race_keys(1, "race", np.arange(len(weight)), weight)
    sample = np.argsort(key)[:1000]
    counts = np.bincount(sample // 20_000, minlength=3)
    assert counts[2] == 0 and counts[1] / counts[0] == pytest.approx(3, rel=0.25)


@given(seed=SEEDS)
@settings(max_examples=20, deadline=None)
def test_register_numbers_are_unique_and_have_leading_zeros(seed: int) -> None:
    numbers = draws.number_in_register(seed, "person", np.arange(30_000))
    assert len(np.unique(numbers)) == 30_000
    assert numbers.min() >= 1 and numbers.max() <= draws.REGISTER_PRIME
    assert (numbers < 100_000_000).mean() == pytest.approx(0.1, abs=0.03)


def test_register_numbers_refuse_an_index_out_of_range() -> None:
    with pytest.raises(ValueError, match="out of range"):
        draws.number_in_register(1, "person", np.array([-1]))
