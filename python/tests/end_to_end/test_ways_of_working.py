"""dbt by itself in the project root, as an analytics engineer works."""

from __future__ import annotations

import pytest

from kansrijke_start.registers.empty import write_empty_registers

from .projects import WITHOUT_TESTS, Project

pytestmark = pytest.mark.end_to_end


def test_without_registers_one_sentence_says_what_to_do(project: Project) -> None:
    done = project.attempt_dbt("build", "--select", "births")
    assert done.returncode != 0
    assert "kansrijke-start ingest" in done.stdout


def test_select_empty_and_full_refresh(project: Project) -> None:
    """On registers without rows: every table is there, and the shape of a published one does not depend on data."""
    write_empty_registers(project.registers)
    project.dbt("build", "--empty", *WITHOUT_TESTS)
    assert project.query("select count(*) from intermediate.int_births__all") == [(0,)]
    project.dbt("build", *WITHOUT_TESTS, "--full-refresh", "--select", "+births")
    assert project.query("select count(*) > 0, bool_and(is_hidden or denominator = 0) from regiobeeld.births") == [
        (True, True)
    ]
