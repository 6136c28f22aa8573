with cells as (
    select * from {{ ref('int_kennisnotitie__total_costs_first_years_cells') }}
),

life_years_labels as (
    {{ labels_of('life_years') }}
),

vulnerable_labels as (
    {{ labels_of('vulnerable') }}
),

remark_labels as (
    {{ labels_of('remark') }}
),

protected as (
    {{ protect_cells('cells', 'total_costs_first_years') }}
)

select
    protected.birth_year,
    protected.region_level,
    protected.region_code,
    protected.region_name,
    protected.life_years,
    life_years_labels.label as life_years_label,
    protected.vulnerable,
    vulnerable_labels.label as vulnerable_label,
    protected.rounded_numerator as numerator,
    protected.rounded_denominator as denominator,
    case when not protected.is_hidden then round(protected.value) end as mean_euro,
    remark_labels.label as remark,
    protected.is_hidden
from protected
left join life_years_labels on protected.life_years = life_years_labels.code
left join vulnerable_labels on protected.vulnerable = vulnerable_labels.code
left join remark_labels on protected.is_missing and remark_labels.code = 'no_model'
