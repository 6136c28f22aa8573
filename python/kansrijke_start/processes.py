"""How the project starts dbt: as a process of its own, with the same interpreter."""

from __future__ import annotations

import sys

DBT = (sys.executable, "-c", "import sys; from dbt.cli.main import cli; sys.argv[0] = 'dbt'; cli()")
"""The command line of dbt. `python -m dbt.cli.main` would warn that the module is imported twice."""
