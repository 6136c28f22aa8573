"""Estimates of many outcomes in many periods at once: children by life year, and sums over life years.

The same equations as in `estimates`, arranged for a million children. The part of a row in a weighted mean is made of
its own outcome and of what it did to the propensity; the variance is the sum of squares of these parts by cluster. The
square of a sum over a cluster is the squares of its rows and the products of its pairs of rows:

- squares follow from numbers, sums and squares of outcomes by pattern, so that rows with the same pattern cost nothing;
- pairs are few (siblings), and are worked out for all sets of weights together as products of matrices.

A sum over periods is the sum of their means: who has left counts in the periods before. Work is done in blocks that
are summed in their order, so the result does not depend on the number of threads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from threadpoolctl import threadpool_limits

from kansrijke_start.weighting.contract import Patterns
from kansrijke_start.weighting.propensity import Propensity
from kansrijke_start.weighting.weights import Weights

BLOCK = 16384
"""Rows or pairs that are worked out together."""

STATISTICS = ("unexposed", "exposed", "difference", "relative_difference")
"""What is estimated of an outcome: both means, exposed less unexposed, and that as a percentage of the unexposed."""

_GROUPS = ((0, 0), (1, 1), (0, 1))
"""Groups of which products are summed: both unexposed, both exposed, one of each."""

Item = TypeVar("Item")


@dataclass(frozen=True)
class Panel:
    """Outcomes of n rows in several periods, the unexposed rows first; all outcomes of a row are known or none.

    Attributes:
        unexposed: number of rows that are not exposed.
        cluster: numbers from 0, shape (n,); rows of a cluster are made alike by more than their covariates.
        values: outcomes by period, shape (periods, outcomes, n), float32; 0 where unknown.
        known: shape (periods, n), bool.
    """

    unexposed: int
    cluster: np.ndarray
    values: np.ndarray
    known: np.ndarray

    def rows(self, group: int) -> slice:
        """The rows of the unexposed (0) or exposed (1)."""
        return slice(0, self.unexposed) if group == 0 else slice(self.unexposed, len(self.cluster))


@dataclass(frozen=True)
class Moments:
    """What a pattern's rows with a known outcome add up to, by period and group (unexposed, exposed).

    Attributes:
        rows: number, shape (periods, g, 2).
        sums: of each outcome, shape (periods, g, 2, outcomes).
        squares: of each outcome, same shape.
    """

    rows: np.ndarray
    sums: np.ndarray
    squares: np.ndarray


@dataclass(frozen=True)
class Weighting:
    """A set of weights, and the propensity from which it was made.

    Attributes:
        pattern: pattern of each row, shape (n,).
        patterns: the patterns with the rows of both groups.
        moments: of the outcomes, by pattern.
        weights: by pattern and group.
        propensity: as fitted; None when the weights were given, as weights of 1 are.
    """

    pattern: np.ndarray
    patterns: Patterns
    moments: Moments
    weights: Weights
    propensity: Propensity | None = None


@dataclass(frozen=True)
class Estimates:
    """Estimates of every period and sum of periods, by outcome and statistic.

    Attributes:
        values: shape (periods and sums, outcomes, 4), in the order of `STATISTICS`; NaN where a group has no rows.
        standard_errors: the same shape.
    """

    values: np.ndarray
    standard_errors: np.ndarray


@dataclass(frozen=True)
class _Means:
    """Weighted means by period, group and outcome, of one set of weights.

    Attributes:
        means: shape (periods, 2, outcomes).
        totals: sums of weights of the rows that are known, shape (periods, 2).
        slopes: what a change of the propensity's coefficients does to the means, shape (periods, 2, outcomes, p).
    """

    means: np.ndarray
    totals: np.ndarray
    slopes: np.ndarray


@dataclass(frozen=True)
class _Pairs:
    """Pairs of rows of a cluster, as places among the siblings; the groups of the first and the second."""

    groups: tuple[int, int]
    first: np.ndarray
    second: np.ndarray


@dataclass(frozen=True)
class _Siblings:
    """The s rows that share their cluster with others, the unexposed first.

    Attributes:
        rows: their places in the panel, shape (s,).
        unexposed: number of them that are not exposed.
        cluster: shape (s,).
        values: their outcomes, shape (periods, outcomes, s), float32.
        known: 1 where they are known, shape (periods, s), float32.
        pairs: every two of a cluster.
    """

    rows: np.ndarray
    unexposed: int
    cluster: np.ndarray
    values: np.ndarray
    known: np.ndarray
    pairs: tuple[_Pairs, ...]

    def of(self, group: int) -> slice:
        """The unexposed (0) or exposed (1)."""
        return slice(0, self.unexposed) if group == 0 else slice(self.unexposed, len(self.rows))


def moments(panel: Panel, pattern: np.ndarray, patterns: int) -> Moments:
    """Numbers, sums and squares by pattern.

    Args:
        panel: n rows with their outcomes.
        pattern: of each row, shape (n,).
        patterns: how many there are.
    """
    cell = 2 * pattern + (np.arange(len(pattern)) >= panel.unexposed)

    def added(weights: np.ndarray) -> np.ndarray:
        return np.bincount(cell, weights=weights, minlength=2 * patterns).reshape(patterns, 2)

    return Moments(
        rows=np.stack([added(known) for known in panel.known]),
        sums=np.stack([np.stack([added(one) for one in values], axis=-1) for values in panel.values]),
        squares=np.stack(
            [np.stack([added(one.astype(np.float64) ** 2) for one in values], axis=-1) for values in panel.values]
        ),
    )


def estimate_periods(
    panel: Panel, weightings: Sequence[Weighting], sums: Sequence[Sequence[int]] = (), threads: int = 2
) -> list[Estimates]:
    """Estimate every outcome in every period, and in sums of periods, with each set of weights.

    Args:
        panel: the rows with their outcomes.
        weightings: sets of weights; those with the same propensity share its part of the work.
        sums: periods that are summed, by place.
        threads: blocks that are worked out at the same time; the result does not depend on it.

    Returns:
        Estimates in the order of the weightings; periods first, then sums.
    """
    with threadpool_limits(limits=1), ThreadPoolExecutor(max_workers=max(threads, 1)) as pool:
        means = [_means(one) for one in weightings]
        weights = np.empty((len(weightings), len(panel.cluster)), dtype=np.float32)
        for place, one in enumerate(weightings):
            for group in (0, 1):
                rows = panel.rows(group)
                weights[place, rows] = one.weights.values[one.pattern[rows], group]
        siblings = _siblings(panel)
        own = _own(weightings, means)
        own += _pairs_in_periods(siblings, means, weights, pool)
        own_of_sums = _own_of_sums(panel, siblings, means, weights, sums, pool)
        mixed, scores = _mixed(siblings, weightings, means, weights, pool)
        return [
            _estimates(mean, own[place], own_of_sums[place], mixed[place], scores[place], sums)
            for place, mean in enumerate(means)
        ]


def _means(weighting: Weighting) -> _Means:
    values, known = weighting.weights.values, weighting.moments
    totals = (values * known.rows).sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        means = (values[..., None] * known.sums).sum(axis=1) / totals[..., None]
    fitted = weighting.propensity
    if fitted is None:
        return _Means(means, totals, np.zeros((*means.shape, 0)))
    slopes = np.zeros((*means.shape, fitted.design.shape[1]))
    for period, group in np.ndindex(*totals.shape):
        if totals[period, group] > 0:
            moved = known.sums[period, :, group] - means[period, group] * known.rows[period, :, group, None]
            gradient = fitted.design.T @ (weighting.weights.slopes[:, group, None] * moved) / totals[period, group]
            slopes[period, group] = np.linalg.solve(fitted.information, gradient).T
    return _Means(means, totals, slopes)


def _own(weightings: Sequence[Weighting], means: Sequence[_Means]) -> np.ndarray:
    """Squares of the rows' own parts, not yet divided: shape (weightings, periods, 3, outcomes)."""
    found = np.zeros((len(weightings), means[0].totals.shape[0], 3, means[0].means.shape[-1]))
    for place, (one, mean) in enumerate(zip(weightings, means, strict=True)):
        known = one.moments
        spread = known.squares - 2 * mean.means[:, None] * known.sums + mean.means[:, None] ** 2 * known.rows[..., None]
        found[place, :, :2] = (one.weights.values[..., None] ** 2 * spread).sum(axis=1)
    return found


