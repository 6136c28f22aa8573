with cells as (
    select * from {{ ref('int_kennisnotitie__latent_classes_cells') }}
),

factors as (
    select * from {{ ref('vulnerability_factors') }}
),

factor_values as (
    select * from {{ ref('vulnerability_factor_values') }}
),

item_labels as (
    {{ labels_of('survey_item') }}
),

item_value_labels as (
    {{ labels_of('survey_item_value') }}
),

protected as (
    {{ protect_cells('cells', 'latent_classes') }}
),

rounded as (
    select
        *,
        {{ round_to_base('class_respondents') }} as rounded_class_respondents,
        {{ round_to_base('respondents') }} as rounded_respondents
    from protected
)

select
    rounded.birth_year,
    rounded.region_level,
    rounded.region_code,
    rounded.region_name,
    rounded.item,
    coalesce(factors.label_nl, item_labels.label) as item_label,
    rounded.item_value,
    coalesce(factor_values.label_nl, item_value_labels.label) as item_value_label,
    rounded.class,
    case when rounded.is_vulnerable_class then 'meervoudig kwetsbaar' else 'klasse ' || rounded.class end
        as class_label,
    rounded.rounded_numerator as numerator,
    rounded.rounded_denominator as denominator,
    {{ percentage_from_rounded('rounded.rounded_numerator', 'rounded.rounded_denominator') }} / 100 as probability,
    case
        when not rounded.is_hidden
            then {{ percentage_from_rounded('rounded.rounded_class_respondents', 'rounded.rounded_respondents') }}
    end as class_share,
    rounded.is_hidden
from rounded
left join factors on rounded.item = factors.factor
left join factor_values
    on rounded.item = factor_values.factor and rounded.item_value = cast(factor_values.value as varchar)
left join item_labels on rounded.item = item_labels.code
left join item_value_labels on rounded.item || '=' || rounded.item_value = item_value_labels.code
