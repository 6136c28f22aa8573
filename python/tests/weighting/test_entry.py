"""The entry for researchers: what it reads, writes, prints and refuses."""

from __future__ import annotations

import dataclasses
import hashlib
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.csv as pcsv
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from kansrijke_start import cli
from kansrijke_start.errors import KansrijkeStartError
from kansrijke_start.paths import Paths
from kansrijke_start.weighting.choices import Estimand
from kansrijke_start.weighting.contract import WeightingError
from kansrijke_start.weighting.entry import FILES, MEANING, Settings, weight, weight_table
from kansrijke_start.weighting.pooling import pool

from .simulated import ROLES, children, with_column

ARGUMENTS = [
    *("weight", "--exposure", "is_vulnerable", "--covariates", "gestation, birth_weight,birth_year,is_induced"),
    *("--outcomes", "costs,uses_care", "--categorical", "birth_year", "--cluster", "mother_id", "--key", "child_id"),
]
"""The roles of the simulated children on the command line."""


@pytest.fixture
def paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Paths:
    """A build database with a cohort, and places of which nothing else exists."""
    monkeypatch.setenv("KANSRIJKE_START_DATABASE", str(tmp_path / "build.duckdb"))
    monkeypatch.setenv("KANSRIJKE_START_PUBLICATION", str(tmp_path / "publication"))
    found = Paths.from_environment()
    with duckdb.connect(str(found.database)) as connection:
        connection.register("children", children(400, 1))
        connection.execute("create schema cohorts; create table cohorts.cohort_children as select * from children")
    return found


