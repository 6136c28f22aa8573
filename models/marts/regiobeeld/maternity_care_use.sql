with cells as (
    select * from {{ ref('int_regiobeeld__maternity_care_use_cells') }}
),

hospital_stay_labels as (
    {{ labels_of('hospital_stay') }}
),

maternity_care_class_labels as (
    {{ labels_of('maternity_care_class') }}
),

statistic_labels as (
    {{ labels_of('statistic') }}
),

protected as (
    {{ protect_cells('cells', 'maternity_care_use') }}
)

select
    protected.birth_year,
    protected.region_level,
    protected.region_code,
    protected.region_name,
    protected.hospital_stay,
    hospital_stay_labels.label as hospital_stay_label,
    protected.maternity_care_class,
    maternity_care_class_labels.label as maternity_care_class_label,
    protected.statistic,
    statistic_labels.label as statistic_label,
    protected.rounded_numerator as numerator,
    protected.rounded_denominator as denominator,
    case
        when protected.statistic = 'share'
            then {{ percentage_from_rounded('protected.rounded_numerator', 'protected.rounded_denominator') }}
    end as percentage,
    case when not protected.is_hidden then round(protected.value, 1) end as mean_hours,
    protected.is_hidden
from protected
left join hospital_stay_labels on protected.hospital_stay = hospital_stay_labels.code
left join maternity_care_class_labels on protected.maternity_care_class = maternity_care_class_labels.code
left join statistic_labels on protected.statistic = statistic_labels.code
