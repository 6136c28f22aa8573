"""Whole publications as files: what can be read off them, and the command that audits them."""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from kansrijke_start import cli
from kansrijke_start.audit.files import DATABASE, read_workbook
from kansrijke_start.audit.run import AUDIT_FILE, Publication, Verdict, audit
from kansrijke_start.errors import KansrijkeStartError

from .invented import Table, adds_up, one_sum, publish, rounded

SAFE = one_sum(("a", 1031, False), ("b", 24, True), ("c", 4, True))
STRUCTURE = {"sums": [adds_up("abc")]}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Publication:
    """A publication in which nothing can be found out."""
    return publish(tmp_path_factory.mktemp("made") / "safe", {"births": SAFE}, **STRUCTURE)


@pytest.fixture
def copy(made: Publication, tmp_path: Path) -> Publication:
    """A copy to change."""
    shutil.copytree(made.folder, tmp_path / "publication")
    return Publication("copy", tmp_path / "publication", made.companion)


def kinds(verdict: Verdict) -> dict[str, str]:
    """Kind and place of each breach."""
    return {breach.kind: breach.place for breach in verdict.breaches}


def change(publication: Publication, statement: str) -> None:
    """Change the table of the DuckDB file, and write the other files anew from it."""
    path = publication.folder / DATABASE
    with duckdb.connect(str(path)) as connection:
        connection.execute(statement.format(table="regiobeeld.births"))
        for suffix, options in (("parquet", "format parquet"), ("csv", "format csv, header")):
            connection.execute(
                f"copy (from regiobeeld.births) to '{publication.folder}/regiobeeld/births.{suffix}' ({options})"
            )
    (publication.folder / "regiobeeld.xlsx").unlink()


def test_nothing_is_found_in_a_safe_publication(made: Publication) -> None:
    verdict = audit(made)
    assert verdict.breaches == []
    assert (verdict.attacked, verdict.open, verdict.large) == (2, 2, 0)
    assert verdict.spot_checks == 2
    assert verdict.tables == {"regiobeeld.births": (4, 2)}
    assert audit(Publication("alone", made.folder)).breaches == []


def test_a_hidden_number_in_one_of_the_formats(copy: Publication) -> None:
    csv = copy.folder / "regiobeeld" / "births.csv"
    lines = csv.read_text(encoding="utf-8").splitlines()
    place = next(number for number, line in enumerate(lines) if line.endswith("true"))
    csv.write_text("\n".join([*lines[:place], lines[place].replace(",,,", ",4,,"), *lines[place + 1 :], ""]))
    assert kinds(audit(copy)) == {"files_differ": "regiobeeld/births.csv"}


def test_a_hidden_number_in_the_workbook(copy: Publication) -> None:
    book = copy.folder / "regiobeeld.xlsx"
    with zipfile.ZipFile(book) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    sheet = "xl/worksheets/sheet2.xml"
    hidden_row = next(int(place[1:]) for place, value in read_workbook(book)["births"] if value is True)
    place = f'<c r="K{hidden_row}"'.encode()
    assert place in content[sheet]
    content[sheet] = content[sheet].replace(place, f'<c r="G{hidden_row}"><v>4</v></c>'.encode() + place)
    with zipfile.ZipFile(book, "w") as archive:
        for name, data in content.items():
            archive.writestr(name, data)
    assert kinds(audit(copy)) == {"files_differ": "regiobeeld.xlsx: births"}
    with zipfile.ZipFile(book, "w") as archive:
        for name, data in content.items():
            archive.writestr(name, data.replace(b"</sheetData>", b"</sheetData><conditionalFormatting/>"))
    with pytest.raises(ValueError, match="formatting by value"):
        read_workbook(book)


def test_rows_in_the_order_of_a_hidden_number(copy: Publication) -> None:
    change(copy, "create or replace table {table} as from {table} order by part = 'b', part")
    # The Parquet and CSV files are copies of the table, in its order.
    found = [breach for breach in audit(copy).breaches if breach.kind == "order"]
    assert {breach.place for breach in found} == {
        "regiobeeld.births",
        "regiobeeld/births.parquet",
        "regiobeeld/births.csv",
    }


