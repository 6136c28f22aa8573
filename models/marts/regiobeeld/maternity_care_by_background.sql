with cells as (
    select * from {{ ref('int_regiobeeld__maternity_care_by_background_cells') }}
),

background_labels as (
    {{ labels_of('background') }}
),

category_labels as (
    {{ labels_of('category') }}
),

maternity_care_class_labels as (
    {{ labels_of('maternity_care_class') }}
),

direction_labels as (
    {{ labels_of('direction') }}
),

protected as (
    {{ protect_cells('cells', 'maternity_care_by_background') }}
)

select
    protected.birth_year,
    protected.region_level,
    protected.region_code,
    protected.region_name,
    protected.background,
    background_labels.label as background_label,
    protected.category,
    category_labels.label as category_label,
    protected.maternity_care_class,
    maternity_care_class_labels.label as maternity_care_class_label,
    protected.direction,
    direction_labels.label as direction_label,
    protected.rounded_numerator as numerator,
    protected.rounded_denominator as denominator,
    {{ percentage_from_rounded('protected.rounded_numerator', 'protected.rounded_denominator') }} as percentage,
    protected.is_hidden
from protected
left join background_labels on protected.background = background_labels.code
left join category_labels on protected.category = category_labels.code
left join maternity_care_class_labels on protected.maternity_care_class = maternity_care_class_labels.code
left join direction_labels on protected.direction = direction_labels.code
