with cells as (
    select * from {{ ref('int_kennisnotitie__factor_trends_cells') }}
),

factors as (
    select * from {{ ref('vulnerability_factors') }}
),

factor_values as (
    select * from {{ ref('vulnerability_factor_values') }}
),

kind_labels as (
    {{ labels_of('kind') }}
),

characteristic_labels as (
    {{ labels_of('characteristic') }}
),

category_labels as (
    {{ labels_of('category') }}
),

protected as (
    {{ protect_cells('cells', 'factor_trends') }}
)

select
    protected.birth_year,
    protected.region_level,
    protected.region_code,
    protected.region_name,
    protected.kind,
    kind_labels.label as kind_label,
    protected.characteristic,
    coalesce(factors.label_nl, characteristic_labels.label) as characteristic_label,
    protected.category,
    coalesce(factor_values.label_nl, category_labels.label) as category_label,
    protected.rounded_numerator as numerator,
    protected.rounded_denominator as denominator,
    {{ percentage_from_rounded('protected.rounded_numerator', 'protected.rounded_denominator') }} as percentage,
    protected.is_hidden
from protected
left join factors on protected.kind = 'factor' and protected.characteristic = factors.factor
left join factor_values
    on
        protected.kind = 'factor'
        and protected.characteristic = factor_values.factor
        and protected.category = cast(factor_values.value as varchar)
left join kind_labels on protected.kind = kind_labels.code
left join characteristic_labels
    on protected.kind = 'characteristic' and protected.characteristic = characteristic_labels.code
left join category_labels
    on
        (protected.kind = 'characteristic' or protected.category = 'unknown')
        and protected.category = category_labels.code
