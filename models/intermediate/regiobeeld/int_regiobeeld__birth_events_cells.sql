-- RB-13..RB-17. Children with an event around birth, and admissions to an intensive care unit, by year and region.
-- Where the register masks the birth days, days between birth and death cannot be counted: no number at all.
{%- set cells = [
    ('neonatal_death', 'children', 'died_within_28_days'),
    ('preterm_under_26', 'children', 'is_preterm_under_26'),
    ('preterm_26_32', 'children', 'is_preterm_26_32'),
    ('preterm_under_32', 'children', 'is_preterm_under_32'),
    ('nicu', 'children', 'has_nicu_stay'),
    ('nicu', 'admissions', 'sum(nicu_admissions)'),
    ('picu', 'children', 'has_picu_stay'),
    ('picu', 'admissions', 'sum(picu_admissions)'),
] %}
with births as (
    select * from {{ ref('int_regiobeeld__birth_events') }}
    where birth_year between {{ var('regiobeeld_first_year') }} and {{ var('regiobeeld_last_year') }}
),

regions as (
    select * from {{ ref('int_regiobeeld__regions') }}
),

date_precision as (
    select * from {{ ref('int_births__date_precision') }}
),

counted as (
    {{ count_conditions('births', 'regions', 'birth_events', cells) }}
),

cells as (
    {{ count_cells('births', 'regions', 'birth_events', cells) }}
)

select
    cells.birth_year,
    cells.region_level,
    cells.region_code,
    cells.region_name,
    cells.event,
    cells.counted,
    case
        when not (cells.event = 'neonatal_death' and coalesce(date_precision.is_birth_day_masked, false))
            then cells.numerator
    end as numerator,
    cells.denominator,
    cells.event = 'neonatal_death' and coalesce(date_precision.is_birth_day_masked, false) as is_missing
from cells
left join date_precision on cells.birth_year = date_precision.birth_year
