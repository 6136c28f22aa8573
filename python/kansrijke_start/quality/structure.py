"""The rules of the house, held against dbt's manifest and the tree.

Each check takes the manifest (or the tree) and returns one sentence for every breach; an empty list is a pass.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from kansrijke_start.publication.publish import PUBLISHED_SCHEMAS

Manifest = dict[str, Any]

TOP_LEVEL = frozenset(
    {
        *("models", "seeds", "macros", "tests", "analyses", "python", "dbt_project.yml", "profiles.yml", "Makefile"),
        *("README.md", "CHANGELOG.md", "LICENSE", "pyproject.toml", "requirements.txt", "requirements-dev.txt"),
    }
)
"""Names agreed for the top level; names with a leading dot are free."""

PERSON_KEYS = re.compile(r"rinpersoon|(^|_)(person|birth|child|mother|parent|household|address_object)_id$")
"""Column names that identify a person, a household or a dwelling."""

GRAIN = re.compile(r"^(One row per|One row:|One row\.) ?")


def load_manifest(target: Path) -> Manifest:
    """The manifest of the last dbt run in `target`."""
    manifest: Manifest = json.loads((target / "manifest.json").read_text(encoding="utf-8"))
    return manifest


def nodes(manifest: Manifest, resource_type: str) -> Iterator[dict[str, Any]]:
    """The project's own nodes of one type, in a fixed order."""
    for key in sorted(manifest["nodes"]):
        node = manifest["nodes"][key]
        if node["resource_type"] == resource_type:
            yield node


def sources_only_in_staging(manifest: Manifest) -> list[str]:
    """Nothing after staging reads a source."""
    return [
        f"{node['name']} reads a source, which only staging may"
        for resource_type in ("model", "analysis")
        for node in nodes(manifest, resource_type)
        if any(parent.startswith("source.") for parent in node["depends_on"]["nodes"])
        and not node["path"].replace("\\", "/").startswith("staging/")
    ]


def no_joins_in_staging(manifest: Manifest) -> list[str]:
    """A staging model renames and casts one source: it reads no model and joins nothing."""
    breaches = []
    for node in nodes(manifest, "model"):
        if not node["path"].replace("\\", "/").startswith("staging/"):
            continue
        if any(not parent.startswith("source.") for parent in node["depends_on"]["nodes"]):
            breaches.append(f"{node['name']} is staging and reads another model")
        if re.search(r"\bjoin\b", re.sub(r"--[^\n]*|\{#.*?#\}", "", node["raw_code"], flags=re.S), re.I):
            breaches.append(f"{node['name']} is staging and joins")
    return breaches


def everything_described(manifest: Manifest) -> list[str]:
    """Models start with their grain; models, seeds, columns, macros and their arguments are described."""
    breaches = []
    for resource_type in ("model", "seed"):
        for node in nodes(manifest, resource_type):
            description = node["description"].strip()
            if not GRAIN.match(description):
                breaches.append(f"{resource_type} {node['name']}: the description must start with 'One row per ...'")
            if not node["columns"]:
                breaches.append(f"{resource_type} {node['name']} lists no columns")
            breaches += [
                f"{resource_type} {node['name']}: column {column} has no description"
                for column, about in node["columns"].items()
                if not about["description"].strip()
            ]
    for macro in manifest["macros"].values():
        if macro["package_name"] != "kansrijke_start" or macro["name"].startswith(("default__", "spark__", "duckdb__")):
            continue
        if macro["name"].startswith("test_"):
            continue
        if not macro["description"].strip():
            breaches.append(f"macro {macro['name']} has no description")
        declared = {argument["name"] for argument in macro["arguments"] if (argument.get("description") or "").strip()}
        breaches += [
            f"macro {macro['name']}: argument {argument} has no description"
            for argument in _arguments(macro["macro_sql"])
            if argument not in declared
        ]
    return breaches


def _arguments(macro_sql: str) -> list[str]:
    signature = re.search(r"\{%-?\s*macro\s+\w+\s*\((.*?)\)\s*-?%\}", macro_sql, flags=re.S)
    if signature is None:
        return []
    return [part.split("=")[0].strip() for part in signature.group(1).split(",") if part.strip()]


def everything_tested(manifest: Manifest) -> list[str]:
    """Every model and seed has a data test."""
    tested = {parent for test in nodes(manifest, "test") for parent in test["depends_on"]["nodes"]}
    return [
        f"{resource_type} {node['name']} has no data test"
        for resource_type in ("model", "seed")
        for node in nodes(manifest, resource_type)
        if node["unique_id"] not in tested
    ]


