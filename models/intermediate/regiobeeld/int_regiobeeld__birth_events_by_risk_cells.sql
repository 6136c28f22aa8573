-- RB-18. Children with an event around birth, split by whether their family has a risk factor, by year and region; all
-- births beside them. Where the register masks the birth days there is no number for neonatal death.
{%- set cells = [] %}
{%- for event, condition in [
    ('neonatal_death', 'died_within_28_days'),
    ('preterm_under_26', 'is_preterm_under_26'),
    ('preterm_26_32', 'is_preterm_26_32'),
    ('preterm_under_32', 'is_preterm_under_32'),
    ('nicu', 'has_nicu_stay'),
    ('picu', 'has_picu_stay'),
    ('all_births', 'true'),
] %}
{%- do cells.append((event, 'with', condition ~ ' and risk_factor_count >= 1', condition)) %}
{%- do cells.append((event, 'without', condition ~ ' and risk_factor_count = 0', condition)) %}
{%- endfor %}
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
    {{ count_conditions('births', 'regions', 'birth_events_by_risk', cells) }}
),

cells as (
    {{ count_cells('births', 'regions', 'birth_events_by_risk', cells) }}
),

judged as (
    select
        cells.*,
        cells.event = 'neonatal_death' and coalesce(date_precision.is_birth_day_masked, false) as is_missing
    from cells
    left join date_precision on cells.birth_year = date_precision.birth_year
)

select
    birth_year,
    region_level,
    region_code,
    region_name,
    event,
    has_risk_factor,
    case when not is_missing then numerator end as numerator,
    case when not is_missing then denominator end as denominator,
    is_missing
from judged