def _siblings(panel: Panel) -> _Siblings:
    order = np.argsort(panel.cluster, kind="stable")
    cluster = panel.cluster[order]
    again = np.diff(cluster, prepend=-1) == 0
    shared = again | np.append(again[1:], False)[: len(again)]
    rows, cluster = order[shared], cluster[shared]
    # Rows of a cluster are neighbours still: pairs are rows at a distance of one, two and so on.
    firsts, seconds = [np.empty(0, dtype=np.intp)], [np.empty(0, dtype=np.intp)]
    for distance in range(1, len(rows)):
        same = np.flatnonzero(cluster[distance:] == cluster[:-distance])
        if len(same) == 0:
            break
        firsts.append(same)
        seconds.append(same + distance)
    exposed = rows >= panel.unexposed
    by_group = np.argsort(exposed, kind="stable")
    place = np.empty(len(rows), dtype=np.intp)
    place[by_group] = np.arange(len(rows))
    first, second = np.concatenate(firsts), np.concatenate(seconds)
    pairs = []
    for groups in _GROUPS:
        # The unexposed row of a mixed pair comes first, for rows of a cluster are in the order of the panel.
        chosen = (exposed[first] == groups[0]) & (exposed[second] == groups[1])
        if chosen.any():
            pairs.append(_Pairs(groups, place[first[chosen]], place[second[chosen]]))
    rows = rows[by_group]
    return _Siblings(
        rows=rows,
        unexposed=int((~exposed).sum()),
        cluster=cluster[by_group],
        values=np.stack([values[:, rows] for values in panel.values]),
        known=panel.known[:, rows].astype(np.float32),
        pairs=tuple(pairs),
    )