def contracts_and_groups(manifest: Manifest) -> list[str]:
    """Marts carry an enforced contract; every model has its group and access."""
    expected = {
        "staging": ("engineering", "private"),
        "intermediate": ("engineering", "protected"),
        "cohorts": ("research", "protected"),
        "regiobeeld": ("publication", "public"),
        "kennisnotitie": ("publication", "public"),
        "quality": ("publication", "public"),
    }
    breaches = []
    for node in nodes(manifest, "model"):
        found = (node["config"].get("group"), node["config"].get("access") or node.get("access"))
        if node["schema"] not in expected:
            breaches.append(f"{node['name']} is in schema {node['schema']}, which the plan does not know")
        elif found != expected[node["schema"]]:
            breaches.append(f"{node['name']} has group and access {found}, not {expected[node['schema']]}")
        if "marts" in Path(node["path"]).parts and not node["config"]["contract"]["enforced"]:
            breaches.append(f"{node['name']} is a mart without an enforced contract")
    return breaches


def no_person_key_published(manifest: Manifest) -> list[str]:
    """No publication table has a column that identifies a person, a household or a dwelling."""
    return [
        f"{node['schema']}.{node['name']} publishes the key {column}"
        for node in nodes(manifest, "model")
        if node["schema"] in PUBLISHED_SCHEMAS
        for column in node["columns"]
        if PERSON_KEYS.search(column)
    ]


def exposures_and_analyses_read_marts(manifest: Manifest) -> list[str]:
    """Exposures and analyses never refer to staging."""
    schemas = {node["unique_id"]: node["schema"] for node in nodes(manifest, "model")}
    users = [*manifest["exposures"].values(), *nodes(manifest, "analysis")]
    return [
        f"{user['name']} refers to staging model {parent}"
        for user in users
        for parent in user["depends_on"]["nodes"]
        if schemas.get(parent) == "staging"
    ]


def same_name_same_meaning(manifest: Manifest) -> list[str]:
    """A column name that recurs within a layer carries one description."""
    texts: dict[tuple[str, str], dict[str, str]] = {}
    for node in nodes(manifest, "model"):
        for column, about in node["columns"].items():
            texts.setdefault((node["schema"], column), {}).setdefault(about["description"].strip(), node["name"])
    return [
        f"column {column} of schema {schema} is described in {len(found)} ways: {', '.join(sorted(found.values()))}"
        for (schema, column), found in sorted(texts.items())
        if len(found) > 1
    ]


def rules_have_unit_tests(manifest: Manifest, root: Path) -> list[str]:
    """Every rule on the lists names a unit test of its model, and every unit test stands on a list."""
    existing = {(test["model"], test["name"]) for test in manifest["unit_tests"].values()}
    listed: set[tuple[str, str]] = set()
    breaches = []
    seen: set[str] = set()
    for path in sorted((root / "tests").glob("rules*.yml")):
        for rule in yaml.safe_load(path.read_text(encoding="utf-8"))["rules"]:
            if rule["id"] in seen:
                breaches.append(f"rule {rule['id']} stands twice on the lists")
            seen.add(rule["id"])
            names = rule["unit_test"] if isinstance(rule["unit_test"], list) else [rule["unit_test"]]
            for name in names:
                listed.add((rule["model"], name))
                if (rule["model"], name) not in existing:
                    breaches.append(f"rule {rule['id']}: model {rule['model']} has no unit test {name}")
    breaches += [f"unit test {name} of {model} stands on no list" for model, name in sorted(existing - listed)]
    return breaches


def top_level_names(root: Path) -> list[str]:
    """The top level holds only the agreed names."""
    listed = subprocess.run(
        ["git", "ls-files"], cwd=root, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    names = {line.split("/")[0] for line in listed}
    return [
        f"{name} is not one of the names agreed for the top level"
        for name in sorted(names - TOP_LEVEL)
        if not name.startswith(".")
    ]


def all_breaches(target: Path, root: Path) -> list[str]:
    """Run every check; the manifest in `target` must be that of the whole project."""
    manifest = load_manifest(target)
    return [
        *sources_only_in_staging(manifest),
        *no_joins_in_staging(manifest),
        *everything_described(manifest),
        *everything_tested(manifest),
        *contracts_and_groups(manifest),
        *no_person_key_published(manifest),
        *exposures_and_analyses_read_marts(manifest),
        *same_name_same_meaning(manifest),
        *rules_have_unit_tests(manifest, root),
        *top_level_names(root),
    ]
