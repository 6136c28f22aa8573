with cells as (
    select * from {{ ref('int_regiobeeld__risk_factor_counts_cells') }}
),

risk_factor_count_labels as (
    {{ labels_of('risk_factor_count') }}
),

protected as (
    {{ protect_cells('cells', 'risk_factor_counts') }}
)

select
    protected.birth_year,
    protected.region_level,
    protected.region_code,
    protected.region_name,
    protected.risk_factor_count,
    risk_factor_count_labels.label as risk_factor_count_label,
    protected.rounded_numerator as numerator,
    protected.rounded_denominator as denominator,
    {{ percentage_from_rounded('protected.rounded_numerator', 'protected.rounded_denominator') }} as percentage,
    protected.is_hidden
from protected
left join risk_factor_count_labels on protected.risk_factor_count = risk_factor_count_labels.code
