-- Use and costs of all births with the same pattern, by life year: what weighted means are made of. Amounts are
-- decimals, so that sums do not depend on the order of the rows.
{%- set care_types = care_types_of_children() %}
with birth_patterns as (

    select
        birth_id,
        is_multiply_vulnerable,
        imputation,
        pattern
    from {{ ref('int_weighting__birth_patterns') }}

),

child_years as (

    select
        birth_id,
        {%- for care_type in care_types %}
        {{ care_type }}_euro,
        uses_{{ care_type }},
        {%- endfor %}
        life_year
    from {{ ref('int_care_costs__child_years') }}
    where total_euro is not null

),

final as (

    select
        birth_patterns.imputation,
        birth_patterns.pattern,
        birth_patterns.is_multiply_vulnerable as is_exposed,
        child_years.life_year,
        {%- for care_type in care_types %}
        count(case when child_years.uses_{{ care_type }} then 1 end) as {{ care_type }}_users,
        cast(sum(child_years.{{ care_type }}_euro) as double) as {{ care_type }}_sum,
        cast(sum(child_years.{{ care_type }}_euro * child_years.{{ care_type }}_euro) as double)
            as {{ care_type }}_squares,
        cast(max(child_years.{{ care_type }}_euro) as double) as {{ care_type }}_largest,
        {%- endfor %}
        count(*) as children
    from birth_patterns
    inner join child_years on birth_patterns.birth_id = child_years.birth_id
    group by
        birth_patterns.imputation,
        birth_patterns.pattern,
        birth_patterns.is_multiply_vulnerable,
        child_years.life_year

)

select * from final
