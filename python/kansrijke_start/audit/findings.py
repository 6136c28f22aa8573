"""What an audit says: breaches, each with its place and what to do, and the figures of the attack."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Breach:
    """Something in the publication tells more than it may.

    Attributes:
        kind: short English word for the check that failed, such as `narrowed` or `person_key`.
        place: the table (`schema.table`) or file.
        problem: what is wrong, in one sentence, without any hidden number.
        remedy: what to do about it, in one sentence.
        dimensions: the cell, as its dimensions and their codes; empty when it is no cell.
        interval: least and largest value that an attacker finds, for the restricted report alone.
    """

    kind: str
    place: str
    problem: str
    remedy: str
    dimensions: Mapping[str, Any] = field(default_factory=dict)
    interval: tuple[float, float] | None = None

    def __str__(self) -> str:
        cell = ", ".join(f"{name}={_code(value)}" for name, value in self.dimensions.items())
        return f"{self.place}{f' [{cell}]' if cell else ''}: {self.problem} {self.remedy}"


def _code(value: Any) -> str:
    return "-" if value is None else str(value)
