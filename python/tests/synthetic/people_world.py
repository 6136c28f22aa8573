"""One small world of people for the tests, made once a process."""

from __future__ import annotations

import functools
from types import SimpleNamespace

import numpy as np

from kansrijke_start.synthetic import draws, lives, population
from kansrijke_start.synthetic.world import World

FRACTION = 0.01


@functools.cache
def people(seed: int = 2024, fraction: float = FRACTION) -> population.Population:
    """Population of a seed and fraction."""
    return population.build(population.load_parameters(), fraction, seed)


@functools.cache
def world(seed: int = 2024, fraction: float = FRACTION) -> World:
    """World whose circumstances hold only what lives depend on.

    One-parent households: 75 % when the other parent is unknown, else 5 %; a low income: 10 %; classes: as published.
    """
    pop = people(seed, fraction)
    u = draws.uniform(seed, "test/single parent", np.arange(pop.n_events))
    single = u < np.where(pop.event_other_parent < 0, 0.75, 0.05)
    latent = np.searchsorted([0.07, 0.18, 0.28, 0.52], draws.uniform(seed, "test/class", pop.event_mother + 1))
    low = draws.uniform(seed, "test/low income", np.arange(pop.n_events)) < 0.10
    circumstances = SimpleNamespace(single_parent=single, latent_class=latent.astype(np.int8), below_120=low)
    parameters = population.load_parameters()
    return World(
        seed=seed,
        fraction=fraction,
        scenario="default",
        parameters=parameters,
        population=pop,
        circumstances=circumstances,
        lives=lives.build(pop, circumstances, parameters, seed),
    )
