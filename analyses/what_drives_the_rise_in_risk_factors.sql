-- A-04: the rise in births with a risk factor in Amsterdam since the first year, by component, and what is left of it
-- without social assistance and without Tozo.
select
    birth_year,
    definition_label,
    component_label,
    percentage,
    change_percentage_points
from {{ ref('risk_growth_decomposition') }}
where region_code = '{{ var("city_municipality_code") }}'
order by definition, birth_year, component