def _in_blocks(begin: int, end: int, work: Callable[[slice], Item], pool: ThreadPoolExecutor) -> Iterable[Item]:
    return pool.map(work, [slice(start, min(start + BLOCK, end)) for start in range(begin, end, BLOCK)])


def _twice(groups: tuple[int, int]) -> int:
    """Pairs within a group count for both of their rows; of a mixed pair each group has one."""
    return 2 if groups[0] == groups[1] else 1


def _pairs_in_periods(
    siblings: _Siblings, means: Sequence[_Means], weights: np.ndarray, pool: ThreadPoolExecutor
) -> np.ndarray:
    """Products of siblings' own parts, not yet divided: shape (weightings, periods, 3, outcomes)."""
    periods, outcomes, _ = siblings.values.shape
    found = np.zeros((len(weights), periods, 3, outcomes))
    of_siblings = weights[:, siblings.rows]
    every = np.stack([np.nan_to_num(mean.means) for mean in means])
    # Around about the means, so that nothing of the small numbers is lost.
    middle = every[0].astype(np.float32)
    for pairs in siblings.pairs:
        one, other = pairs.groups

        def block(part: slice, pairs: _Pairs = pairs) -> np.ndarray:
            """Shape (periods, 3 * outcomes + 1, weightings): products, firsts, seconds, number."""
            first, second = pairs.first[part], pairs.second[part]
            both = of_siblings[:, first] * of_siblings[:, second]
            added = np.zeros((periods, 3 * outcomes + 1, len(weights)))
            for period in range(periods):
                known = np.flatnonzero(siblings.known[period, first] * siblings.known[period, second])
                left = siblings.values[period][:, first[known]] - middle[period, pairs.groups[0]][:, None]
                right = siblings.values[period][:, second[known]] - middle[period, pairs.groups[1]][:, None]
                features = np.vstack([left * right, left, right, np.ones((1, len(known)), dtype=np.float32)])
                added[period] = features @ both[:, known].T
            return added

        total = np.zeros((periods, 3 * outcomes + 1, len(weights)))
        for added in _in_blocks(0, len(pairs.first), block, pool):
            total += added
        product, left, right, number = np.split(np.moveaxis(total, -1, 0), [outcomes, 2 * outcomes, 3 * outcomes], -1)
        off, off_other = every[:, :, one] - middle[:, one], every[:, :, other] - middle[:, other]
        summed = product - off_other * left - off * right + off * off_other * number
        found[:, :, _GROUPS.index(pairs.groups)] = _twice(pairs.groups) * summed
    return found


