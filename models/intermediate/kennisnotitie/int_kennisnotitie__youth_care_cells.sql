-- KN-13, KN-14, KN-16. Children with youth help, with and without a stay away from home, up to and including the
-- calendar year of their second or fifth birthday, by that year and label; all children, and the first-born apart.
{%- set groups = [
    ('all', 'yes', 'is_multiply_vulnerable'),
    ('all', 'no', 'not is_multiply_vulnerable'),
    ('first_born', 'yes', 'is_first_born and is_multiply_vulnerable'),
    ('first_born', 'no', 'is_first_born and not is_multiply_vulnerable'),
] %}
{%- set cells = [] %}
{%- for youth_help in ['without_stay', 'with_stay'] %}
{%- for age in var('youth_care_ages') %}
{%- set flag = 'has_youth_help_' ~ youth_help ~ '__age_' ~ age %}
{%- for birth_order, vulnerable, condition in groups %}
{%- do cells.append((
    youth_help, age, birth_order, vulnerable, flag ~ ' and ' ~ condition, flag ~ ' is not null and ' ~ condition
)) %}
{%- endfor %}
{%- endfor %}
{%- endfor %}
with births as (
    select
        births.birth_id,
        births.birth_year,
        births.is_first_born,
        {%- for age in var('youth_care_ages') %}
        children.has_youth_help_without_stay__age_{{ age }},
        children.has_youth_help_with_stay__age_{{ age }},
        {%- endfor %}
        births.is_multiply_vulnerable
    from {{ ref('int_social_domain__children') }} as children
    inner join {{ ref('int_kennisnotitie__births') }} as births on children.birth_id = births.birth_id
),

regions as (
    select * from {{ ref('int_kennisnotitie__regions') }}
),

counted as (
    {{ count_conditions('births', 'regions', 'youth_care', cells) }}
),

cells as (
    {{ count_cells('births', 'regions', 'youth_care', cells) }}
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
    cells.youth_help,
    cells.age,
    cells.birth_order,
    cells.vulnerable,
    case when scored.has_scores then cells.numerator end as numerator,
    case when scored.has_scores then cells.denominator end as denominator,
    not scored.has_scores as is_missing
from cells
cross join scored
