with cells as (
    select * from {{ ref('int_kennisnotitie__care_use_and_costs_cells') }}
),

care_type_labels as (
    {{ labels_of('care_type') }}
),

vulnerable_labels as (
    {{ labels_of('vulnerable') }}
),

remark_labels as (
    {{ labels_of('remark') }}
),

protected as (
    {{ protect_cells('cells', 'care_use_and_costs') }}
)

select
    cast(protected.life_year as integer) as life_year,
    protected.region_level,
    protected.region_code,
    protected.region_name,
    protected.care_type,
    care_type_labels.label as care_type_label,
    protected.vulnerable,
    vulnerable_labels.label as vulnerable_label,
    protected.rounded_numerator as numerator,
    protected.rounded_denominator as denominator,
    {{ percentage_from_rounded('protected.rounded_numerator', 'protected.rounded_denominator') }} as percentage,
    case when not protected.is_hidden then round(protected.value) end as mean_euro,
    remark_labels.label as remark,
    protected.is_hidden
from protected
left join care_type_labels on protected.care_type = care_type_labels.code
left join vulnerable_labels on protected.vulnerable = vulnerable_labels.code
left join remark_labels on protected.is_missing and remark_labels.code = 'no_model'
