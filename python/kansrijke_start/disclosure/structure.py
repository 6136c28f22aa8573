"""What an outsider may know of the published tables: which births their numbers count, and what adds up to what.

The description stands beside the publication and is what it is attacked with. It says nothing of hidden numbers: it
follows from the declarations of the tables and from lists of regions.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb

VERSION = 1
"""Version of the description's form."""

RATIOS = {"percentage": 100, "per_1000": 1000}
"""Columns that are the numerator divided by the denominator, times so much."""

AXES = ("birth_year", "year", "life_year")
"""First columns of the tables, of which each has one."""


def structure_of(database: Path, manifest: dict[str, Any]) -> dict[str, Any]:
    """Describe the publication tables of a build.

    Args:
        database: the build database, with the models of the linked system.
        manifest: dbt's manifest of the project, with what the models of cells declare (config.meta.cells).

    Returns:
        Plain data: version, rules, tables, sums, cross, times, regions.
    """
    connection = duckdb.connect(str(database), read_only=True)
    try:
        return {
            "version": VERSION,
            "rules": _rules(manifest),
            "hidden": "is_hidden is true and numerator, denominator and every measure of the row are null",
            "tables": _tables(connection, manifest),
            "sums": _sums(connection),
            "cross": _crosses(connection),
            "times": _times(connection),
            "regions": _regions(connection),
        }
    finally:
        connection.close()


def _rules(manifest: dict[str, Any]) -> dict[str, int]:
    node = manifest["nodes"]["model.kansrijke_start.int_disclosure__cells"]
    meta = node["config"]["meta"]
    return {"minimum_cell_count": int(meta["minimum"]), "rounding_base": int(meta["rounding_base"])}


def _tables(connection: duckdb.DuckDBPyConnection, manifest: dict[str, Any]) -> dict[str, Any]:
    found = connection.execute(
        """
        select
            schema_name, table_name, any_value(breakdown_key), max(split_part(denominator_cell, '|', 3))
        from intermediate.int_disclosure__rows
        group by all
        order by all
        """
    ).fetchall()
    tables = _tables_without_cells(manifest)
    for schema, table, breakdown_key, denominator_time in found:
        declared = manifest["nodes"][f"model.kansrijke_start.int_{schema}__{table}_cells"]["config"]["meta"]["cells"]
        columns = [
            name
            for (name,) in connection.execute(
                "select column_name from duckdb_columns() where schema_name = ? and table_name = ? "
                "order by column_index",
                [schema, table],
            ).fetchall()
        ]
        axis = next((name for name in AXES if name in columns), "birth_year")
        breakdown = [pair.split("=")[0] for pair in breakdown_key.split(";") if pair]
        row_key = [axis, "region_level", "region_code", *(name for name in breakdown if name != axis)]
        numbers = [dict(number) for number in declared["numbers"]]
        for number in numbers:
            for part in ("numerator_time", "denominator_time"):
                if "{var:" in number.get(part, ""):
                    # The var as it was when the tables were built.
                    number[part] = denominator_time
            # A row that takes the pattern of another cell has no more to say to an outsider.
            number.pop("with", None)
        tables[f"{schema}.{table}"] = {
            "row_key": row_key,
            "time": declared.get("published_time") or declared.get("time") or "{birth_year}",
            "population": declared["population"],
            "numbers": numbers,
            "percentages": [
                {"column": name, "numerator": "numerator", "denominator": "denominator", "times": times}
                for name, times in RATIOS.items()
                if name in columns and table != "care_adjusted"
            ],
        }
    return tables


def _tables_without_cells(manifest: dict[str, Any]) -> dict[str, Any]:
    """Tables that count no births, such as the quality of a model: they say so (config.meta.without_cells), and why."""
    return {
        f"{node['schema']}.{node['name']}": {
            "row_key": node["config"]["meta"]["without_cells"]["row_key"],
            "time": "all",
            "population": "none",
            "numbers": [],
            "percentages": [],
        }
        for node in sorted(manifest["nodes"].values(), key=lambda node: node["name"])
        if "without_cells" in (node.get("config", {}).get("meta") or {})
    }


