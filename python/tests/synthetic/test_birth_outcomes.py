"""Outcomes of births agree with the events around them, with each other and with their shares."""

from __future__ import annotations

import numpy as np
import pytest
from income_care_world import world

from kansrijke_start.synthetic.birth_events import PRETERM_26_32, PRETERM_UNDER_26

# One worker builds the world, once.
pytestmark = pytest.mark.xdist_group("income_care_world")

OF_CHILDREN = {
    "small_for_gestational_age": "is_small",
    "low_apgar": "has_low_apgar",
    "congenital_anomaly": "has_anomaly",
}
OF_DELIVERIES = {
    "caesarean": "is_caesarean",
    "referral": "is_referred",
    "haemorrhage": "has_haemorrhage",
    "episiotomy": "has_episiotomy",
    "epidural": "has_epidural",
    "severe_rupture": "has_severe_rupture",
}


def test_gestational_age_is_that_of_the_events() -> None:
    here = world()
    outcomes, events, births = here.birth_outcomes, here.events, here.population.births
    days, live = outcomes.gestation_days, births.is_live
    assert (days[events.preterm == PRETERM_UNDER_26] < 26 * 7).all()
    early = days[events.preterm == PRETERM_26_32]
    assert early.min() >= 26 * 7 and early.max() < 32 * 7
    rest = days[live & (events.preterm == 0)]
    assert rest.min() >= 32 * 7 and rest.max() < 43 * 7
    known = ~live & (births.gestation_weeks != 99)
    assert (days[known] // 7 == births.gestation_weeks[known]).all()
    assert (days[~live & ~known] == -1).all()
    assert (outcomes.is_preterm == ((days >= 0) & (days < 37 * 7))).all()
    admitted = np.zeros(len(births), dtype=bool)
    admitted[events.nicu.birth[events.nicu.first_day <= 28]] = True
    assert (outcomes.has_intensive_care == admitted).all()


def test_outcomes_agree_with_each_other() -> None:
    here = world()
    outcomes, births = here.birth_outcomes, here.population.births
    live = births.is_live
    assert (outcomes.is_small[live] == (outcomes.weight_percentile[live] < 10)).all()
    assert not (outcomes.is_caesarean & ~outcomes.is_hospital_birth).any()
    assert not (outcomes.has_epidural & ~outcomes.is_hospital_birth).any()
    assert not (outcomes.is_caesarean & (outcomes.has_episiotomy | outcomes.has_severe_rupture)).any()
    assert outcomes.is_hospital_birth[(here.events.mother_nights > 0)[births.event]].all()
    lead = here.population.event_first_birth[births.event]
    for name in (*OF_DELIVERIES.values(), "is_hospital_birth"):
        values = getattr(outcomes, name)
        assert (values == values[lead]).all(), name
    # What goes with a birth before term.
    late = outcomes.is_preterm & live
    assert outcomes.weight[late].mean() < 0.85 * outcomes.weight[live & ~late].mean()
    assert births.is_multiple[late].mean() > 4 * births.is_multiple[live & ~late].mean()


def test_shares_are_those_of_labelled_births() -> None:
    here = world()
    outcomes, births = here.birth_outcomes, here.population.births
    label = here.parameters["children.label"]
    wanted = here.parameters["children.outcomes"]
    labelled = np.where(outcomes.vulnerable, label["inside"], label["outside"])
    first = np.zeros(len(births), dtype=bool)
    first[here.population.event_first_birth] = True
    for names, rows in ((OF_CHILDREN, births.is_live), (OF_DELIVERIES, first)):
        for name, attribute in names.items():
            has = getattr(outcomes, attribute)[rows]
            for weights, share in zip((labelled[rows], 1 - labelled[rows]), wanted[name], strict=True):
                assert np.average(has, weights=weights) == pytest.approx(share, abs=0.002), name
