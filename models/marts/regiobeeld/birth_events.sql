with cells as (
    select * from {{ ref('int_regiobeeld__birth_events_cells') }}
),

event_labels as (
    {{ labels_of('event') }}
),

counted_labels as (
    {{ labels_of('counted') }}
),

remark_labels as (
    {{ labels_of('remark') }}
),

protected as (
    {{ protect_cells('cells', 'birth_events') }}
)

select
    protected.birth_year,
    protected.region_level,
    protected.region_code,
    protected.region_name,
    protected.event,
    event_labels.label as event_label,
    protected.counted,
    counted_labels.label as counted_label,
    protected.rounded_numerator as numerator,
    protected.rounded_denominator as denominator,
    {{ per_1000_from_rounded('protected.rounded_numerator', 'protected.rounded_denominator') }} as per_1000,
    {{ one_in_from_rounded('protected.rounded_numerator', 'protected.rounded_denominator') }} as one_in,
    remark_labels.label as remark,
    protected.is_hidden
from protected
left join event_labels on protected.event = event_labels.code
left join counted_labels on protected.counted = counted_labels.code
left join remark_labels on protected.is_missing and remark_labels.code = 'birth_day_masked'
