-- RB-03, RB-05, A-04. Births with at least one risk factor, split into those that have one factor only (by factor) and
-- those that have several, under three definitions of low income. The components of a definition exclude one another
-- and add up to `any`; so do their changes over the years: what a component adds to the change is its own change.
{%- set definitions = [
    ('stated', 'risk_factor_count', 'is_low_income'),
    ('without_social_assistance', 'risk_factor_count_without_social_assistance', 'has_income_below_120'),
    ('excluding_tozo', 'risk_factor_count_excluding_tozo', 'is_low_income_excluding_tozo'),
] %}
{%- set factors = [
    ('single_parent', 'is_single_parent'),
    ('debt', 'has_debt'),
    ('mental_health', 'has_mental_health_problem'),
] %}
{%- set cells = [] %}
{%- for definition, risk_count, low_income in definitions %}
{%- do cells.append((definition, 'any', risk_count ~ ' >= 1')) %}
{%- for factor, flag in [('low_income', low_income)] + factors %}
{%- do cells.append((definition, 'only_' ~ factor, risk_count ~ ' = 1 and ' ~ flag)) %}
{%- endfor %}
{%- do cells.append((definition, 'several', risk_count ~ ' >= 2')) %}
{%- endfor %}
with births as (
    select * from {{ ref('int_regiobeeld__births') }}
    where birth_year between {{ var('regiobeeld_first_year') }} and {{ var('regiobeeld_last_year') }}
),

regions as (
    select * from {{ ref('int_regiobeeld__regions') }}
),

counted as (
    {{ count_conditions('births', 'regions', 'risk_growth_decomposition', cells) }}
)

{{ count_cells('births', 'regions', 'risk_growth_decomposition', cells) }}