def _own_of_sums(
    panel: Panel,
    siblings: _Siblings,
    means: Sequence[_Means],
    weights: np.ndarray,
    sums: Sequence[Sequence[int]],
    pool: ThreadPoolExecutor,
) -> np.ndarray:
    """Products of own parts in sums of periods, by cluster: shape (weightings, sums, 3, outcomes)."""
    outcomes = panel.values.shape[1]
    found = np.zeros((len(weights), len(sums), 3, outcomes))
    of_siblings = weights[:, siblings.rows]
    for place, summands in enumerate(sums):
        periods = list(summands)
        totals = np.stack([mean.totals[periods] for mean in means])
        factors = np.divide(1, totals, out=np.zeros_like(totals), where=totals > 0)
        offsets = np.nan_to_num(np.stack([mean.means[periods] for mean in means])) * factors[..., None]
        # Of values and of numbers known, one after the other: shape (weightings, 2 * periods, 2, outcomes).
        mixture = np.concatenate([np.broadcast_to(factors[..., None], offsets.shape), -offsets], axis=1)
        mixture = mixture.astype(np.float32)

        def own_parts(
            values: np.ndarray, known: np.ndarray, group: int, outcome: int, mixture: np.ndarray = mixture
        ) -> np.ndarray:
            """Own parts without their weights, shape (weightings, rows), of values and known (periods, rows)."""
            return mixture[:, :, group, outcome] @ np.vstack([values, known])

        for group in (0, 1):

            def block(part: slice, group: int = group, periods: list[int] = periods) -> np.ndarray:
                known = panel.known[:, part][periods].astype(np.float32)
                squares = np.empty((len(weights), outcomes))
                for outcome in range(outcomes):
                    own = own_parts(panel.values[:, outcome, part][periods], known, group, outcome)
                    own *= weights[:, part]
                    squares[:, outcome] = np.vecdot(own, own)
                return squares

            rows = panel.rows(group)
            for squares in _in_blocks(rows.start, rows.stop, block, pool):
                found[:, place, group] += squares

        def of_pairs(outcome: int, periods: list[int] = periods) -> np.ndarray:
            """Products of siblings' parts, shape (weightings, 3)."""
            own = np.empty((len(siblings.rows), len(weights)), dtype=np.float32)
            for group in (0, 1):
                part = siblings.of(group)
                values = siblings.values[:, outcome, part][periods]
                own[part] = (
                    own_parts(values, siblings.known[:, part][periods], group, outcome) * of_siblings[:, part]
                ).T
            products = np.zeros((len(weights), 3))
            for pairs in siblings.pairs:
                for start in range(0, len(pairs.first), BLOCK):
                    first, second = (one[start : start + BLOCK] for one in (pairs.first, pairs.second))
                    products[:, _GROUPS.index(pairs.groups)] += _twice(pairs.groups) * (own[first] * own[second]).sum(
                        axis=0
                    )
            return products

        for outcome, products in enumerate(pool.map(of_pairs, range(outcomes))):
            found[:, place, :, outcome] += products
    return found


