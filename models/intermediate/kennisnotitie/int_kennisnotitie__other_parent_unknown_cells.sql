-- KN-17. Children of whom no other legal parent is known, by the label of their family.
{%- set cells = [
    ('yes', 'other_parent_id is null and is_multiply_vulnerable',
        'other_parent_id is null and is_multiply_vulnerable is not null'),
    ('no', 'other_parent_id is null and not is_multiply_vulnerable',
        'other_parent_id is null and is_multiply_vulnerable is not null'),
] %}
with births as (
    select * from {{ ref('int_kennisnotitie__births') }}
),

regions as (
    select * from {{ ref('int_kennisnotitie__regions') }}
),

counted as (
    {{ count_conditions('births', 'regions', 'other_parent_unknown', cells) }}
),

cells as (
    {{ count_cells('births', 'regions', 'other_parent_unknown', cells) }}
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
