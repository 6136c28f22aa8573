"""Errors that a user can act on: they say what is wrong, where, and what to do."""

from __future__ import annotations

from collections.abc import Sequence


class KansrijkeStartError(Exception):
    """An expected failure; the command line prints its message without a traceback."""


class DeliveryError(KansrijkeStartError):
    """A delivery that the door refuses.

    Args:
        file: the file or register at fault, as the user can find it.
        problem: what is wrong, in one sentence.
        remedy: what to do about it, in one sentence.
        column: the column at fault, if one is.
        rows: the first row numbers at fault (1 = first row of data), if rows are.
    """

    def __init__(
        self,
        file: str,
        problem: str,
        remedy: str,
        *,
        column: str | None = None,
        rows: Sequence[int] | None = None,
    ) -> None:
        self.file = file
        self.problem = problem
        self.remedy = remedy
        self.column = column
        self.rows = list(rows) if rows is not None else None
        parts = [f"{file}: {problem}"]
        if column is not None:
            parts.append(f"column {column}")
        if self.rows:
            parts.append("rows " + ", ".join(str(row) for row in self.rows))
        super().__init__("; ".join(parts) + f". {remedy}")
