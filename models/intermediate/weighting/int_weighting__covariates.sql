-- Whether a covariate is in the propensity. In a small delivery an outcome may occur in one group alone: no weight
-- makes the groups alike in it, so it is left out and stays in the balance.
with patterns as (

    select
        imputation,
        birth_year,
        unexposed_births,
        {%- for outcome in birth_outcomes() %}
        has_{{ outcome }},
        {%- endfor %}
        exposed_births
    from {{ ref('int_weighting__patterns') }}

),

levels as (
    {%- for outcome in birth_outcomes() %}

    select
        '{{ outcome }}' as covariate,
        imputation,
        case when has_{{ outcome }} then 1 else 0 end as level,
        sum(unexposed_births) as unexposed_births,
        sum(exposed_births) as exposed_births
    from patterns
    group by imputation, has_{{ outcome }}

    union all
    {%- endfor %}

    select
        'birth_year' as covariate,
        imputation,
        birth_year as level,
        sum(unexposed_births) as unexposed_births,
        sum(exposed_births) as exposed_births
    from patterns
    group by imputation, birth_year

),

of_imputations as (

    select
        covariate,
        imputation,
        count(*) > 1 and min(unexposed_births) > 0 and min(exposed_births) > 0 as tells_nobody_apart
    from levels
    group by covariate, imputation

),

final as (

    select
        covariate,
        min(case when tells_nobody_apart then 1 else 0 end) = 1 as is_in_propensity
    from of_imputations
    group by covariate

)

select * from final
