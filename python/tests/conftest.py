"""What all tests share."""

from __future__ import annotations

import pytest

LONGEST_FIRST = ("test_tiny_delivery", "test_scenarios", "test_ways_of_working", "test_invented")
"""Files of end-to-end tests by their duration: a long one that starts last leaves a core idle."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Start with the longest files; the others follow in their own order."""

    def place(item: pytest.Item) -> int:
        if item.get_closest_marker("end_to_end") is None:
            return len(LONGEST_FIRST)
        return next((i for i, name in enumerate(LONGEST_FIRST) if item.path.stem.startswith(name)), 0)

    items.sort(key=place)
