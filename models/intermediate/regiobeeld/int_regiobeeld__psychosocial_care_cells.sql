-- RB-28..RB-30. Children with hospital care for a psychosocial problem by class of maternity care, to the end of the
-- calendar year in which they turn 1 (age about 2) or 3 (about 4), of the children whose delivery is without a stay in
-- hospital. No direct effect of maternity care is supposed: it stands for differences between families.
{%- set table = 'psychosocial_care' %}
{%- set conditions = [
    'crying_baby', 'eating_disorder', 'sleep_disorder', 'threatened_development', 'other_psychosocial', 'any'
] %}
{%- set age_windows = ['age_2', 'age_4'] %}
with children as (
    select * from {{ ref('int_regiobeeld__children') }}
    where maternity_care_exclusion_reason is null
),

psychosocial_care as (
    select * from {{ ref('int_psychosocial_care__children') }}
),

births as (
    {%- for cohort in ['main', 'sensitivity'] %}
    select
        '{{ cohort }}' as cohort,
        children.birth_id,
        children.municipality_code,
        case
            when children.maternity_care_class in ('none', 'low') then 'below_24h'
            else children.maternity_care_class
        end as maternity_care_class
    from children
    where {{ psychosocial_cohort_years(cohort) }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

regions as (
    select * from {{ ref('int_regiobeeld__regions') }}
),

births_by_region as (
    {{ births_by_region('births', 'regions', table) }}
),

-- A child counts in its class and in all classes together.
classes as (
    {%- for class in ['below_24h', 'middle', 'high'] %}
    select
        '{{ class }}' as maternity_care_class,
        '{{ class }}' as part
    union all
    select
        'total' as maternity_care_class,
        '{{ class }}' as part
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

counted as (
    select
        births_by_region.region_level,
        births_by_region.region_code,
        births_by_region.cohort,
        classes.maternity_care_class,
        {%- for age_window in age_windows %}
        {%- for condition in conditions %}
        count(case when psychosocial_care.has_{{ condition }}__{{ age_window }} then 1 end)
            as {{ condition }}__{{ age_window }},
        {%- endfor %}
        {%- endfor %}
        count(*) as children
    from births_by_region
    inner join classes on births_by_region.maternity_care_class = classes.part
    left join psychosocial_care on births_by_region.birth_id = psychosocial_care.birth_id
    group by
        births_by_region.region_level, births_by_region.region_code, births_by_region.cohort,
        classes.maternity_care_class
),

frame as (
    {{ cell_frame('regions', table) }}
),

cohorts as (
    select 'main' as cohort
    union all
    select 'sensitivity' as cohort
),

all_classes as (
    select distinct maternity_care_class
    from classes
),

places as (
    select
        frame.birth_year,
        frame.region_level,
        frame.region_code,
        frame.region_name,
        cohorts.cohort,
        all_classes.maternity_care_class
    from frame
    cross join cohorts
    cross join all_classes
),

placed as (
    select
        places.birth_year,
        places.region_name,
        places.region_level,
        places.region_code,
        places.cohort,
        places.maternity_care_class,
        {%- for age_window in age_windows %}
        {%- for condition in conditions %}
        counted.{{ condition }}__{{ age_window }},
        {%- endfor %}
        {%- endfor %}
        counted.children,
        of_cohort.children as all_children
    from places
    left join counted
        on
            places.region_level = counted.region_level
            and places.region_code = counted.region_code
            and places.cohort = counted.cohort
            and places.maternity_care_class = counted.maternity_care_class
    left join counted as of_cohort
        on
            places.region_level = of_cohort.region_level
            and places.region_code = of_cohort.region_code
            and places.cohort = of_cohort.cohort
            and of_cohort.maternity_care_class = 'total'
),

cells as (
    {%- for age_window in age_windows %}
    {%- for condition in conditions %}
    select
        *,
        '{{ age_window }}' as age_window,
        '{{ condition }}' as condition,
        {{ condition }}__{{ age_window }} as numerator,
        children as denominator
    from placed
    union all
    {%- endfor %}
    -- The children themselves: how they are spread over the classes.
    select
        *,
        '{{ age_window }}' as age_window,
        'all_children' as condition,
        children as numerator,
        all_children as denominator
    from placed
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
)

select
    birth_year,
    region_level,
    region_code,
    region_name,
    cohort,
    age_window,
    condition,
    maternity_care_class,
    cast(coalesce(numerator, 0) as bigint) as numerator,
    cast(coalesce(denominator, 0) as bigint) as denominator
from cells
