-- RB-03, RB-09..RB-12. Births by the number of their risk factors (0..4), with the sums 1+ and 3+, by year and region.
{%- set cells = [
    ('0', 'risk_factor_count = 0'),
    ('1', 'risk_factor_count = 1'),
    ('2', 'risk_factor_count = 2'),
    ('3', 'risk_factor_count = 3'),
    ('4', 'risk_factor_count = 4'),
    ('1+', 'risk_factor_count >= 1'),
    ('3+', 'risk_factor_count >= 3'),
] %}
with births as (
    select * from {{ ref('int_regiobeeld__births') }}
    where birth_year between {{ var('regiobeeld_first_year') }} and {{ var('regiobeeld_last_year') }}
),

regions as (
    select * from {{ ref('int_regiobeeld__regions') }}
),

counted as (
    {{ count_conditions('births', 'regions', 'risk_factor_counts', cells) }}
)

{{ count_cells('births', 'regions', 'risk_factor_counts', cells) }}