def _sums(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """Declared sums with every code written out; a rest that is empty is left out."""
    found = connection.execute(
        """
        with numbers as (
            select numerator_cell as cell, numerator as number from intermediate.int_disclosure__rows
            union
            select denominator_cell, denominator from intermediate.int_disclosure__rows
        ),
        left_over as (
            select
                split_part(equations.equation, ' @', 1) as sum_name,
                bool_and(numbers.number is not null) and max(abs(total)) = 0 as is_empty
            from (
                select equation, sum(coefficient * coalesce(number, 0)) as total, any_value(number) as number
                from intermediate.int_disclosure__equations
                left join numbers using (cell)
                where not is_possible and equation in (
                    select equation from intermediate.int_disclosure__equations where is_possible
                )
                group by equation
            ) as numbers
            inner join (select distinct equation from intermediate.int_disclosure__equations) as equations
                using (equation)
            group by all
        )
        select
            sums.sum_name,
            min(sums.population) filter (where starts_with(sums.set_name, '~rest')) as population_of_rest,
            list(sums.population || '::' || sums.set_name order by sums.population, sums.set_name)
                filter (where sums.coefficient = -1) as total,
            list(sums.population || '::' || sums.set_name order by sums.population, sums.set_name)
                filter (where sums.coefficient = 1 and not starts_with(sums.set_name, '~rest')) as parts,
            bool_or(starts_with(sums.set_name, '~rest'))
            and not (bool_or(sums.is_possible) and coalesce(bool_and(left_over.is_empty), true)) as has_rest
        from intermediate.int_disclosure__sums as sums
        left join left_over using (sum_name)
        where sums.region_level is null
        group by sums.sum_name
        order by sums.sum_name
        """
    ).fetchall()
    return [
        {
            "population": parts[0].split("::")[0],
            "total": total,
            "parts": parts,
            "rest": bool(has_rest),
        }
        for _, _, total, parts, has_rest in found
    ]


def _crosses(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """Crosses of flags: which combinations are in each group."""
    found = connection.execute(
        """
        with members as (
            select
                family,
                population,
                sum_name,
                list(distinct region_level order by region_level) as levels,
                max(case when coefficient = -1 then set_name end) as set_name,
                list(distinct set_name order by set_name) filter (where coefficient = 1) as atoms
            from intermediate.int_disclosure__sums
            where region_level is not null
            group by family, population, sum_name
        )
        select family, population, levels, set_name, atoms
        from members
        order by family, len(atoms) desc, set_name
        """
    ).fetchall()
    crosses: dict[str, dict[str, Any]] = {}
    numbers: dict[str, dict[str, int]] = {}
    for family, population, levels, set_name, atoms in found:
        if family not in crosses:
            # The widest group is all of them.
            numbers[family] = {atom: number for number, atom in enumerate(atoms)}
            crosses[family] = {
                "population": population,
                "name": family,
                "total": set_name,
                "atoms": len(atoms),
                "levels": levels,
                "sets": {},
            }
        crosses[family]["sets"][set_name] = [numbers[family][atom] for atom in atoms]
    return list(crosses.values())


def _times(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    found = connection.execute(
        """
        select population, total_time, list(part_time order by part_time)
        from intermediate.int_disclosure__periods
        group by population, total_time
        order by population, total_time
        """
    ).fetchall()
    return [{"populations": [population], "total": total, "parts": parts} for population, total, parts in found]


def _regions(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    found = connection.execute(
        """
        with families as (
            select
                population, parent_region as parent, list(child_region order by child_region) as children,
                bool_and(is_complete) as is_complete
            from intermediate.int_disclosure__regions
            group by population, parent_region
        )
        select list(population order by population), parent, children, is_complete
        from families
        group by parent, children, is_complete
        order by parent, children
        """
    ).fetchall()
    return [
        {"populations": populations, "parent": parent, "children": children, "complete": complete}
        for populations, parent, children, complete in found
    ]
