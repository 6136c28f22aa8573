"""Registers on work, youth care, safety and the living environment, written from the social states of the families."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pyarrow as pa

from kansrijke_start.registers.catalogue import load_catalogue
from kansrijke_start.synthetic.world import World

Tables = Iterator[tuple[int, pa.Table]]


def _without_rows(component: str) -> Callable[[World], Tables]:
    def make(_: World) -> Tables:
        register = load_catalogue().registers[component.lower()]
        for year in register.file_years:
            columns = [column for column in register.columns_expanded() if column.expected_in(year)]
            yield year, pa.table({column.name: pa.array([], column.arrow_type) for column in columns})

    return make


REGISTERS: dict[str, Callable[[World], Tables]] = {
    component: _without_rows(component)
    for component in (
        "SPOLISBUS",
        "RDWNPACTTAB",
        "NABIJHEIDZORGTAB",
        "SLOTAB",
        "VERDTAB",
        "GEDETINEERDENTAB",
        "JGDHULPBUS",
        "JGDBESCHERMBUS",
        "GGZDBCTRAJECTENTAB",
        "GGZDBCDIAGNOSETAB",
        "GGZDBCTRAJECTENHOOFDDIAGTAB",
        "GGZDBCDIAGNOSEHOOFDDIAGTAB",
    )
}
"""The registers of this module by CBS component."""
