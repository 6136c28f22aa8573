-- KN-12. Children in special (primary) education up to and including the calendar year of their fifth birthday, by that
-- year and label.
{%- set cells = [
    ('yes', 'has_special_education and is_multiply_vulnerable',
        'has_special_education is not null and is_multiply_vulnerable'),
    ('no', 'has_special_education and not is_multiply_vulnerable',
        'has_special_education is not null and not is_multiply_vulnerable'),
] %}
with births as (
    select
        births.birth_id,
        births.birth_year,
        births.is_first_born,
        births.is_multiply_vulnerable,
        children.has_special_education
    from {{ ref('int_social_domain__children') }} as children
    inner join {{ ref('int_kennisnotitie__births') }} as births on children.birth_id = births.birth_id
),

regions as (
    select * from {{ ref('int_kennisnotitie__regions') }}
),

counted as (
    {{ count_conditions('births', 'regions', 'special_education', cells) }}
),

cells as (
    {{ count_cells('births', 'regions', 'special_education', cells) }}
),

scored as (
    select count(is_multiply_vulnerable) > 0 as has_scores
    from births
)

select
    cells.birth_year,
    cells.region_level,
    cells.region_code,
    cells.region_name,
    cells.vulnerable,
    case when scored.has_scores then cells.numerator end as numerator,
    case when scored.has_scores then cells.denominator end as denominator,
    not scored.has_scores as is_missing
from cells
cross join scored
