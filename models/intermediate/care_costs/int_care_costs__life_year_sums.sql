-- Numbers and sums of the children's use and costs by life year and label, from which tables, quality and attrition are
-- made. Sums are of decimals, so that they do not depend on the order of the rows.
{%- set care_types = care_types_of_children() %}
with child_years as (

    select
        birth_id,
        life_year,
        {%- for care_type in care_types %}
        {{ care_type }}_euro,
        uses_{{ care_type }},
        {%- endfor %}
        has_costs_record
    from {{ ref('int_care_costs__child_years') }}

),

births as (

    select
        birth_id,
        is_multiply_vulnerable
    from {{ ref('int_kennisnotitie__births') }}

),

sums as (

    select
        child_years.life_year,
        births.is_multiply_vulnerable,
        {%- for care_type in care_types %}
        count(child_years.{{ care_type }}_euro) as {{ care_type }}_known,
        count(case when child_years.uses_{{ care_type }} then 1 end) as {{ care_type }}_users,
        sum(child_years.{{ care_type }}_euro) as {{ care_type }}_sum,
        sum(child_years.{{ care_type }}_euro * child_years.{{ care_type }}_euro) as {{ care_type }}_squares,
        max(child_years.{{ care_type }}_euro) as {{ care_type }}_largest,
        {%- endfor %}
        count(*) as all_children,
        count(case when child_years.has_costs_record then 1 end) as children_with_record
    from child_years
    inner join births on child_years.birth_id = births.birth_id
    group by child_years.life_year, births.is_multiply_vulnerable

),

by_care_type as (
    {%- for care_type in care_types %}

    select
        life_year,
        is_multiply_vulnerable,
        '{{ care_type }}' as care_type,
        all_children,
        children_with_record,
        {{ care_type }}_known as known_children,
        {{ care_type }}_users as users,
        {{ care_type }}_sum as sum_euro,
        {{ care_type }}_squares as sum_of_squares,
        {{ care_type }}_largest as largest_euro
    from sums
    {%- if not loop.last %}

    union all
    {%- endif %}
    {%- endfor %}

),

final as (

    select
        cast(life_year as integer) as life_year,
        is_multiply_vulnerable,
        care_type,
        cast(all_children as bigint) as all_children,
        cast(children_with_record as bigint) as children_with_record,
        cast(known_children as bigint) as known_children,
        cast(users as bigint) as users,
        cast(sum_euro as double) as sum_euro,
        cast(sum_of_squares as double) as sum_of_squares,
        cast(largest_euro as double) as largest_euro
    from by_care_type

)

select * from final
