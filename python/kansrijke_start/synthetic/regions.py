"""Regions of the synthetic world: one row a neighbourhood, with its codes in every year 2015-2023."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FIRST_CODE_YEAR = 2015
LAST_CODE_YEAR = 2023


@dataclass(frozen=True)
class Regions:
    """All neighbourhoods; a region is an int16 row number. Arrays have shape (n,) unless stated.

    Rows are ordered by GGD region (Amsterdam's first), municipality (Amsterdam first), borough, area, district and
    neighbourhood, so that systematic rounding keeps every level near its expectation.

    Attributes:
        municipality, district, neighbourhood: text codes without letters as in VSLGWBTAB, shape (n, 9), one column for
            each year 2015..2023: '0363', '036300', '03630000'.
        is_amsterdam: bool, municipality GM0363 in the classification of 2021 (without Weesp).
        borough: int8, 0 outside Amsterdam, else 1 + index into `borough_codes`.
        borough_codes: ('A', 'B', 'E', 'F', 'K', 'M', 'N', 'T').
        area: text, gebied code of 2021 ('DX01'), '' outside Amsterdam.
        cell: int16, number of the planning cell: each borough of Amsterdam, each municipality(-part) elsewhere.
        ggd: text, GGD region of 2021.
        postcode4: text, synthetic postal code.
        municipality_2021: text with prefix, 'GM0363'.
        weight: float64, share of the births of its cell.
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

    def __len__(self) -> int:
        return len(self.cell)
