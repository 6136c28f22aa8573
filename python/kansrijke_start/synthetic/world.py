"""Everything that the registers of one synthetic delivery are written from."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

    from kansrijke_start.synthetic.birth_outcomes import BirthOutcomes
    from kansrijke_start.synthetic.profiles import Profiles
    from kansrijke_start.synthetic.registers_hospital import Plan
    from kansrijke_start.synthetic.registers_income_care import Tables
    from kansrijke_start.synthetic.youth import Trajectories


@dataclass(frozen=True)
class World:
    """One synthetic world; every register is a view of it, so that registers agree with each other.

    Attributes:
        seed: whole number >= 0 that, with the name of a stream and an index, fixes every draw.
        fraction: share of the country's births, in (0, 1].
        scenario: name of the parameter scenario.
        parameters: what `parameters_loader` read for that scenario.
        population: people, births and parents.
        circumstances: risk patterns and yearly states of the families.
        lives: addresses, households, marital status and deaths.
        events: what happens around the births.
    """

    seed: int
    fraction: float
    scenario: str
    parameters: Any
    population: Any
    circumstances: Any
    lives: Any
    events: Any = None

    @cached_property
    def hospital(self) -> Plan:
        """Hospital products and activities, made when the first hospital register is written."""
        from kansrijke_start.synthetic import registers_hospital

        return registers_hospital.plan_of(self)

    @cached_property
    def income_and_care(self) -> Tables:
        """What every register on income, education, debts and care needs."""
        from kansrijke_start.synthetic import registers_income_care

        return registers_income_care.tables_of(self)

    @cached_property
    def profiles(self) -> Profiles:
        """Yearly states of work, safety and care of the adults."""
        from kansrijke_start.synthetic import profiles

        return profiles.Profiles(self)

    @cached_property
    def birth_outcomes(self) -> BirthOutcomes:
        """Outcomes of the births, as the perinatal registration knows them."""
        from kansrijke_start.synthetic import birth_outcomes

        return birth_outcomes.draw(self)

    @cached_property
    def youth(self) -> Trajectories:
        """Youth help and youth protection of the children."""
        from kansrijke_start.synthetic import youth

        return youth.draw(self)


RegisterTables = Callable[[World], Iterator[tuple[int, "pa.Table"]]]
"""Makes one register: yields (file year, rows); tables of the same year that follow each other belong together."""
