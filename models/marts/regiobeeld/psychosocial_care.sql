with cells as (
    select * from {{ ref('int_regiobeeld__psychosocial_care_cells') }}
),

cohort_labels as (
    {{ labels_of('cohort') }}
),

age_window_labels as (
    {{ labels_of('age_window') }}
),

condition_labels as (
    {{ labels_of('condition') }}
),

maternity_care_class_labels as (
    {{ labels_of('maternity_care_class') }}
),

caveat_labels as (
    select label
    from ({{ labels_of('caveat') }}) as caveats
    where code = 'no_direct_effect'
),

protected as (
    {{ protect_cells('cells', 'psychosocial_care') }}
)

select
    protected.birth_year,
    protected.region_level,
    protected.region_code,
    protected.region_name,
    protected.cohort,
    cohort_labels.label as cohort_label,
    protected.age_window,
    age_window_labels.label as age_window_label,
    protected.condition,
    condition_labels.label as condition_label,
    protected.maternity_care_class,
    maternity_care_class_labels.label as maternity_care_class_label,
    protected.rounded_numerator as numerator,
    protected.rounded_denominator as denominator,
    {{ percentage_from_rounded('protected.rounded_numerator', 'protected.rounded_denominator') }} as percentage,
    caveat_labels.label as caveat,
    protected.is_hidden
from protected
left join cohort_labels on protected.cohort = cohort_labels.code
left join age_window_labels on protected.age_window = age_window_labels.code
left join condition_labels on protected.condition = condition_labels.code
left join maternity_care_class_labels on protected.maternity_care_class = maternity_care_class_labels.code
cross join caveat_labels
