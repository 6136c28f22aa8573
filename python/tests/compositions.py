"""All ways to divide a number, for checks against trying out every table."""

from __future__ import annotations

from collections.abc import Iterator


def compositions(total: int, places: int) -> Iterator[tuple[int, ...]]:
    """Every way to write `total` as a sum of so many whole numbers, in order."""
    if places == 1:
        yield (total,)
        return
    for first in range(total + 1):
        for rest in compositions(total - first, places - 1):
            yield (first, *rest)
