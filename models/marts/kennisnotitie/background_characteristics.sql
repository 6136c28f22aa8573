with cells as (
    select * from {{ ref('int_kennisnotitie__background_characteristics_cells') }}
),

remark_labels as (
    {{ labels_of('remark') }}
),

{%- for dimension in cell_tables()['background_characteristics'].breakdown %}

{{ dimension }}_labels as (
    {{ labels_of(dimension) }}
),
{%- endfor %}

protected as (
    {{ protect_cells('cells', 'background_characteristics') }}
)

select
    protected.birth_year,
    protected.region_level,
    protected.region_code,
    protected.region_name,
    protected.parent,
    parent_labels.label as parent_label,
    protected.vulnerable,
    vulnerable_labels.label as vulnerable_label,
    protected.characteristic,
    characteristic_labels.label as characteristic_label,
    protected.category,
    category_labels.label as category_label,
    protected.basis,
    basis_labels.label as basis_label,
    protected.rounded_numerator as numerator,
    protected.rounded_denominator as denominator,
    {{ percentage_from_rounded('protected.rounded_numerator', 'protected.rounded_denominator') }} as percentage,
    remark_labels.label as remark,
    protected.is_hidden
from protected
left join parent_labels on protected.parent = parent_labels.code
left join vulnerable_labels on protected.vulnerable = vulnerable_labels.code
left join characteristic_labels on protected.characteristic = characteristic_labels.code
left join category_labels on protected.category = category_labels.code
left join basis_labels on protected.basis = basis_labels.code
left join remark_labels on protected.is_missing and remark_labels.code = 'no_model'
