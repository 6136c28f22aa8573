{%- set base = var('rounding_base') | int %}
with published as (
    {%- for table in [
        'risk_factors', 'risk_factor_counts', 'family_profile', 'risk_growth_decomposition', 'birth_events_by_risk',
        'maternity_care_use', 'maternity_care_by_background', 'psychosocial_care', 'risk_definitions_compared',
        'vulnerability_by_year', 'vulnerability_by_region', 'factor_trends', 'background_characteristics',
        'other_parent_unknown', 'care_use_and_costs', 'special_education', 'youth_care', 'youth_protection'
    ] %}
    select
        '{{ table }}' as table_name,
        numerator,
        denominator,
        percentage
    from {{ ref(table) }}
    {%- if table == 'maternity_care_use' %}
    where statistic = 'share'
    {%- endif %}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
)

select *
from published
where
    -- Nearest to the exact ratio among whole percents, or among tenths where a rounding step is at most 0.1 point.
    abs(percentage * denominator - 100 * numerator) * 2
    > denominator * case when {{ base }} * 1000 <= denominator then 0.1 else 1 end + 0.000001 * denominator
    or round(percentage, case when {{ base }} * 1000 <= denominator then 1 else 0 end) <> percentage
    or (percentage is null) <> (numerator is null or denominator = 0)
