with cells as (
    select * from {{ ref('int_regiobeeld__risk_growth_decomposition_cells') }}
),

definition_labels as (
    {{ labels_of('definition') }}
),

component_labels as (
    {{ labels_of('component') }}
),

protected as (
    {{ protect_cells('cells', 'risk_growth_decomposition') }}
)

select
    protected.birth_year,
    protected.region_level,
    protected.region_code,
    protected.region_name,
    protected.definition,
    definition_labels.label as definition_label,
    protected.component,
    component_labels.label as component_label,
    protected.rounded_numerator as numerator,
    protected.rounded_denominator as denominator,
    {{ percentage_from_rounded('protected.rounded_numerator', 'protected.rounded_denominator') }} as percentage,
    round(
        {{ percentage_from_rounded('protected.rounded_numerator', 'protected.rounded_denominator') }}
        - {{ percentage_from_rounded('first_year.rounded_numerator', 'first_year.rounded_denominator') }}, 1
    ) as change_percentage_points,
    {{ percentage_from_rounded(
        '(protected.rounded_numerator * first_year.rounded_denominator'
        ~ ' - first_year.rounded_numerator * protected.rounded_denominator)',
        '(first_year.rounded_numerator * protected.rounded_denominator)', 'first_year.rounded_numerator'
    ) }} as relative_change_percentage,
    protected.is_hidden
from protected
left join definition_labels on protected.definition = definition_labels.code
left join component_labels on protected.component = component_labels.code
left join protected as first_year
    on
        first_year.birth_year = {{ var('regiobeeld_first_year') }}
        and protected.region_level = first_year.region_level
        and protected.region_code = first_year.region_code
        and protected.definition = first_year.definition
        and protected.component = first_year.component
