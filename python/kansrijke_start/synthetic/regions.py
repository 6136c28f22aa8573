"""Regions of the synthetic world: one row a neighbourhood, with its codes in every year 2015-2023.

Real: municipality codes of every year, mergers and divisions, GGD regions, Amsterdam's districts and neighbourhoods in
the classification of 2021. Placeholders: districts, neighbourhoods and postal codes elsewhere, and Amsterdam's renewed
codes of 2022 and 2023.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kansrijke_start.errors import KansrijkeStartError
from kansrijke_start.paths import PROJECT_ROOT

FIRST_CODE_YEAR = 2015
LAST_CODE_YEAR = 2023
CODE_YEARS = range(FIRST_CODE_YEAR, LAST_CODE_YEAR + 1)
AMSTERDAM = "GM0363"
#: Amsterdam renewed the codes of its districts and neighbourhoods from this year on.
AMSTERDAM_RENEWED = 2022


@dataclass(frozen=True)
class Regions:
    """All neighbourhoods; a region is an int16 row number. Arrays have shape (n,) unless stated.

    Rows are ordered by GGD region (Amsterdam's first), municipality of 2021 (Amsterdam first), borough, area, district
    and neighbourhood, so that systematic rounding keeps every level near its expectation.

    Attributes:
        municipality, district, neighbourhood: text codes without letters as in VSLGWBTAB, shape (n, 9), one column for
            each year 2015..2023: '0363', '036300', '03630000'.
        is_amsterdam: bool, municipality GM0363 in the classification of 2021 (without Weesp).
        borough: int8, 0 outside Amsterdam, else 1 + index into `borough_codes`.
        borough_codes: ('A', 'B', 'E', 'F', 'K', 'M', 'N', 'T').
        area: text, area (gebied) code of 2021 ('DX01'), '' outside Amsterdam.
        cell: int16, number of the planning cell: each borough of Amsterdam, each municipality(-part) of 2015 elsewhere.
            Cells are numbered in the order of the rows; Amsterdam's boroughs come first.
        ggd: text, GGD region of 2021.
        postcode4: text, synthetic postal code.
        municipality_2021: text with prefix, 'GM0363'.
        weight: float64, share of the births of its cell (sums to 1 in each cell).
        cell_births_2015: float64 (n_cells,), live births of 2015, with the growth of the large cities since (0 for
            Amsterdam's boroughs, which have own targets).
    """

    municipality: NDArray[np.str_]
    district: NDArray[np.str_]
    neighbourhood: NDArray[np.str_]
    is_amsterdam: NDArray[np.bool_]
    borough: NDArray[np.int8]
    borough_codes: tuple[str, ...]
    area: NDArray[np.str_]
    cell: NDArray[np.int16]
    ggd: NDArray[np.str_]
    postcode4: NDArray[np.str_]
    municipality_2021: NDArray[np.str_]
    weight: NDArray[np.float64]
    cell_births_2015: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.cell)

    @property
    def n_cells(self) -> int:
        """Number of planning cells."""
        return len(self.cell_births_2015)

    @cached_property
    def cell_start(self) -> NDArray[np.int64]:
        """First row of each cell, int64 (n_cells + 1,); rows of a cell are adjacent."""
        return np.searchsorted(self.cell, np.arange(self.n_cells + 1))

    @cached_property
    def cell_cumulative(self) -> NDArray[np.float64]:
        """Cell number plus the running share of births inside the cell, float64 (n,): increases over the rows."""
        running = np.cumsum(self.weight)
        before = np.concatenate([[0.0], running])[self.cell_start[:-1]]
        return self.cell.astype(np.float64) + np.minimum((running - before[self.cell]), 1.0)

    def draw_row(self, cell: NDArray[np.integer], u: NDArray[np.float64]) -> NDArray[np.int16]:
        """Row inside each cell for uniform numbers `u`, in proportion to the weights; int16, shape of `cell`."""
        row = np.searchsorted(self.cell_cumulative, cell + np.minimum(u, 1 - 1e-12), side="right")
        first, last = self.cell_start[cell], self.cell_start[np.asarray(cell) + 1] - 1
        return np.clip(row, first, last).astype(np.int16)


def _read(name: str, folder: Path | None = None) -> list[dict[str, str]]:
    path = (folder or PROJECT_ROOT / "seeds" / "geography") / name
    if not path.is_file():
        raise KansrijkeStartError(f"{path} is missing: restore it from the repository (git checkout -- {path}).")
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@dataclass
class _Row:
    """A neighbourhood while the table is made; `unit` is the municipality(-part) of 2015."""

    ggd: str
    codes: list[str]  # municipality for each year, with prefix
    unit: str
    borough: str
    area: str
    district: str
    neighbourhood: str
    weight: float
    births_2015: float


def _municipality_history(
    mergers: list[dict[str, str]], split_shares: Mapping[str, Mapping[str, float]]
) -> dict[str, list[tuple[float, list[str]]]]:
    """For each changing municipality of 2015: its parts as (share of births, code in each year)."""
    steps: dict[tuple[str, int], list[str]] = {}
    for row in mergers:
        steps.setdefault((row["old_municipality_code"], int(row["first_year"])), []).append(
            row["new_municipality_code"]
        )
    history: dict[str, list[tuple[float, list[str]]]] = {}
    for start in {old for old, _ in steps}:
        parts: list[tuple[float, list[str]]] = [(1.0, [start])]
        for year in list(CODE_YEARS)[1:]:
            grown: list[tuple[float, list[str]]] = []
            for share, codes in parts:
                successors = steps.get((codes[-1], year), [codes[-1]])
                if len(successors) == 1:
                    grown.append((share, [*codes, successors[0]]))
                    continue
                shares = split_shares.get(codes[-1])
                if shares is None or set(shares) != set(successors):
                    raise KansrijkeStartError(
                        f"parameters/regions.yml: split_shares needs {codes[-1]} with exactly {', '.join(successors)}."
                    )
                grown += [(share * shares[code] / sum(shares.values()), [*codes, code]) for code in successors]
            parts = grown
        history[start] = parts
    return history


def build(parameters: Mapping[str, Any]) -> Regions:
    """The region table.

    Args:
        parameters: all parameters of the twin; ``parameters["regions"]`` is used.

    Raises:
        KansrijkeStartError: a seed is missing, or a municipality has no GGD region or no shares for its division.
    """
    settings = parameters["regions"]
    elsewhere = settings["elsewhere"]
    history = _municipality_history(_read("municipal_mergers.csv"), elsewhere["split_shares"])
    ggd_2021 = {
        row["municipality_code"]: row["ggd_region_code"] for row in _read("municipalities.csv") if row["year"] == "2021"
    }
    urbanity = {row["municipality_code"]: row["urbanity_class"] for row in _read("municipality_urbanity.csv")}
    rows: list[_Row] = []
    districts = {row["district_code"]: row for row in _read("amsterdam_districts_2021.csv")}
    neighbourhoods = _read("amsterdam_neighbourhoods_2021.csv")
    per_district: dict[str, int] = {}
    for row in neighbourhoods:
        per_district[row["district_code"]] = per_district.get(row["district_code"], 0) + 1
    factors = settings["amsterdam"]["district_factors"]
    for row in neighbourhoods:
        district = districts[row["district_code"]]
        rows.append(
            _Row(
                ggd=ggd_2021[AMSTERDAM],
                codes=[AMSTERDAM] * len(CODE_YEARS),
                unit=AMSTERDAM,
                borough=district["borough_code"],
                area=district["area_code"],
                district=row["district_code"][2:],
                neighbourhood=row["neighbourhood_code"][2:],
                weight=float(factors.get(district["local_code"], 1.0)),
                births_2015=0.0,
            )
        )
    for municipality in _read("births_per_municipality_2015.csv"):
        code = municipality["municipality_code"]
        if code == AMSTERDAM:
            continue
        for part, (share, codes) in enumerate(history.get(code, [(1.0, [code] * len(CODE_YEARS))])):
            births = share * float(municipality["births"])
            if codes[2021 - FIRST_CODE_YEAR] not in ggd_2021:
                raise KansrijkeStartError(f"seeds/geography/municipalities.csv: no GGD region for {codes[-1]} in 2021.")
            n_districts = int(
                np.clip(round(births / elsewhere["births_per_district"]), 1, elsewhere["largest_number_of_districts"])
            )
            growth = float(elsewhere["urban_growth"]) if urbanity.get(codes[-1]) == "1" else 1.0
            for district_number in range(n_districts):
                for number in range(elsewhere["neighbourhoods_per_district"]):
                    rows.append(
                        _Row(
                            ggd=ggd_2021[codes[2021 - FIRST_CODE_YEAR]],
                            codes=codes,
                            unit=f"{code}/{part}",
                            borough="",
                            area="",
                            district=f"{district_number:02d}",
                            neighbourhood=f"{number:02d}",
                            weight=1.0,
                            births_2015=births * growth,
                        )
                    )
    first_ggd = settings["first_ggd_region"]
    rows.sort(
        key=lambda r: (
            r.ggd != first_ggd,
            r.ggd,
            r.unit != AMSTERDAM,
            r.codes[2021 - FIRST_CODE_YEAR],
            r.unit,
            r.borough,
            r.area,
            r.district,
            r.neighbourhood,
        )
    )
    return _table(rows, settings)


def _numbers(group: NDArray[np.integer], key: NDArray[np.integer]) -> NDArray[np.int64]:
    """Number of each row's key among the keys of its group, from 0, in the order in which they appear; int64 (n,)."""
    pair = np.asarray(group, dtype=np.int64) * (int(key.max()) + 1) + key
    _, first, place = np.unique(pair, return_index=True, return_inverse=True)
    order = np.lexsort((first, group[first]))
    start = np.flatnonzero(np.append(True, np.diff(group[first[order]]) != 0))
    rank = np.empty(len(first), dtype=np.int64)
    rank[order] = np.arange(len(first)) - np.repeat(start, np.diff(np.append(start, len(first))))
    return rank[place]


def _table(rows: list[_Row], settings: Mapping[str, Any]) -> Regions:
    """Arrays, numbered cells and codes of every year from the sorted rows."""
    n = len(rows)
    municipality = np.array([[code[2:] for code in row.codes] for row in rows])
    district = np.empty((n, len(CODE_YEARS)), dtype="<U6")
    neighbourhood = np.empty((n, len(CODE_YEARS)), dtype="<U8")
    is_city = np.array([row.unit == AMSTERDAM for row in rows])
    unit = np.unique([row.unit for row in rows], return_inverse=True)[1]
    part = np.unique([f"{row.unit}/{row.district}" for row in rows], return_inverse=True)[1]
    for column, year in enumerate(CODE_YEARS):
        codes, code = np.unique(municipality[:, column], return_inverse=True)
        # What joined Amsterdam (Weesp) is one district after those of the city.
        joined = (municipality[:, column] == AMSTERDAM[2:]) & ~is_city
        number = _numbers(code, np.where(joined, n + unit, part))
        numbered = ~is_city | (year >= AMSTERDAM_RENEWED)
        if number[numbered].max() > 99:
            full = codes[code[numbered][number[numbered].argmax()]]
            raise KansrijkeStartError(f"Region table: municipality {full} has more than 100 districts in {year}.")
        member = _numbers(code * n + number, np.arange(n))
        two = np.char.zfill(number.astype("<U4"), 2)
        district[:, column] = np.char.add(municipality[:, column], two)
        neighbourhood[:, column] = np.char.add(district[:, column], np.char.zfill(member.astype("<U4"), 2))
        if year < AMSTERDAM_RENEWED:
            district[is_city, column] = [row.district for row in rows if row.unit == AMSTERDAM]
            neighbourhood[is_city, column] = [row.neighbourhood for row in rows if row.unit == AMSTERDAM]
    boroughs = tuple(sorted({row.borough for row in rows if row.borough}))
    cells: dict[str, int] = {}
    postcodes: dict[str, int] = {}
    cell = np.empty(n, dtype=np.int16)
    postcode = np.empty(n, dtype="<U4")
    for i, row in enumerate(rows):
        cell[i] = cells.setdefault(f"{row.unit}{row.borough}", len(cells))
        number = postcodes.setdefault(f"{row.unit}/{row.district}", len(postcodes))
        postcode[i] = f"{settings['first_postcode'] + 2 * number:04d}"
    if settings["first_postcode"] + 2 * len(postcodes) > 9999:
        raise KansrijkeStartError(
            "Region table: more districts than postal codes; raise births_per_district in parameters/regions.yml."
        )
    weight = np.array([row.weight for row in rows])
    weight = weight / np.bincount(cell, weights=weight)[cell]
    births = np.zeros(len(cells))
    births[cell] = [row.births_2015 for row in rows]
    return Regions(
        municipality=municipality,
        district=district,
        neighbourhood=neighbourhood,
        is_amsterdam=np.array([row.codes[2021 - FIRST_CODE_YEAR] == AMSTERDAM for row in rows]),
        borough=np.array([boroughs.index(row.borough) + 1 if row.borough else 0 for row in rows], dtype=np.int8),
        borough_codes=boroughs,
        area=np.array([row.area for row in rows]),
        cell=cell,
        ggd=np.array([row.ggd for row in rows]),
        postcode4=postcode,
        municipality_2021=np.array([row.codes[2021 - FIRST_CODE_YEAR] for row in rows]),
        weight=weight,
        cell_births_2015=births,
    )


def expected_live_births(
    regions: Regions, parameters: Mapping[str, Any], year: int, kept_share: float, live_births: float
) -> NDArray[np.float64]:
    """Expected live births of a year in each cell for the whole country, float64 (n_cells,).

    Args:
        kept_share: share of live births that belongs to the Regiobeeld population in that year (both exclusions).
        live_births: live births of the country in that year.

    Amsterdam's boroughs have the published size after exclusions, so they are divided by `kept_share`; the rest of the
    country is in proportion to the births of 2015.
    """
    city = parameters["regions"]["amsterdam"]
    steps = min(max(year, 2018), 2021) - 2021
    weights = {
        code: births * (1.0 + growth) ** (steps / 3.0)
        for code, births in city["borough_births_2021"].items()
        for growth in [city["borough_share_growth_2018_2021"][code]]
    }
    total = sum(weights.values())
    goal = city["regiobeeld_births"][year] / kept_share
    expected = regions.cell_births_2015 * 1.0
    first = regions.cell_start[:-1]
    for number, row in enumerate(first):
        if regions.borough[row] > 0:
            expected[number] = goal * weights[regions.borough_codes[regions.borough[row] - 1]] / total
    rest = regions.borough[first] == 0
    expected[rest] *= (live_births - expected[~rest].sum()) / expected[rest].sum()
    return expected
