with cells as (
    select * from {{ ref('int_regiobeeld__risk_factor_counts_cells') }}
),

number_of_risk_factors_labels as (
    {{ labels_of('number_of_risk_factors') }}
),

protected as (
    {{ protect_cells('cells', 'risk_factor_counts') }}
)

select
    protected.birth_year,
    protected.region_level,
    protected.region_code,
    protected.region_name,
    protected.number_of_risk_factors,
    number_of_risk_factors_labels.label as number_of_risk_factors_label,
    protected.rounded_numerator as numerator,
    protected.rounded_denominator as denominator,
    {{ percentage_from_rounded('protected.rounded_numerator', 'protected.rounded_denominator') }} as percentage,
    protected.is_hidden
from protected
left join number_of_risk_factors_labels on protected.number_of_risk_factors = number_of_risk_factors_labels.code
