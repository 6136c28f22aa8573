"""Great Expectations on DuckDB: one datasource whose engine keeps its connection open.

The library's own engine closes a connection before the rows of a query are fetched. Most drivers have the rows by
then; DuckDB fetches them on demand, so that every expectation would fail on an empty result.
"""

from __future__ import annotations

import atexit
import builtins
import sys
from collections.abc import Generator
from contextlib import contextmanager
from typing import Literal

import sqlalchemy
from great_expectations.datasource.fluent import SQLDatasource
from great_expectations.execution_engine import SqlAlchemyExecutionEngine


class OneConnectionEngine(SqlAlchemyExecutionEngine):
    """The SQL engine, with one connection for all queries."""

    @contextmanager
    def get_connection(self) -> Generator[sqlalchemy.Connection, None, None]:
        """The open connection; made at the first call, never closed in between."""
        if self._connection is None:
            self._connection = self.engine.connect()
        yield self._connection

    def close(self) -> None:
        """Close the connection; the in-memory database goes with it."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        # Both hold DuckDB's own type objects, which must be gone before DuckDB is (see _let_go_of_duckdb).
        self.engine.clear_compiled_cache()
        self.engine.dialect._type_memos.clear()
        self.engine.dispose()


class DuckDBDatasource(SQLDatasource):
    """A SQL datasource on DuckDB."""

    type: Literal["duckdb"] = "duckdb"  # type: ignore[assignment]

    @property
    def execution_engine_type(self) -> builtins.type[SqlAlchemyExecutionEngine]:
        """The engine with one connection."""
        return OneConnectionEngine


@atexit.register
def _let_go_of_duckdb() -> None:
    """Clear the modules of duckdb_engine when Python ends.

    Great Expectations keeps the dialect class alive until after DuckDB's own module is gone, which then prints a long
    report of leaked instances.
    """
    for name, module in list(sys.modules.items()):
        if name.split(".")[0] == "duckdb_engine":
            vars(module).clear()
