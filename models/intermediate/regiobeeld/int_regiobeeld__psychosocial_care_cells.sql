-- RB-28..RB-30. Children with hospital care for a psychosocial problem by class of maternity care, to the end of the
-- calendar year in which they turn 1 (age about 2) or 3 (about 4), of the children whose delivery is without a stay in
-- hospital. No direct effect of maternity care is supposed: it stands for differences between families.
{%- set cohorts = [
    ('main', psychosocial_cohort_years('main')),
    ('sensitivity', psychosocial_cohort_years('sensitivity')),
] %}
{%- set conditions = [
    'crying_baby', 'eating_disorder', 'sleep_disorder', 'threatened_development', 'other_psychosocial', 'any'
] %}
{%- set classes = [
    ('below_24h', "maternity_care_class in ('none', 'low')"),
    ('middle', "maternity_care_class = 'middle'"),
    ('high', "maternity_care_class = 'high'"),
    ('total', 'maternity_care_class is not null'),
] %}
{%- set cells = [] %}
{%- for cohort, years in cohorts %}
{%- for age_window in ['age_2', 'age_4'] %}
{%- for class, is_class in classes %}
{%- set is_child = years ~ ' and ' ~ is_class %}
{%- for condition in conditions %}
{%- do cells.append((
    cohort, age_window, condition, class, is_child ~ ' and has_' ~ condition ~ '__' ~ age_window, is_child
)) %}
{%- endfor %}
{%- do cells.append((cohort, age_window, 'all_children', class, is_child, years)) %}
{%- endfor %}
{%- endfor %}
{%- endfor %}
with children as (
    select * from {{ ref('int_regiobeeld__children') }}
    where maternity_care_exclusion_reason is null
),

psychosocial_care as (
    select * from {{ ref('int_psychosocial_care__children') }}
),

births as (
    select
        children.birth_year,
        children.municipality_code,
        {%- for condition in conditions %}
        psychosocial_care.has_{{ condition }}__age_2,
        psychosocial_care.has_{{ condition }}__age_4,
        {%- endfor %}
        children.maternity_care_class
    from children
    left join psychosocial_care on children.birth_id = psychosocial_care.birth_id
),

regions as (
    select * from {{ ref('int_regiobeeld__regions') }}
),

counted as (
    {{ count_conditions('births', 'regions', 'psychosocial_care', cells) }}
)

{{ count_cells('births', 'regions', 'psychosocial_care', cells) }}
