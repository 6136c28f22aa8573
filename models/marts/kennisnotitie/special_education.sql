with cells as (
    select * from {{ ref('int_kennisnotitie__special_education_cells') }}
),

vulnerable_labels as (
    {{ labels_of('vulnerable') }}
),

remark_labels as (
    {{ labels_of('remark') }}
),

protected as (
    {{ protect_cells('cells', 'special_education') }}
)

select
    protected.birth_year + {{ var('special_education_age') }} as year,
    protected.region_level,
    protected.region_code,
    protected.region_name,
    protected.vulnerable,
    vulnerable_labels.label as vulnerable_label,
    protected.rounded_numerator as numerator,
    protected.rounded_denominator as denominator,
    {{ percentage_from_rounded('protected.rounded_numerator', 'protected.rounded_denominator') }} as percentage,
    remark_labels.label as remark,
    protected.is_hidden
from protected
left join vulnerable_labels on protected.vulnerable = vulnerable_labels.code
left join remark_labels on protected.is_missing and remark_labels.code = 'no_model'
