with cells as (
    select * from {{ ref('int_regiobeeld__risk_factors_cells') }}
),

risk_factor_labels as (
    {{ labels_of('risk_factor') }}
),

part_labels as (
    {{ labels_of('part') }}
),

protected as (
    {{ protect_cells('cells', 'risk_factors') }}
)

select
    protected.birth_year,
    protected.region_level,
    protected.region_code,
    protected.region_name,
    protected.risk_factor,
    risk_factor_labels.label as risk_factor_label,
    protected.part,
    part_labels.label as part_label,
    protected.rounded_numerator as numerator,
    protected.rounded_denominator as denominator,
    {{ percentage_from_rounded('protected.rounded_numerator', 'protected.rounded_denominator') }} as percentage,
    protected.is_hidden
from protected
left join risk_factor_labels on protected.risk_factor = risk_factor_labels.code
left join part_labels on protected.part = part_labels.code
