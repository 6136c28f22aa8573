-- RB-31, RB-32. Births by the number of risk factors in the clustering of the Regiobeeld 2017-2018 and in that of
-- today, by year from 2017 on and region. Old: single parent, income below the threshold (without social assistance),
-- mental health problem of a parent, chronic illness of a parent. As in the new one, an unknown factor does not count.
{%- set cells = [] %}
{%- for clustering, risk_count in [('old', 'old_risk_factor_count'), ('new', 'risk_factor_count')] %}
{%- for number, condition in [
    ('0', '= 0'), ('1', '= 1'), ('2', '= 2'), ('3', '= 3'), ('4', '= 4'), ('1+', '>= 1'), ('3+', '>= 3')
] %}
{%- do cells.append((clustering, number, risk_count ~ ' ' ~ condition)) %}
{%- endfor %}
{%- endfor %}
with regiobeeld_births as (
    select * from {{ ref('int_regiobeeld__births') }}
    where
        birth_year between {{ var('regiobeeld_population_first_year') }} and {{ var('regiobeeld_last_year') }}
),

chronic_illness as (
    select
        birth_id,
        has_chronic_illness
    from {{ ref('int_risk_factors__chronic_illness') }}
),

births as (
    select
        regiobeeld_births.birth_year,
        regiobeeld_births.municipality_code,
        regiobeeld_births.risk_factor_count,
        {{ count_true([
            'regiobeeld_births.is_single_parent', 'regiobeeld_births.has_income_below_120',
            'regiobeeld_births.has_mental_health_problem', 'chronic_illness.has_chronic_illness'
        ]) }} as old_risk_factor_count
    from regiobeeld_births
    left join chronic_illness on regiobeeld_births.birth_id = chronic_illness.birth_id
),

regions as (
    select * from {{ ref('int_regiobeeld__regions') }}
),

counted as (
    {{ count_conditions('births', 'regions', 'risk_definitions_compared', cells) }}
)

{{ count_cells('births', 'regions', 'risk_definitions_compared', cells) }}
