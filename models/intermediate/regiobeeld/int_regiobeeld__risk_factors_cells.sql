-- RB-03..RB-08. Births with a risk factor, or with a part of it, by year and region.
-- A birth counts when the flag is true; an unknown flag (null) is not a risk factor but stays in the denominator.
-- The parts of low income overlap; those of debt exclude one another and add up to its total.
{%- set cells = [
    ('low_income', 'total', 'is_low_income'),
    ('low_income', 'income_below_threshold', 'has_income_below_120'),
    ('low_income', 'social_assistance', 'has_social_assistance'),
    ('single_parent', 'total', 'is_single_parent'),
    ('debt', 'total', 'has_debt'),
    ('debt', 'wsnp', "debt_type = 'wsnp'"),
    ('debt', 'premium_default', "debt_type = 'default'"),
    ('debt', 'problematic_debt', "debt_type = 'problematic'"),
    ('mental_health', 'total', 'has_mental_health_problem'),
    ('any', 'total', 'risk_factor_count >= 1'),
] %}
with births as (
    select * from {{ ref('int_regiobeeld__births') }}
    where birth_year between {{ var('regiobeeld_first_year') }} and {{ var('regiobeeld_last_year') }}
),

regions as (
    select * from {{ ref('int_regiobeeld__regions') }}
),

counted as (
    {{ count_conditions('births', 'regions', 'risk_factors', cells) }}
)

{{ count_cells('births', 'regions', 'risk_factors', cells) }}
