"""Random numbers as a function of (seed, stream name, entity index).

Nothing here keeps state: every number is the hash of a key (seed and stream name) and a counter (the index of the
entity), so results depend neither on the order of calls, nor on threads, nor on the size of chunks.

Method: SplitMix64 (Steele, Lea and Flood, OOPSLA 2014) as a counter-based generator: the state of counter i is
``key + (i + 1) * golden gamma``, followed by SplitMix64's finaliser. The key is the BLAKE2b hash of seed and stream.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

IntArray = NDArray[np.integer]
FloatArray = NDArray[np.float64]

_GAMMA = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)
_TO_UNIT = 1.0 / (1 << 53)
#: Largest prime below one thousand million: the modulus of :func:`number_in_register`.
REGISTER_PRIME = 999_999_937


def stream_key(seed: int, stream: str) -> np.uint64:
    """Key of a stream: the first 8 bytes of BLAKE2b over ``"<seed>/<stream>"``."""
    digest = hashlib.blake2b(f"{seed}/{stream}".encode(), digest_size=8).digest()
    return np.uint64(int.from_bytes(digest, "little"))


def bits(seed: int, stream: str, index: ArrayLike) -> NDArray[np.uint64]:
    """64 random bits for each index (any integer array, shape kept)."""
    state = np.asarray(index).astype(np.uint64)
    with np.errstate(over="ignore"):
        state = (state + np.uint64(1)) * _GAMMA
        state += stream_key(seed, stream)
        state ^= state >> np.uint64(30)
        state *= _MIX_1
        state ^= state >> np.uint64(27)
        state *= _MIX_2
        state ^= state >> np.uint64(31)
    return state


def uniform(seed: int, stream: str, index: ArrayLike) -> FloatArray:
    """Uniform numbers in [0, 1), one for each index.

    Args:
        seed: seed of the world.
        stream: name of what is drawn; two names give independent numbers.
        index: integer array of entity numbers (person, birth, cell, ...), any shape.
    """
    return (bits(seed, stream, index) >> np.uint64(11)).astype(np.float64) * _TO_UNIT


def uniform_one(seed: int, stream: str) -> float:
    """One uniform number in [0, 1) for a whole stream (an offset, for example)."""
    return float(uniform(seed, stream, np.zeros(1, dtype=np.int64))[0])


def normal(seed: int, stream: str, index: ArrayLike) -> FloatArray:
    """Standard normal numbers (Box and Muller, from two uniform streams; the cosine of the pair)."""
    radius = np.sqrt(-2.0 * np.log1p(-uniform(seed, f"{stream}/radius", index)))
    return radius * np.cos(2.0 * np.pi * uniform(seed, f"{stream}/angle", index))


def integers(seed: int, stream: str, index: ArrayLike, low: ArrayLike, high: ArrayLike) -> NDArray[np.int64]:
    """Integers between `low` (inclusive) and `high` (exclusive), element by element; `high` > `low` is required."""
    low_array = np.asarray(low, dtype=np.int64)
    width = np.asarray(high, dtype=np.int64) - low_array
    if np.any(width <= 0):
        raise ValueError(f"draws.integers: stream {stream!r} has {int(np.sum(width <= 0))} empty ranges")
    return low_array + np.floor(uniform(seed, stream, index) * width).astype(np.int64)


def categorical(u: FloatArray, probabilities: ArrayLike) -> NDArray[np.int64]:
    """Category of each uniform number, for one distribution or one distribution a row.

    Args:
        u: uniform numbers, shape (n,).
        probabilities: shape (k,) or (n, k); non-negative, rows are normalised to 1.

    Returns:
        int64 array (n,), values 0..k-1; a category with probability 0 is never returned.

    Raises:
        ValueError: a distribution has a negative weight or no weight at all.
    """
    weights = np.asarray(probabilities, dtype=np.float64)
    total = weights.sum(axis=-1)
    if np.any(weights < 0) or np.any(~(total > 0)):
        raise ValueError("draws.categorical: every distribution needs non-negative weights with a positive sum")
    last = weights.shape[-1] - 1 - np.argmax(weights[..., ::-1] > 0, axis=-1)
    if weights.ndim == 1:
        cumulative = np.cumsum(weights)
        found = np.searchsorted(cumulative, u * cumulative[-1], side="right")
        return np.minimum(found, int(last)).astype(np.int64)
    cumulative = np.cumsum(weights, axis=1)
    found = (cumulative <= (u * cumulative[:, -1])[:, None]).sum(axis=1)
    return np.minimum(found, last).astype(np.int64)


def choice(seed: int, stream: str, index: ArrayLike, probabilities: ArrayLike) -> NDArray[np.int64]:
    """Independent category for each index (see :func:`categorical`)."""
    return categorical(uniform(seed, stream, index), probabilities)


def poisson(seed: int, stream: str, index: ArrayLike, mean: ArrayLike, largest: int = 60) -> NDArray[np.int64]:
    """Poisson counts by inversion, cut at `largest` (element-wise means allowed; a mean of 0 gives 0)."""
    u = uniform(seed, stream, index)
    lam = np.broadcast_to(np.asarray(mean, dtype=np.float64), u.shape)
    count = np.zeros(u.size, dtype=np.int64)
    u, lam = u.ravel(), lam.ravel()
    open_ = np.flatnonzero(u >= np.exp(-lam))
    u, lam = u[open_], lam[open_]
    term = np.exp(-lam)
    cumulative = term.copy()
    for k in range(1, largest + 1):
        if not len(open_):
            break
        count[open_] = k
        term = term * lam / k
        cumulative = cumulative + term
        stay = u >= cumulative
        open_, u, lam, term, cumulative = open_[stay], u[stay], lam[stay], term[stay], cumulative[stay]
    return count.reshape(np.shape(index))


def systematic_counts(expected: ArrayLike, offset: float) -> NDArray[np.int64]:
    """Whole counts for expected counts, by systematic rounding of the running total.

    The total over any run of neighbouring cells differs by less than 1 from its expectation, so counts of regions
    that are ordered by their hierarchy hardly vary at any level of it.

    Args:
        expected: non-negative expected counts, in the order of the hierarchy, shape (k,).
        offset: uniform number in [0, 1); over uniform offsets each count has exactly its expectation.
    """
    values = np.asarray(expected, dtype=np.float64)
    if np.any(values < 0) or not np.all(np.isfinite(values)):
        raise ValueError("draws.systematic_counts: expected counts must be finite and not negative")
    if not 0 <= offset < 1:
        raise ValueError("draws.systematic_counts: offset must lie in [0, 1)")
    running = np.concatenate([[0.0], np.cumsum(values)])
    # 1e-9: a running total of 3.9999999999 is 4.
    return np.diff(np.floor(running + offset + 1e-9)).astype(np.int64)


def largest_remainder(expected: ArrayLike, total: int | None = None) -> NDArray[np.int64]:
    """Whole counts with a given total (default: the rounded sum), by the largest-remainder method; ties: first cell."""
    values = np.asarray(expected, dtype=np.float64)
    goal = round(float(values.sum())) if total is None else total
    if values.sum() > 0:
        values = values * (goal / values.sum())
    counts = np.floor(values + 1e-9).astype(np.int64)
    missing = goal - int(counts.sum())
    if missing > 0:
        counts[np.argsort(-(values - counts), kind="stable")[:missing]] += 1
    return counts


def systematic_select(probability: ArrayLike, offset: float, order: IntArray | None = None) -> NDArray[np.bool_]:
    """Select entities with given inclusion probabilities; the number selected in any run of `order` is within 1.

    Args:
        probability: inclusion probability of each entity, shape (n,), in [0, 1].
        offset: uniform number in [0, 1).
        order: permutation that puts entities in the order of the strata (default: as they stand).
    """
    p = np.asarray(probability, dtype=np.float64)
    if np.any((p < 0) | (p > 1)):
        raise ValueError("draws.systematic_select: probabilities must lie in [0, 1]")
    result = np.zeros(len(p), dtype=bool)
    if order is None:
        return systematic_counts(p, offset).astype(bool)
    result[order] = systematic_counts(p[order], offset).astype(bool)
    return result


def shuffled_within(seed: int, stream: str, stratum: IntArray) -> NDArray[np.int64]:
    """Order that sorts by stratum and randomly inside each stratum (index order breaks ties)."""
    index = np.arange(len(stratum), dtype=np.int64)
    key = bits(seed, stream, index) >> np.uint64(1)
    return np.lexsort((key, stratum))


def stratified_bernoulli(seed: int, stream: str, probability: ArrayLike, stratum: IntArray) -> NDArray[np.bool_]:
    """True with the given probability, with (almost) no noise in the number of trues in each stratum.

    Entities are shuffled inside their stratum and then selected systematically, so the count in a stratum differs
    by less than 1 from its expectation.
    """
    n = len(stratum)
    p = np.broadcast_to(np.asarray(probability, dtype=np.float64), (n,))
    order = shuffled_within(seed, f"{stream}/order", stratum)
    return systematic_select(p, uniform_one(seed, f"{stream}/offset"), order)


def stratified_categories(seed: int, stream: str, probabilities: ArrayLike, stratum: IntArray) -> NDArray[np.int64]:
    """Category for each entity, with (almost) no noise in the counts of each stratum.

    Args:
        probabilities: one distribution for each stratum, shape (number of strata, k).
        stratum: stratum of each entity, shape (n,), values 0..number of strata - 1.

    The entities of a stratum are shuffled and cut at the cumulative distribution, with a random offset a stratum.
    """
    table = np.asarray(probabilities, dtype=np.float64)
    if np.any(table < 0) or np.any(~(table.sum(axis=1) > 0)):
        raise ValueError("draws.stratified_categories: every stratum needs non-negative weights with a positive sum")
    cumulative = np.cumsum(table, axis=1)
    cumulative /= cumulative[:, -1:]
    u = stratified_uniform(seed, stream, stratum, len(table))
    # One search for all strata: stratum number + share below 1.
    breaks = (np.arange(len(table))[:, None] + cumulative).ravel()
    found = np.searchsorted(breaks, stratum + u, side="right") - stratum * table.shape[1]
    last = table.shape[1] - 1 - np.argmax(table[:, ::-1] > 0, axis=1)
    return np.minimum(found, last[stratum])


def stratified_uniform(seed: int, stream: str, stratum: IntArray, n_strata: int | None = None) -> FloatArray:
    """Uniform numbers in [0, 1) that are spread evenly inside each stratum.

    The entities of a stratum of size n get, in random order, the numbers (0 + o) / n, (1 + o) / n, ..., with one random
    offset o a stratum: each number is uniform, and the empirical distribution of a stratum is (almost) without noise.
    """
    size = int(stratum.max()) + 1 if n_strata is None and len(stratum) else (n_strata or 0)
    order = shuffled_within(seed, f"{stream}/order", stratum)
    sizes = np.bincount(stratum, minlength=size)
    start = np.cumsum(sizes) - sizes
    in_order = stratum[order]
    offset = uniform(seed, f"{stream}/offset", np.arange(size))
    result = np.empty(len(stratum), dtype=np.float64)
    result[order] = (np.arange(len(stratum)) - start[in_order] + offset[in_order]) / np.maximum(sizes[in_order], 1)
    return np.minimum(result, 1.0 - 2.0**-40)


def race_keys(seed: int, stream: str, index: ArrayLike, weight: ArrayLike) -> FloatArray:
    """Keys for weighted sampling without replacement: the n smallest keys are the sample (Efraimidis and Spirakis).

    A weight of 0 gives an infinite key (never sampled before the others).
    """
    u = uniform(seed, stream, index)
    w = np.asarray(weight, dtype=np.float64)
    with np.errstate(divide="ignore"):
        return np.where(w > 0, -np.log1p(-u) / np.where(w > 0, w, 1.0), np.inf)


def number_in_register(seed: int, kind: str, index: ArrayLike) -> NDArray[np.int64]:
    """A bijection of entity numbers into 1..999,999,937, for pseudonymous keys (RIN numbers).

    ``(a * index + b) mod p + 1`` with `a` and `b` from the seed and the kind; the prime p keeps it one-to-one for every
    index below p. About one number in ten has a leading zero.
    """
    values = np.asarray(index, dtype=np.int64)
    if values.size and (values.min() < 0 or values.max() >= REGISTER_PRIME):
        raise ValueError("draws.number_in_register: index out of range")
    a = 100_000_000 + int(stream_key(seed, f"{kind}/a")) % 800_000_000
    b = int(stream_key(seed, f"{kind}/b")) % REGISTER_PRIME
    product = values.astype(np.uint64) * np.uint64(a) + np.uint64(b)
    return (product % np.uint64(REGISTER_PRIME)).astype(np.int64) + 1


def interpolate(
    u: FloatArray, grid: Sequence[float] | FloatArray, cumulative: Sequence[float] | FloatArray
) -> FloatArray:
    """Quantiles of a distribution given as a piecewise linear distribution function (grid, cumulative)."""
    return np.interp(u, np.asarray(cumulative, dtype=np.float64), np.asarray(grid, dtype=np.float64))
