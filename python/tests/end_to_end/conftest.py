"""Deliveries that several end-to-end tests share; each is made once a test process."""

from __future__ import annotations

from pathlib import Path

import pytest

from .projects import Project

TINY = "0.004"
"""Share of the country: some 700 births a year, enough for every table to have rows."""

TINY_SEED = "7"


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A tiny delivery from `synthesize` to the docs, with every data test and warnings as errors."""
    project = Project(tmp_path_factory.mktemp("tiny"))
    project.run("synthesize", "--fraction", TINY, "--seed", TINY_SEED)
    project.run("ingest")
    project.run("validate")
    project.dbt("build")
    project.run("publish")
    project.run("docs")
    return project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """An empty project."""
    return Project(tmp_path)
