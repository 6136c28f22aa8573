with cells as (
    select * from {{ ref('int_regiobeeld__birth_events_by_risk_cells') }}
),

event_labels as (
    {{ labels_of('event') }}
),

has_risk_factor_labels as (
    {{ labels_of('has_risk_factor') }}
),

remark_labels as (
    {{ labels_of('remark') }}
),

protected as (
    {{ protect_cells('cells', 'birth_events_by_risk') }}
)

select
    protected.birth_year,
    protected.region_level,
    protected.region_code,
    protected.region_name,
    protected.event,
    event_labels.label as event_label,
    protected.has_risk_factor,
    has_risk_factor_labels.label as has_risk_factor_label,
    protected.rounded_numerator as numerator,
    protected.rounded_denominator as denominator,
    {{ percentage_from_rounded('protected.rounded_numerator', 'protected.rounded_denominator') }} as percentage,
    remark_labels.label as remark,
    protected.is_hidden
from protected
left join event_labels on protected.event = event_labels.code
left join has_risk_factor_labels on protected.has_risk_factor = has_risk_factor_labels.code
left join remark_labels on protected.is_missing and remark_labels.code = 'birth_day_masked'
