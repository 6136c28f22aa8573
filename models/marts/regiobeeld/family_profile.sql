with cells as (
    select * from {{ ref('int_regiobeeld__family_profile_cells') }}
),

characteristic_labels as (
    {{ labels_of('characteristic') }}
),

category_labels as (
    {{ labels_of('category') }}
),

statistic_labels as (
    {{ labels_of('statistic') }}
),

protected as (
    {{ protect_cells('cells', 'family_profile') }}
)

select
    protected.birth_year,
    protected.region_level,
    protected.region_code,
    protected.region_name,
    protected.characteristic,
    characteristic_labels.label as characteristic_label,
    protected.category,
    category_labels.label as category_label,
    protected.statistic,
    statistic_labels.label as statistic_label,
    protected.rounded_numerator as numerator,
    protected.rounded_denominator as denominator,
    {{ percentage_from_rounded('protected.rounded_numerator', 'protected.rounded_denominator') }} as percentage,
    case when not protected.is_hidden then protected.value end as value,
    protected.is_hidden
from protected
left join characteristic_labels on protected.characteristic = characteristic_labels.code
left join category_labels on protected.category = category_labels.code
left join statistic_labels on protected.statistic = statistic_labels.code
