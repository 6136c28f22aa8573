"""The marker by which a synthetic delivery is known, always and everywhere."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

MARKER = "SYNTHETIC.json"


def read_marker(delivery: Path) -> dict[str, Any] | None:
    """The marker of a synthetic delivery; None for a real or absent one."""
    marker = delivery / MARKER
    if not marker.is_file():
        return None
    content: dict[str, Any] = json.loads(marker.read_text(encoding="utf-8"))
    return content


def is_real_delivery(delivery: Path) -> bool:
    """True when the folder holds files that the synthetic twin did not write; they are never overwritten."""
    return delivery.is_dir() and any(delivery.iterdir()) and read_marker(delivery) is None
