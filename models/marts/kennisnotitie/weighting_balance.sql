with cells as (
    select * from {{ ref('int_kennisnotitie__weighting_balance_cells') }}
),

{%- for dimension in ['covariate', 'level', 'estimand'] %}

{{ dimension }}_labels as (
    {{ labels_of(dimension) }}
),
{%- endfor %}

protected as (
    {{ protect_cells('cells', 'weighting_balance') }}
)

select
    protected.birth_year,
    protected.region_level,
    protected.region_code,
    protected.region_name,
    protected.covariate,
    covariate_labels.label as covariate_label,
    protected.level,
    level_labels.label as level_label,
    protected.estimand,
    estimand_labels.label as estimand_label,
    protected.is_weighted,
    protected.is_in_propensity,
    protected.rounded_numerator as numerator,
    protected.rounded_denominator as denominator,
    {%- for measure in ['standardised_difference', 'largest_standardised_difference', 'variance_ratio'] %}
    case when not protected.is_hidden then round(protected.{{ measure }}, 3) end as {{ measure }},
    {%- endfor %}
    protected.is_hidden
from protected
left join covariate_labels on protected.covariate = covariate_labels.code
left join level_labels on protected.level = level_labels.code
left join estimand_labels on protected.estimand = estimand_labels.code
