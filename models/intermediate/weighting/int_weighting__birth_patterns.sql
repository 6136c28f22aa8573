-- The pattern of covariates of each birth: once when nothing was imputed, else once in every imputed set. Births of
-- which an outcome stays unknown, because it is known for nobody, have none.
with births as (

    select
        birth_id,
        birth_year,
        birth_number,
        is_multiply_vulnerable
        {%- for outcome in birth_outcomes() %},
        {{ outcome }}
        {%- endfor %}
    from {{ ref('int_weighting__births') }}

),

imputed as (

    select
        birth_id,
        imputation
        {%- for outcome in birth_outcomes() %},
        max(case when outcome = '{{ outcome }}' then value end) as {{ outcome }}
        {%- endfor %}
    from {{ ref('int_weighting__imputed') }}
    group by birth_id, imputation

),

completed as (

    select
        births.birth_id,
        births.birth_year,
        births.birth_number,
        births.is_multiply_vulnerable,
        coalesce(imputed.imputation, 0) as imputation
        {%- for outcome in birth_outcomes() %},
        coalesce(births.{{ outcome }}, imputed.{{ outcome }}) as {{ outcome }}
        {%- endfor %}
    from births
    left join imputed on births.birth_id = imputed.birth_id

),

final as (

    select
        birth_id,
        birth_number,
        is_multiply_vulnerable,
        cast(imputation as smallint) as imputation,
        cast({{ covariate_pattern('birth_year', birth_outcomes()) }} as integer) as pattern
    from completed
    where
        {%- for outcome in birth_outcomes() %}
        {{ outcome }} is not null{{ ' and' if not loop.last }}
        {%- endfor %}

)

select * from final
