"""Parameters of the synthetic twin: read from YAML, each number with its source, changed by scenarios.

A file `parameters/<name>.yml` is a tree. A leaf of the tree is a *parameter*:

```yaml
mental_health:
  share_amsterdam:
    description: Share of births with a parent with psychological problems, by birth year.
    value: {2018: 0.133, 2019: 0.138}
    rows: [RB-06-001, RB-06-002]      # figure_row_ids of the published figures, role `calibration` only
    source: published figures         # or a shared reference, or `assumption: ...`
```

A plain value is a parameter too when the comment above it names its source. Everything else is a group. The path of a
parameter is the file name and the keys, joined by dots (`risk_factors.mental_health.amsterdam`).
"""

from __future__ import annotations

import copy
import csv
import functools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from kansrijke_start.errors import KansrijkeStartError
from kansrijke_start.paths import PROJECT_ROOT

PARAMETER_FOLDER = Path(__file__).resolve().parent / "parameters"
SCENARIO_FOLDER = Path(__file__).resolve().parent / "scenarios"
PUBLISHED_FIGURES = PROJECT_ROOT / "seeds" / "published_figures" / "published_figures.csv"
DEFAULT_SCENARIO = "default"

# The C loader reads the same YAML some ten times faster; it is not part of every build of PyYAML.
_LOADER: type[yaml.SafeLoader] | type[yaml.CSafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_FIELDS = {"description", "value", "rows", "source"}
_NAMES_SOURCE = re.compile(
    r"\b(?:RB|KN)-\d{2}|assumption|placeholder|\bseeds?\b|\.md\b|\.csv\b|definitions|documented|recalled"
    r"|Regiobeeld|Kennisnotitie",
    re.IGNORECASE,
)
_FIGURE_ROW_ID = re.compile(r"\b(?:RB|KN)-\d{2}-\d{3}\b")


class ParameterError(KansrijkeStartError):
    """A parameter or scenario file is wrong; the message names the file, the path and what to do."""


@dataclass(frozen=True)
class Parameter:
    """One parameter: its value (number, text, list or mapping) and where it comes from.

    Attributes:
        path: file name and keys, joined by dots.
        value: the value, after the overrides of the scenario.
        source: `published figures`, a shared reference, or `assumption: ...`.
        rows: ids of the published figures that it rests on.
        description: what it is, with its unit.
    """

    path: str
    value: Any
    source: str
    rows: tuple[str, ...]
    description: str


@dataclass(frozen=True)
class Parameters:
    """All parameters of one scenario.

    `parameters["risk_factors.mental_health.share_amsterdam"]` gives the value of a parameter and
    `parameters["risk_factors"]` the values of a whole file as nested mappings.

    Attributes:
        scenario: name of the scenario.
        scenario_description: what the scenario changes and what follows from it.
        seed_offset: number that the scenario adds to the seed of the world.
        entries: the parameters by path.
        overridden: paths (inside values too) that the scenario changed.
    """

    scenario: str
    scenario_description: str
    seed_offset: int
    entries: Mapping[str, Parameter]
    overridden: tuple[str, ...] = field(default_factory=tuple)

    def __getitem__(self, path: str) -> Any:
        """Value of a parameter, or the nested values of a whole file or group.

        Raises:
            ParameterError: there is no parameter or group with this path.
        """
        entry = self.entries.get(path)
        if entry is not None:
            return entry.value
        nested: dict[str, Any] = {}
        for rest, value in self.group(path).items():
            *groups, name = rest.split(".")
            level = nested
            for group in groups:
                level = level.setdefault(group, {})
            level[name] = value
        if not nested:
            raise ParameterError(
                f"There is no parameter '{path}'. See the files in {PARAMETER_FOLDER.name}/ for those that exist."
            )
        return nested

    def __contains__(self, path: object) -> bool:
        return path in self.entries

    def group(self, prefix: str) -> dict[str, Any]:
        """Values of all parameters under a prefix, by the rest of their path."""
        start = prefix + "."
        return {path[len(start) :]: entry.value for path, entry in self.entries.items() if path.startswith(start)}


def load(
    scenario: str = DEFAULT_SCENARIO,
    *,
    parameter_folder: Path = PARAMETER_FOLDER,
    scenario_folder: Path = SCENARIO_FOLDER,
    figures: Path = PUBLISHED_FIGURES,
) -> Parameters:
    """Read all parameter files, check their sources and apply a scenario.

    Args:
        scenario: name of a file in `scenarios/` (without `.yml`).
        parameter_folder: folder of the parameter files.
        scenario_folder: folder of the scenario files.
        figures: the published figures with their role.

    Raises:
        ParameterError: a number without a source, a figure that no parameter may use, an unknown scenario, or an
            override of something that does not exist.
    """
    roles = _roles(figures)
    entries: dict[str, Parameter] = {}
    for file in sorted(parameter_folder.glob("*.yml")):
        for parameter in _parameters_of(file):
            _check_rows(file, parameter, roles)
            entries[parameter.path] = parameter
    return _apply_scenario(scenario, scenario_folder, entries)


def scenario_names(scenario_folder: Path = SCENARIO_FOLDER) -> list[str]:
    """Names of the scenarios that exist, sorted."""
    return sorted(file.stem for file in scenario_folder.glob("*.yml"))


@functools.lru_cache(maxsize=8)
def _roles(figures: Path) -> dict[str, str]:
    with figures.open(encoding="utf-8", newline="") as handle:
        return {row["figure_row_id"]: row["role"] for row in csv.DictReader(handle)}


def _read(file: Path) -> dict[str, Any]:
    try:
        content = yaml.load(file.read_text(encoding="utf-8"), Loader=_LOADER)
    except yaml.YAMLError as error:
        raise ParameterError(f"{file.name} is no valid YAML: {error}. Correct the file.") from error
    if not isinstance(content, dict):
        raise ParameterError(f"{file.name} holds no mapping at its top. Correct the file.")
    return content


def _parameters_of(file: Path) -> Iterator[Parameter]:
    """Parameters of one file: mappings with `value`, and plain values under a comment that names their source."""
    text = file.read_text(encoding="utf-8")
    lines = text.splitlines()
    content = _read(file)
    root = yaml.compose(text, Loader=_LOADER)

    def walk(path: str, node: yaml.Node, value: Any, comment: str) -> Iterator[Parameter]:
        if isinstance(value, dict) and "value" in value:
            yield _parameter(file, path, value)
            return
        if (
            isinstance(node, yaml.MappingNode)
            and not node.flow_style
            and not all(isinstance(key, int) for key in value)
        ):
            for (key_node, child_node), (key, child) in zip(node.value, value.items(), strict=True):
                above = _comment_above(lines, key_node.start_mark.line) or comment
                yield from walk(f"{path}.{key}", child_node, child, above)
            return
        if _holds_number(value) and not _NAMES_SOURCE.search(comment):
            raise ParameterError(
                f"{file.name}: '{path}' holds {value!r} without a source. Write it as a parameter with value and "
                "source, or name the source in the comment above it."
            )
        yield Parameter(path, value, comment or "no number", (), comment)

    assert isinstance(root, yaml.MappingNode)
    for (key_node, child_node), (key, child) in zip(root.value, content.items(), strict=True):
        above = _comment_above(lines, key_node.start_mark.line)
        yield from walk(f"{file.stem}.{key}", child_node, child, above)


def _comment_above(lines: list[str], line: int) -> str:
    """Comment lines of the paragraph (lines without a blank one between) that ends above a line of the file."""
    comments: list[str] = []
    indent = len(lines[line]) - len(lines[line].lstrip())
    for number in range(line - 1, -1, -1):
        text = lines[number]
        stripped = text.strip()
        if not stripped or len(text) - len(text.lstrip()) < indent:
            break
        if stripped.startswith("#"):
            comments.append(stripped.lstrip("# "))
    return " ".join(reversed(comments))


def _holds_number(value: Any) -> bool:
    if isinstance(value, bool) or value is None:
        return False
    if isinstance(value, dict):
        return any(_holds_number(item) for item in value.values())
    if isinstance(value, list):
        return any(_holds_number(item) for item in value)
    return isinstance(value, int | float)


def _parameter(file: Path, path: str, node: dict[str, Any]) -> Parameter:
    unknown = set(node) - _FIELDS
    if unknown:
        raise ParameterError(
            f"{file.name}: '{path}' has unknown fields {sorted(unknown)}. A parameter has {sorted(_FIELDS)}."
        )
    for required in ("source", "description"):
        if not isinstance(node.get(required), str) or not node[required].strip():
            raise ParameterError(f"{file.name}: '{path}' has no {required}. Say where its numbers come from.")
    rows = node.get("rows", [])
    if not isinstance(rows, list) or not all(isinstance(row, str) for row in rows):
        raise ParameterError(f"{file.name}: '{path}' has rows that are no list of figure_row_ids.")
    source = node["source"].strip()
    if source.lower().startswith("published figures") and not rows:
        raise ParameterError(f"{file.name}: '{path}' says it comes from published figures but names no rows.")
    return Parameter(path, node["value"], source, tuple(rows), node["description"].strip())


def _check_rows(file: Path, parameter: Parameter, roles: Mapping[str, str]) -> None:
    named = set(parameter.rows)
    for text in (parameter.source, parameter.description):
        named.update(_FIGURE_ROW_ID.findall(text))
    for row in sorted(named):
        role = roles.get(row)
        if role is None:
            raise ParameterError(f"{file.name}: '{parameter.path}' names figure {row}, which does not exist.")
        if role != "calibration":
            raise ParameterError(
                f"{file.name}: '{parameter.path}' names figure {row} with role '{role}'. Only figures with role "
                "'calibration' may enter a parameter."
            )


def _apply_scenario(name: str, folder: Path, entries: dict[str, Parameter]) -> Parameters:
    file = folder / f"{name}.yml"
    if not file.exists():
        raise ParameterError(f"There is no scenario '{name}'. Choose one of: {', '.join(scenario_names(folder))}.")
    content = _read(file)
    unknown = set(content) - {"description", "seed_offset", "overrides"}
    if unknown or not isinstance(content.get("description"), str):
        raise ParameterError(f"{file.name}: a scenario has description, and may have seed_offset and overrides.")
    result = dict(entries)
    overrides = content.get("overrides") or {}
    for path, override in overrides.items():
        if not isinstance(override, dict) or set(override) != {"value", "reason"}:
            raise ParameterError(f"{file.name}: the override of '{path}' needs exactly a value and a reason.")
        _override(file, result, str(path), override["value"])
    return Parameters(
        scenario=name,
        scenario_description=content["description"].strip(),
        seed_offset=int(content.get("seed_offset", 0)),
        entries=result,
        overridden=tuple(str(path) for path in overrides),
    )


def _override(file: Path, entries: dict[str, Parameter], path: str, value: Any) -> None:
    keys = path.split(".")
    for size in range(len(keys), 0, -1):
        head = ".".join(keys[:size])
        if head not in entries:
            continue
        old = entries[head]
        new = _replaced(file, path, copy.deepcopy(old.value), keys[size:], value)
        source = f"scenario {file.stem} (was: {old.source})"
        entries[head] = Parameter(old.path, new, source, old.rows, old.description)
        return
    raise ParameterError(f"{file.name}: '{path}' is no parameter, so it cannot be changed. Correct the path.")


def _replaced(file: Path, path: str, container: Any, keys: list[str], value: Any) -> Any:
    if not keys:
        return value
    if isinstance(container, dict):
        for key in container:
            if str(key) == keys[0]:
                container[key] = _replaced(file, path, container[key], keys[1:], value)
                return container
    if isinstance(container, list) and keys[0].isdigit() and int(keys[0]) < len(container):
        position = int(keys[0])
        container[position] = _replaced(file, path, container[position], keys[1:], value)
        return container
    raise ParameterError(f"{file.name}: '{path}' has no '{keys[0]}' to change. Correct the path.")
