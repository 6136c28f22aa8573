with cells as (
    select * from {{ ref('int_regiobeeld__births_cells') }}
),

protected as (
    {{ protect_cells('cells', 'births') }}
)

select
    protected.birth_year,
    protected.region_level,
    protected.region_code,
    protected.region_name,
    protected.rounded_numerator as numerator,
    protected.rounded_denominator as denominator,
    {{ percentage_from_rounded(
        '(protected.rounded_numerator - protected.rounded_denominator)', 'protected.rounded_denominator'
    ) }} as growth_percentage,
    protected.is_hidden
from protected
