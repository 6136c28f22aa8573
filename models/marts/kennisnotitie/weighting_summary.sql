with cells as (
    select * from {{ ref('int_kennisnotitie__weighting_summary_cells') }}
),

estimand_labels as (
    {{ labels_of('estimand') }}
),

vulnerable_labels as (
    {{ labels_of('vulnerable') }}
),

protected as (
    {{ protect_cells('cells', 'weighting_summary') }}
)

select
    protected.birth_year,
    protected.region_level,
    protected.region_code,
    protected.region_name,
    protected.estimand,
    estimand_labels.label as estimand_label,
    protected.vulnerable,
    vulnerable_labels.label as vulnerable_label,
    protected.rounded_numerator as numerator,
    protected.rounded_denominator as denominator,
    {{ percentage_from_rounded('protected.rounded_numerator', 'protected.rounded_denominator') }} as percentage,
    case
        when not protected.is_hidden
            then cast({{ round_to_base('cast(round(protected.effective_sample_size) as bigint)') }} as double)
    end as effective_sample_size,
    {%- for measure in ['weight_minimum', 'weight_maximum', 'weight_p99'] %}
    case when not protected.is_hidden then round(protected.{{ measure }}, 2) end as {{ measure }},
    {%- endfor %}
    case when not protected.is_hidden then round(100 * protected.share_truncated, 1) end as truncated_percentage,
    {%- for measure in ['largest_difference_raw', 'largest_difference_weighted'] %}
    case when not protected.is_hidden then round(protected.{{ measure }}, 3) end as {{ measure }},
    {%- endfor %}
    protected.is_hidden
from protected
left join estimand_labels on protected.estimand = estimand_labels.code
left join vulnerable_labels on protected.vulnerable = vulnerable_labels.code