def test_a_combination_of_dimensions_that_stands_there_twice(copy: Publication) -> None:
    change(copy, "insert into {table} from {table} where part = 'all'")
    assert "order" in kinds(audit(Publication("alone", copy.folder)))


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("update {table} set percentage = 2.0 where part = 'c'", "null_pattern"),
        ("update {table} set denominator = 1060 where part = 'c'", "null_pattern"),
        ("update {table} set remark = 'minder dan 10' where part = 'c'", "label"),
        ("update {table} set is_hidden = null where part = 'c'", "null_pattern"),
        ("update {table} set numerator = 1031 where part = 'a'", "rounding"),
        ("update {table} set numerator = 5 where part = 'a'", "rounding"),
        ("update {table} set percentage = 97.4 where part = 'a'", "ratio"),
        ("update {table} set percentage = 97.35 where part = 'a'", "ratio"),
        ("update {table} set percentage = 98 where part = 'a'", "ratio"),
        ("update {table} set percentage = 97.2 where part = 'a'", None),
    ],
)
def test_what_can_be_read_off_a_row(copy: Publication, statement: str, kind: str | None) -> None:
    change(copy, statement)
    found = {breach.kind for breach in audit(Publication("alone", copy.folder)).breaches}
    assert (found == set()) if kind is None else (kind in found)


def test_a_percentage_of_exact_counts(tmp_path: Path) -> None:
    table = one_sum(("a", 1031, False), ("b", 24, True), ("c", 4, True))
    table.decimals, table.from_exact = 1, True
    publication = publish(tmp_path / "exact", {"births": table}, **STRUCTURE)
    # 1031 of 1059 is 97.4 %, the rounded counts give 97.2 %.
    assert {(b.kind, b.dimensions["part"]) for b in audit(publication).breaches} == {("ratio", "a")}
    table.from_exact = False
    assert audit(publish(tmp_path / "rounded", {"births": table}, **STRUCTURE)).breaches == []


def test_files_that_were_changed_after_their_audit(copy: Publication) -> None:
    verdict = audit(copy)
    (copy.folder / AUDIT_FILE).write_text(json.dumps(verdict.public()))
    assert audit(copy).breaches == []
    readme = copy.folder / "LEESMIJ.md"
    readme.write_text("nieuw")
    assert kinds(audit(copy)) == {"files_changed": "LEESMIJ.md"}
    readme.unlink()
    (copy.folder / AUDIT_FILE).write_text("{}")
    assert kinds(audit(copy)) == {"files_changed": AUDIT_FILE}


def test_a_table_that_is_described_and_not_there(copy: Publication) -> None:
    with duckdb.connect(str(copy.folder / DATABASE)) as connection:
        connection.execute("drop table regiobeeld.births")
    assert kinds(audit(copy)) == {"files": "regiobeeld.births"}


def test_a_companion_of_another_publication(copy: Publication, tmp_path: Path) -> None:
    other = publish(tmp_path / "other", {"births": one_sum(("a", 300, False), ("x", 40, False))})
    with pytest.raises(KansrijkeStartError, match="it belongs to another publication"):
        audit(Publication("copy", copy.folder, other.companion))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, r"has no structure\.json"),
        ("{", "is not the description"),
        ('{"version": 2}', "version 2, where 1 is known"),
    ],
)
def test_a_folder_that_is_no_publication(copy: Publication, content: str | None, message: str) -> None:
    path = copy.folder / "structure.json"
    path.unlink()
    if content is not None:
        path.write_text(content)
    with pytest.raises(KansrijkeStartError, match=message):
        audit(copy)


def test_rounding_in_these_tests_is_that_of_the_rules() -> None:
    assert [rounded(count) for count in (0, 1, 2, 3, 7, 8, 12, 13)] == [0, 0, 0, 5, 5, 10, 10, 15]


def test_the_command_names_the_cell_and_fails(
    made: Publication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KANSRIJKE_START_REGISTERS", str(tmp_path / "registers"))
    assert CliRunner().invoke(cli.app, ["audit", str(made.folder)]).exit_code == 0
    open_cell = Table([*SAFE.rows[:2], (2021, "country:NL", "b", 240, 1275, False), SAFE.rows[3]])
    open_cell.rows = [(*row[:4], 1275, row[5]) for row in open_cell.rows]
    open_cell.rows[0] = (2021, "country:NL", "all", 1275, 1275, False)
    breached = publish(tmp_path / "breached", {"births": open_cell})
    structure = json.loads((breached.folder / "structure.json").read_text())
    structure["sums"] = [adds_up("abc")]
    structure["rules"]["rounding_base"] = 1
    (breached.folder / "structure.json").write_text(json.dumps(structure))
    monkeypatch.setattr("sys.argv", ["kansrijke-start", "audit", str(breached.folder)])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 1
    said = " ".join(capsys.readouterr().err.split())
    assert "[birth_year=2021, region_level=country, region_code=NL, part=c]: its hidden numerator" in said
    monkeypatch.setattr("sys.argv", ["kansrijke-start", "audit", str(tmp_path)])
    with pytest.raises(SystemExit):
        cli.main()
    assert "is not a publication" in " ".join(capsys.readouterr().err.split())
