"""Stands in for dbt's `exceptions` when sqlfluff renders the macros without dbt."""


def raise_compiler_error(message: str) -> str:
    """Nothing: the linter does not know the project's variables."""
    return ""
