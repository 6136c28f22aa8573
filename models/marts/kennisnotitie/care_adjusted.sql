with cells as (
    select * from {{ ref('int_kennisnotitie__care_adjusted_cells') }}
),

remark_labels as (
    {{ labels_of('remark') }}
),

{%- for dimension in cell_tables()['care_adjusted'].breakdown %}

{{ dimension }}_labels as (
    {{ labels_of(dimension) }}
),
{%- endfor %}

protected as (
    {{ protect_cells('cells', 'care_adjusted') }}
)

select
    protected.birth_year,
    protected.region_level,
    protected.region_code,
    protected.region_name,
    protected.life_years,
    life_years_labels.label as life_years_label,
    protected.care_type,
    care_type_labels.label as care_type_label,
    protected.vulnerable,
    vulnerable_labels.label as vulnerable_label,
    protected.adjustment,
    adjustment_labels.label as adjustment_label,
    protected.rounded_numerator as numerator,
    protected.rounded_denominator as denominator,
    {%- for measure, column in [
        ('share', 'percentage'), ('share_lower', 'percentage_lower'), ('share_upper', 'percentage_upper')
    ] %}
    {{ percentage_of_share('protected.' ~ measure, 'protected.rounded_denominator') }} as {{ column }},
    {%- endfor %}
    {%- for measure, column in [
        ('value', 'mean_euro'), ('value_lower', 'mean_euro_lower'), ('value_upper', 'mean_euro_upper'),
        ('relative', 'relative_percentage'), ('relative_lower', 'relative_percentage_lower'),
        ('relative_upper', 'relative_percentage_upper')
    ] %}
    case when not protected.is_hidden then round(protected.{{ measure }}) end as {{ column }},
    {%- endfor %}
    remark_labels.label as remark,
    protected.is_hidden
from protected
left join life_years_labels on protected.life_years = life_years_labels.code
left join care_type_labels on protected.care_type = care_type_labels.code
left join vulnerable_labels on protected.vulnerable = vulnerable_labels.code
left join adjustment_labels on protected.adjustment = adjustment_labels.code
left join remark_labels on protected.is_missing and remark_labels.code = 'no_weighting'
