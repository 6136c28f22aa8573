-- The patterns of covariates that occur in an imputed set, with the births of both groups that have them: a few
-- thousand rows stand for more than a million births.
{%- set imputations = range(var('weighting_imputation_count') | int or 1) %}
with birth_patterns as (

    select
        imputation,
        pattern,
        is_multiply_vulnerable
    from {{ ref('int_weighting__birth_patterns') }}

),

counted as (

    select
        imputation,
        pattern,
        count(case when not is_multiply_vulnerable then 1 end) as unexposed_births,
        count(case when is_multiply_vulnerable then 1 end) as exposed_births
    from birth_patterns
    group by imputation, pattern

),

imputations as (
    {%- for imputation in imputations %}

    select {{ imputation + 1 }} as imputation
    {%- if not loop.last %}

    union all
    {%- endif %}
    {%- endfor %}

),

final as (

    select
        cast(imputations.imputation as smallint) as imputation,
        counted.pattern,
        cast(sum(counted.unexposed_births) as bigint) as unexposed_births,
        cast(sum(counted.exposed_births) as bigint) as exposed_births,
        {%- for outcome in birth_outcomes() %}
        {{ pattern_has('counted.pattern', loop.index0) }} as has_{{ outcome }},
        {%- endfor %}
        cast({{ birth_year_of_pattern('counted.pattern') }} as smallint) as birth_year
    from imputations
    inner join counted on counted.imputation in (0, imputations.imputation)
    group by imputations.imputation, counted.pattern

)

select * from final
