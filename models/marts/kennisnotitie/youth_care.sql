with cells as (
    select * from {{ ref('int_kennisnotitie__youth_care_cells') }}
),

youth_help_labels as (
    {{ labels_of('youth_help') }}
),

age_labels as (
    {{ labels_of('age') }}
),

birth_order_labels as (
    {{ labels_of('birth_order') }}
),

vulnerable_labels as (
    {{ labels_of('vulnerable') }}
),

remark_labels as (
    {{ labels_of('remark') }}
),

protected as (
    {{ protect_cells('cells', 'youth_care') }}
)

select
    protected.birth_year + cast(protected.age as integer) as year,
    protected.region_level,
    protected.region_code,
    protected.region_name,
    protected.youth_help,
    youth_help_labels.label as youth_help_label,
    protected.age,
    age_labels.label as age_label,
    protected.birth_order,
    birth_order_labels.label as birth_order_label,
    protected.vulnerable,
    vulnerable_labels.label as vulnerable_label,
    protected.rounded_numerator as numerator,
    protected.rounded_denominator as denominator,
    {{ percentage_from_rounded('protected.rounded_numerator', 'protected.rounded_denominator') }} as percentage,
    remark_labels.label as remark,
    protected.is_hidden
from protected
left join youth_help_labels on protected.youth_help = youth_help_labels.code
left join age_labels on protected.age = age_labels.code
left join birth_order_labels on protected.birth_order = birth_order_labels.code
left join vulnerable_labels on protected.vulnerable = vulnerable_labels.code
left join remark_labels on protected.is_missing and remark_labels.code = 'no_model'