def hashes(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def test_parquet_csv_and_the_build_database_give_the_same(paths: Paths, tmp_path: Path) -> None:
    table = children(400, 1)
    pq.write_table(table.take(pa.array(np.random.default_rng(1).permutation(400))), tmp_path / "it's.parquet")
    pcsv.write_csv(table, tmp_path / "children.csv")
    sources = [str(tmp_path / "it's.parquet"), str(tmp_path / "children.csv"), "cohorts.cohort_children"]
    found = []
    for place, source in enumerate(sources):
        weight(source, ROLES, tmp_path / str(place), Settings(truncate=0.99), paths)
        found.append(hashes(tmp_path / str(place)))
    assert found[0] == found[1] == found[2]
    assert sorted(found[0]) == sorted(f"{name}.parquet" for name in FILES)


def test_files_hold_what_they_promise(paths: Paths, tmp_path: Path) -> None:
    result = weight("cohorts.cohort_children", ROLES, tmp_path / "out", Settings(Estimand.att, truncate=0.9), paths)
    tables = {name: pq.read_table(tmp_path / "out" / f"{name}.parquet") for name in FILES}
    assert all(tables[name].equals(result.tables[name]) for name in FILES)
    weights = tables["weights"]
    assert weights.column_names == [*ROLES.columns, "propensity", "weight", "is_truncated"]
    assert weights["child_id"].to_pylist() == sorted(children(400, 1)["child_id"].to_pylist())
    estimates = tables["estimates"].to_pylist()
    assert [(row["outcome"], row["is_weighted"], row["estimand"]) for row in estimates] == [
        *(("costs", False, None), ("costs", True, "att"), ("uses_care", False, None), ("uses_care", True, "att"))
    ]
    # The files can be followed: weighted means are those of the weights.
    frame = weights.to_pandas()
    for exposed, group in frame.groupby("is_vulnerable"):
        mean = np.average(group["costs"], weights=group["weight"])
        assert mean == pytest.approx(estimates[1]["mean_exposed" if exposed else "mean_unexposed"])
    unexposed, exposed = tables["summary"].to_pylist()
    own = frame[~frame["is_vulnerable"]]
    assert (unexposed["group"], exposed["group"]) == ("unexposed", "exposed")
    assert unexposed["rows"] + exposed["rows"] == 400
    assert unexposed["clusters"] == own["mother_id"].nunique()
    assert unexposed["share_truncated"] == pytest.approx(own["is_truncated"].mean())
    assert unexposed["weight_maximum"] == unexposed["weight_cap"] == pytest.approx(own["weight"].max())
    assert unexposed["effective_sample_size"] == pytest.approx(own["weight"].sum() ** 2 / (own["weight"] ** 2).sum())
    assert exposed["share_truncated"] == 0 and exposed["effective_sample_size"] == exposed["rows"]
    assert unexposed["meaning"] == MEANING and "decomposition" in MEANING and "no causal effect" in MEANING
    balance = tables["balance"].to_pandas()
    worst = balance[balance["is_weighted"]]["standardised_difference"].abs().max()
    assert unexposed["largest_standardised_difference_weighted"] == pytest.approx(worst)
    assert set(balance["level"].dropna()) == {"early", "term", "late", "2017", "2018", "2019", "true", "false"}


def imputed(*seeds: int) -> pa.Table:
    """The same children with another birth weight in each imputed set."""
    table = children(300, 1)
    sets = []
    for number, seed in enumerate(seeds, start=1):
        noise = np.random.default_rng(seed).normal(0, 0.2, 300)
        one = with_column(table, "birth_weight", np.array(table["birth_weight"].to_pylist()) + noise)
        sets.append(with_column(one, "imputation", [number] * 300))
    return pa.concat_tables(sets)


def test_imputed_sets_are_weighted_apart_and_pooled() -> None:
    table = imputed(1, 2, 3)
    result = weight_table(table, ROLES, Settings(imputation="imputation"))
    apart = [
        weight_table(table.filter(pa.array([value == number for value in table["imputation"].to_pylist()])), ROLES)
        for number in (1, 2, 3)
    ]
    rows = [one.tables["estimates"].to_pylist() for one in apart]
    for place, row in enumerate(result.tables["estimates"].to_pylist()):
        expected = pool([one[place]["difference"] for one in rows], [one[place]["difference_se"] for one in rows])
        assert row["difference"] == pytest.approx(expected.value)
        assert row["difference_se"] == pytest.approx(expected.standard_error)
        assert (row["difference_lower"], row["difference_upper"]) == pytest.approx(expected.interval)
        assert row["imputations"] == 3
    # Without weights the sets agree, but for rounding; with weights they do not.
    assert [row["between_share"] > 1e-9 for row in result.tables["estimates"].to_pylist()] == [False, True, False, True]
    assert result.tables["weights"].num_rows == 900
    assert result.tables["summary"]["imputation"].to_pylist() == ["1", "1", "2", "2", "3", "3"]


def test_one_imputed_set_is_a_table() -> None:
    one = weight_table(imputed(1), ROLES, Settings(imputation="imputation")).tables
    none = weight_table(imputed(1), ROLES).tables
    assert one["estimates"].equals(none["estimates"])
    assert one["weights"].drop_columns("imputation").equals(none["weights"])


def test_imputed_sets_that_do_not_fit_are_refused() -> None:
    table, chosen = imputed(1, 2), Settings(imputation="imputation")
    with pytest.raises(WeightingError, match="Imputed set 2 does not have the rows of set 1"):
        weight_table(table.slice(0, 599), ROLES, chosen)
    with pytest.raises(WeightingError, match="need a key"):
        weight_table(table, dataclasses.replace(ROLES, key=()), chosen)
    with pytest.raises(WeightingError, match="no column set with the number"):
        weight_table(table, ROLES, Settings(imputation="set"))
    with pytest.raises(WeightingError, match="cannot have another role"):
        weight_table(table, ROLES, Settings(imputation="child_id"))
    with pytest.raises(WeightingError, match="Missing values in imputation"):
        weight_table(with_column(table, "imputation", [None] * 600), ROLES, chosen)
    with pytest.raises(WeightingError, match="no column child"):
        weight_table(table, dataclasses.replace(ROLES, key=("child",)), chosen)
    # Without the column the sets are taken for rows, which the key shows.
    with pytest.raises(WeightingError, match="key does not identify a row: 300 rows too many"):
        weight_table(table, ROLES)


def test_doubtful_results_come_with_a_warning() -> None:
    # The unexposed hardly ever have what the exposed nearly all have: few rows carry the comparison.
    counts = {("a", 0): 3990, ("a", 1): 3, ("b", 0): 10, ("b", 1): 400}
    table = pa.table(
        {
            "exposed": [exposed for (_, exposed), number in counts.items() for _ in range(number)],
            "kind": [kind for (kind, _), number in counts.items() for _ in range(number)],
            "costs": np.arange(4403.0),
        }
    )
    roles = dataclasses.replace(
        ROLES, exposure="exposed", covariates=("kind",), outcomes=("costs",), categorical=(), cluster=None, key=()
    )
    warnings = " ".join(weight_table(table, roles).warnings)
    assert "The exposed rows are worth" in warnings
    assert "3 exposed rows had a probability below 0.001 of being so" in warnings
    warnings = " ".join(weight_table(table, roles, Settings(truncate=0.9)).warnings)
    assert "is not alike after weighting" in warnings
    assert weight_table(children(2000, 1), ROLES).warnings == []


def test_sources_that_cannot_be_read(paths: Paths, tmp_path: Path) -> None:
    broken = tmp_path / "broken.parquet"
    broken.write_text("no parquet", encoding="utf-8")
    for source, message in (
        ("nowhere.parquet", "There is no file nowhere.parquet"),
        ("children.xlsx", r"children.xlsx cannot be read"),
        ("children", r"children is no table: give a .parquet or .csv file, or schema.table"),
        ("cohorts.nothing", r"cohorts.nothing cannot be read: .*does not exist"),
        (str(broken), "broken.parquet cannot be read"),
    ):
        with pytest.raises(KansrijkeStartError, match=message):
            weight(source, ROLES, tmp_path / "out", paths=paths)
    paths.database.unlink()
    with pytest.raises(KansrijkeStartError, match="There is no build database"):
        weight("cohorts.cohort_children", ROLES, tmp_path / "out", paths=paths)
    assert not (tmp_path / "out").exists()


def test_weights_do_not_enter_the_publication(paths: Paths) -> None:
    with pytest.raises(KansrijkeStartError, match="lies in the publication, which weights may not enter"):
        weight("cohorts.cohort_children", ROLES, paths.publication / "weights", paths=paths)
    assert not paths.publication.exists()


def test_a_refused_table_leaves_the_last_result(paths: Paths, tmp_path: Path) -> None:
    weight("cohorts.cohort_children", ROLES, tmp_path / "out", paths=paths)
    before = hashes(tmp_path / "out")
    with pytest.raises(WeightingError, match="no column cost"):
        weight("cohorts.cohort_children", dataclasses.replace(ROLES, outcomes=("cost",)), tmp_path / "out", paths=paths)
    assert hashes(tmp_path / "out") == before


def test_the_command_line_says_what_it_found(
    paths: Paths, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = [*ARGUMENTS, "--table", "cohorts.cohort_children", "--output", str(tmp_path / "out")]
    done = CliRunner().invoke(cli.app, [*arguments, "--estimand", "overlap"])
    assert done.exit_code == 0, done.output
    rows = pq.read_table(tmp_path / "out" / "estimates.parquet").to_pylist()
    assert rows[1]["estimand"] == "overlap"
    expected = weight_table(children(400, 1), ROLES, Settings(Estimand.overlap)).tables["estimates"]
    assert expected.to_pylist() == rows
    monkeypatch.setattr("sys.argv", ["kansrijke-start", *arguments, "--truncate", "2"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 1
    assert "Weights are truncated at a share above 0.5 and below 1" in capsys.readouterr().err


def test_columns_that_the_result_needs_are_refused() -> None:
    table = with_column(children(300, 1), "weight", np.arange(300.0))
    with pytest.raises(WeightingError, match="A used column has the name weight"):
        weight_table(table, dataclasses.replace(ROLES, outcomes=("weight",)))
