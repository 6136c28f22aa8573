"""Files that are made from the catalogue: up to date, complete, readable by dbt, and guarded against edits."""

from __future__ import annotations

import json
import re
from pathlib import Path

import duckdb
import pytest
import yaml

from kansrijke_start.registers import generate
from kansrijke_start.registers.catalogue import Catalogue, load_catalogue
from kansrijke_start.registers.empty import write_empty_registers

CATALOGUE = load_catalogue()


def location(text: str, folder: Path) -> str:
    """An external location as dbt renders it: the environment variable, then the adapter's formatter."""
    return re.sub(r"\{\{ env_var\([^)]*\) \}\}", folder.as_posix(), text)


def test_the_repository_is_up_to_date() -> None:
    assert generate.check() == []


def test_write_then_check(tmp_path: Path) -> None:
    assert len(generate.check(tmp_path)) == len(generate.generated_files())
    written = generate.write(tmp_path)
    assert set(written) == set(generate.generated_files())
    assert generate.check(tmp_path) == []
    assert generate.write(tmp_path) == []
    assert not list(tmp_path.rglob("*.partial"))


def test_every_edited_file_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    untouched, *paths = generate.write(tmp_path)
    assert paths
    for path in paths:
        edited = tmp_path / path
        edited.write_text(edited.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert generate.main(["--check", "--root", str(tmp_path)]) == 1
    messages = capsys.readouterr().err
    assert all(f"{path.as_posix()} differs from the catalogue" in messages for path in paths)
    assert untouched.as_posix() not in messages
    assert generate.main(["--write", "--root", str(tmp_path)]) == 0
    assert set(capsys.readouterr().out.splitlines()) == {f"wrote {path.as_posix()}" for path in paths}
    assert generate.main(["--check", "--root", str(tmp_path)]) == 0


def test_a_missing_and_a_left_over_file_are_named(tmp_path: Path) -> None:
    generate.write(tmp_path)
    (tmp_path / generate.DATA_DICTIONARY).unlink()
    extra = tmp_path / "models" / "staging" / "left_over" / "_left_over__sources.yml"
    extra.parent.mkdir(parents=True)
    extra.write_text("version: 2\n", encoding="utf-8")
    problems = generate.check(tmp_path)
    assert len(problems) == 2
    assert problems[0].startswith("models/docs/data_dictionary.md is missing")
    assert problems[1].startswith("models/staging/left_over/_left_over__sources.yml: the catalogue has no such sources")


def test_a_changed_catalogue_is_drift(tmp_path: Path) -> None:
    generate.write(tmp_path)
    register = CATALOGUE.registers["medicijntab"].model_copy(update={"description": "Something else."})
    changed = Catalogue(registers={**CATALOGUE.registers, "medicijntab": register})
    problems = generate.check(tmp_path, changed)
    assert [problem.split(" ")[0] for problem in problems] == [
        "models/staging/care/_care__sources.yml",
        "models/docs/data_dictionary.md",
    ]


def test_sources_hold_the_registers_that_models_read() -> None:
    seen = {}
    for path, text in generate.generated_files().items():
        if path.suffix == ".yml" and path != generate.DELIVERY_SOURCES:
            for source in yaml.safe_load(text)["sources"]:
                assert path.as_posix() == f"models/staging/{source['name']}/_{source['name']}__sources.yml"
                for table in source["tables"]:
                    seen[table["name"]] = (source["name"], table)
    assert set(seen) == {name for name, register in CATALOGUE.registers.items() if register.generates_source}
    assert set(CATALOGUE.required) < set(seen)
    for name, (family, table) in seen.items():
        register = CATALOGUE.registers[name]
        assert family == register.family
        assert table["description"].startswith(register.grain)
        assert [column["name"] for column in table["columns"]] == register.arrow_schema().names
        assert all(column["description"] and column["data_type"] for column in table["columns"])


def test_has_source_overrides_required() -> None:
    assert not CATALOGUE.registers["perined"].required
    register = CATALOGUE.registers["perined"].model_copy(update={"has_source": None})
    changed = Catalogue(registers={**CATALOGUE.registers, "perined": register})
    path = Path("models/staging/perinatal/_perinatal__sources.yml")
    assert path in generate.generated_files()
    assert path not in generate.generated_files(changed)


def test_empty_registers_are_read_by_every_location(tmp_path: Path) -> None:
    manifest = write_empty_registers(tmp_path)
    entries = json.loads(manifest.read_text(encoding="utf-8"))["registers"]
    assert [entry["component"].lower() for entry in entries] == list(CATALOGUE.registers)
    with duckdb.connect() as connection:
        for path, text in generate.generated_files().items():
            if path.suffix != ".yml":
                continue
            for table in yaml.safe_load(text)["sources"][0]["tables"]:
                meta = table["config"]["meta"]
                place = meta["external_location"]
                if meta.get("formatter") == "oldstyle":
                    relation = location(place, tmp_path) % {}
                else:
                    relation = location(place, tmp_path).format()
                described = connection.sql(f"select * from {relation}")
                assert described.columns == [column["name"] for column in table["columns"]]
                expected = [column["data_type"] for column in table["columns"]]
                types = [str(kind) for kind in described.types]
                if path != generate.DELIVERY_SOURCES:
                    assert types == expected
                    assert described.fetchall() == []
        relation = location(
            yaml.safe_load(generate.render_delivery_sources())["sources"][0]["tables"][0]["config"]["meta"][
                "external_location"
            ],
            tmp_path,
        )
        row = connection.execute(
            "select format_version, synthetic, len(registers), registers[1].component, registers[1].rows "
            f"from {relation}"
        ).fetchone()
    assert row == (1, None, len(CATALOGUE.registers), "ASIELCOHORT", 0)


def test_empty_registers_never_replace_real_ones(tmp_path: Path) -> None:
    write_empty_registers(tmp_path)
    with pytest.raises(FileExistsError, match="already holds registers"):
        write_empty_registers(tmp_path)


def test_data_dictionary_tells_everything() -> None:
    text = generate.render_data_dictionary(CATALOGUE)
    assert text.count("{% docs data_dictionary %}") == 1 and text.endswith("{% enddocs %}\n")
    body = text.split("{% docs data_dictionary %}")[1].split("{% enddocs %}")[0]
    assert "{{" not in body and "{%" not in body
    for register in CATALOGUE.registers.values():
        section = body.split(f"### {register.component}\n")[1].split("\n### ")[0]
        for column in register.columns:
            assert f"| `{column.name}" in section
        for quirk in register.quirks:
            assert quirk in section
    assert "2.0% in 2015" in body.split("### GBALEVENDGEBORENENMASSATAB\n")[1].split("\n### ")[0]
