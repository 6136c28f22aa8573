"""How the project starts dbt: as a process of its own, with the same interpreter."""

from __future__ import annotations

import sys

DBT = (
    sys.executable,
    "-c",
    # What dbt has read of the project stays until it ends: looking for garbage in it as often as Python does by itself
    # takes some of the time of a small build.
    "import gc, sys; from dbt.cli.main import cli; gc.set_threshold(200_000, 50, 100); sys.argv[0] = 'dbt'; cli()",
)
"""The command line of dbt. `python -m dbt.cli.main` would warn that the module is imported twice."""
