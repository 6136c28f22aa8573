"""Hospital registers: declared products and care activities, written from the synthetic world."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pyarrow as pa

from kansrijke_start.synthetic import draws, text
from kansrijke_start.synthetic.population import year_of
from kansrijke_start.synthetic.world import World

YEARS = range(2016, 2024)


def _deliveries(world: World, year: int) -> np.ndarray:
    population = world.population
    with_mother = (population.event_mother >= 0) & (year_of(population.event_date) == year)
    return np.flatnonzero(with_mother)


def _links(world: World, event: np.ndarray, year: int) -> dict[str, pa.Array]:
    mother = world.population.event_mother[event]
    return {
        "rinpersoons": text.codes(np.zeros(len(event), dtype=np.int8), ["R"]),
        "rinpersoon": text.fixed_text(world.population.rin_digits[mother]),
        "vektmszkoppelidprestza": text.digits(draws.integers(world.seed, "msz/link", mother, 1, 5000), 6),
        "vektmszbeginjaarprest": text.codes(np.zeros(len(event), dtype=np.int8), [str(year)]),
    }


def mszprestatiesvekttab(world: World) -> Iterator[tuple[int, pa.Table]]:
    """Products of mothers around birth, by the year in which they began."""
    for year in YEARS:
        event = _deliveries(world, year)
        date = world.population.event_date[event]
        none = np.zeros(len(event), dtype=np.int8)
        yield (
            year,
            pa.table(
                _links(world, event, year)
                | {
                    "vektmszbegindatumprest": text.dates(date),
                    "vektmszeinddatumprest": text.dates(date + 42),
                    "vektmszaantalprest": np.ones(len(event), dtype=np.int64),
                    "vektmszdbczorgproduct": text.codes(none, ["990017023"]),
                    "vektmszspecialismediagnosecombinatie": text.codes(none, ["0307-11-00-SYG1"]),
                    "vektmszbehandelendspecialisme": text.codes(none, ["0307"]),
                    "vektmszsettingzpk": text.codes(none, ["3"]),
                    "vektmszdeclaratiecode": text.codes(none, ["15A001"]),
                    "vektmszvergoedbedragzvw": np.full(len(event), 1500.0),
                }
            ),
        )


def mszzorgactiviteitenvekttab(world: World) -> Iterator[tuple[int, pa.Table]]:
    """Care activities of these products, by the year in which the product began."""
    for year in YEARS:
        event = _deliveries(world, year)
        event = event[draws.uniform(world.seed, "msz/night", event) < 0.2]
        none = np.zeros(len(event), dtype=np.int8)
        yield (
            year,
            pa.table(
                _links(world, event, year)
                | {
                    "vektmszzorgactiviteit": text.codes(none, ["190200"]),
                    "vektmszzorgactiviteitdatum": text.dates(world.population.event_date[event]),
                    "vektmszaantalza": np.ones(len(event), dtype=np.int64),
                }
            ),
        )


REGISTERS: dict[str, Callable[[World], Iterator[tuple[int, pa.Table]]]] = {
    "MSZPRESTATIESVEKTTAB": mszprestatiesvekttab,
    "MSZZORGACTIVITEITENVEKTTAB": mszzorgactiviteitenvekttab,
}
"""The registers of this module by CBS component."""
