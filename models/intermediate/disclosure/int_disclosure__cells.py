"""Cells that are hidden so that nothing small can be found out, with the proof of each."""

from kansrijke_start.disclosure.steps import protected_cells


def model(dbt, session):
    return protected_cells(
        rows=dbt.ref("int_disclosure__rows"),
        equations=dbt.ref("int_disclosure__equations"),
        minimum=int(dbt.config.meta_get("minimum")),
        hides_all_above=float(dbt.config.meta_get("hides_all_above")),
    )