def _mixed(
    siblings: _Siblings,
    weightings: Sequence[Weighting],
    means: Sequence[_Means],
    weights: np.ndarray,
    pool: ThreadPoolExecutor,
) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Products with the parts by the propensity, by cluster.

    Returns:
        Of each set of weights: products of both parts, not yet divided, shape (periods, 2, outcomes, p), and of the
        parts by the propensity, shape (p, p).
    """
    periods, outcomes, _ = siblings.values.shape
    fitted = {id(one.propensity): one for one in weightings if one.propensity is not None}
    others = {key: _scores_of_others(siblings, one) for key, one in fitted.items()}
    mixed, scores, places = [], [], []
    for place, (one, mean) in enumerate(zip(weightings, means, strict=True)):
        if one.propensity is None:
            mixed.append(np.zeros((periods, 2, outcomes, 0)))
            scores.append(np.zeros((0, 0)))
            continue
        places.append(place)
        scores.append(others[id(one.propensity)][1])
        spread = one.moments.sums - np.nan_to_num(mean.means)[:, None] * one.moments.rows[..., None]
        spread *= (one.weights.values * one.propensity.scores)[..., None]
        mixed.append(np.matmul(spread.transpose(0, 2, 3, 1), one.propensity.design))
    if not places or not siblings.pairs:
        return mixed, scores
    middle = np.nan_to_num(means[places[0]].means).astype(np.float32)
    of_siblings = weights[:, siblings.rows]
    for group in (0, 1):

        def block(part: slice, group: int = group) -> np.ndarray:
            """Shape (periods * (outcomes + 1), all coefficients): outcomes, and the number that is known."""
            known = siblings.known[:, None, part]
            values = (siblings.values[:, :, part] - middle[:, group, :, None]) * known
            features = np.concatenate([values, known], axis=1).reshape(periods * (outcomes + 1), -1)
            factors = [
                others[id(weightings[place].propensity)][0][:, part] * of_siblings[place, part] for place in places
            ]
            return features @ np.vstack(factors).T

        rows = siblings.of(group)
        total = sum(added.astype(np.float64) for added in _in_blocks(rows.start, rows.stop, block, pool))
        if isinstance(total, int):
            continue
        total = total.reshape(periods, outcomes + 1, -1)
        end = 0
        for place in places:
            begin, end = end, end + mixed[place].shape[-1]
            off = np.nan_to_num(means[place].means[:, group]) - middle[:, group]
            mixed[place][:, group] += total[:, :-1, begin:end] - off[..., None] * total[:, -1:, begin:end]
    return mixed, scores


def _scores_of_others(siblings: _Siblings, weighting: Weighting) -> tuple[np.ndarray, np.ndarray]:
    """Sum of the scores of a row's siblings, shape (p, s), float32; and the products of scores of all clusters."""
    fitted = weighting.propensity
    assert fitted is not None
    squares = (weighting.patterns.counts * fitted.scores**2).sum(axis=1)
    products = (fitted.design.T * squares) @ fitted.design
    pattern = weighting.pattern[siblings.rows]
    exposed = (np.arange(len(pattern)) >= siblings.unexposed).astype(np.intp)
    scores = (fitted.design[pattern] * fitted.scores[pattern, exposed, None]).T
    of_cluster = np.zeros_like(scores)
    _, number = np.unique(siblings.cluster, return_inverse=True)
    for place, one in enumerate(scores):
        of_cluster[place] = np.bincount(number, weights=one)[number]
    others = of_cluster - scores
    return others.astype(np.float32), products + scores @ others.T


def _estimates(
    mean: _Means,
    own: np.ndarray,
    own_of_sums: np.ndarray,
    mixed: np.ndarray,
    scores: np.ndarray,
    sums: Sequence[Sequence[int]],
) -> Estimates:
    """Values and standard errors from the sums over all clusters; parts of a sum are already divided."""
    picked = [list(summands) for summands in sums]
    with np.errstate(divide="ignore", invalid="ignore"):
        totals = mean.totals
        products = np.stack([totals[:, one] * totals[:, other] for one, other in _GROUPS], axis=-1)
        own = np.concatenate([own / products[..., None], own_of_sums])
        mixed = mixed / totals[..., None, None]

        def with_sums(values: np.ndarray) -> np.ndarray:
            return np.concatenate([values, *(values[periods].sum(axis=0)[None] for periods in picked)])

        means, slopes, mixed = with_sums(mean.means), with_sums(mean.slopes), with_sums(mixed)

        def covariance(place: int) -> np.ndarray:
            one, other = _GROUPS[place]
            return (
                own[:, place]
                + np.einsum("uop,uop->uo", mixed[:, one], slopes[:, other])
                + np.einsum("uop,uop->uo", mixed[:, other], slopes[:, one])
                + np.einsum("uop,pq,uoq->uo", slopes[:, one], scores, slopes[:, other])
            )

        unexposed, exposed, shared = (covariance(place) for place in range(3))
        ratio = means[:, 1] / means[:, 0]
        values = [means[:, 0], means[:, 1], means[:, 1] - means[:, 0], 100 * (ratio - 1)]
        variances = [
            unexposed,
            exposed,
            unexposed + exposed - 2 * shared,
            1e4 * (exposed - 2 * ratio * shared + ratio**2 * unexposed) / means[:, 0] ** 2,
        ]
        return Estimates(np.stack(values, axis=-1), np.sqrt(np.maximum(np.stack(variances, axis=-1), 0)))
