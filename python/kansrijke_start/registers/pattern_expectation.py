"""A Great Expectations expectation for patterns that DuckDB itself evaluates.

Great Expectations has no regular expressions for DuckDB; this one adds a metric that uses DuckDB's
`regexp_full_match`, computed in one query together with the other metrics of a batch. Importing the module
registers it.
"""

from __future__ import annotations

from typing import Any

from great_expectations.compatibility.sqlalchemy import sqlalchemy as sa
from great_expectations.execution_engine import SqlAlchemyExecutionEngine
from great_expectations.expectations.expectation import (
    ColumnMapExpectation,
    render_suite_parameter_string,
)
from great_expectations.expectations.metrics.map_metric_provider import (
    ColumnMapMetricProvider,
    column_condition_partial,
)
from great_expectations.render import LegacyRendererType, RenderedStringTemplateContent
from great_expectations.render.renderer.renderer import renderer
from great_expectations.render.util import num_to_str


class ColumnValuesFullyMatchPattern(ColumnMapMetricProvider):
    """Whether the whole value matches the pattern (RE2 syntax)."""

    condition_metric_name = "column_values.fully_match_pattern"
    condition_value_keys = ("pattern",)

    @column_condition_partial(engine=SqlAlchemyExecutionEngine)
    def _sqlalchemy(cls: Any, column: Any, pattern: str, **kwargs: Any) -> Any:  # noqa: N805
        return sa.func.regexp_full_match(column, sa.literal(pattern))


class ExpectColumnValuesToFullyMatchPattern(ColumnMapExpectation):
    """Expect the whole of every non-null value of a column to match a pattern.

    Args:
        column: the column, of a text type.
        pattern: a regular expression in RE2 syntax, matched against the whole value.
        mostly: the least share of non-null values that must match.
    """

    pattern: str

    map_metric = "column_values.fully_match_pattern"
    success_keys = ("pattern", "mostly")
    args_keys = ("column", "pattern")

    @classmethod
    @renderer(renderer_type=LegacyRendererType.PRESCRIPTIVE)
    @render_suite_parameter_string
    def _prescriptive_renderer(
        cls,
        configuration: Any = None,
        result: Any = None,
        runtime_configuration: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> list[RenderedStringTemplateContent]:
        runtime_configuration = runtime_configuration or {}
        params = {name: configuration.kwargs.get(name) for name in ("column", "pattern", "mostly")}
        template = "values must fully match the pattern $pattern"
        if params["mostly"] is not None and params["mostly"] < 1.0:
            params["mostly_pct"] = num_to_str(params["mostly"] * 100, no_scientific=True)
            template += ", at least $mostly_pct % of the time"
        if runtime_configuration.get("include_column_name") is not False:
            template = "$column " + template
        return [
            RenderedStringTemplateContent(
                content_block_type="string_template",
                string_template={
                    "template": template + ".",
                    "params": params,
                    "styling": runtime_configuration.get("styling"),
                },
            )
        ]
