-- The pattern of covariates of each birth: once when nothing was imputed, else once in every imputed set. Births of
-- which an outcome stays unknown, because it is known for nobody, have none.
with births as (

    select
        birth_id,
        birth_year,
        birth_number,
        {%- for outcome in birth_outcomes() %}
        {{ outcome }},
        {%- endfor %}
        is_multiply_vulnerable
    from {{ ref('int_weighting__births') }}

),

imputed as (

    select
        birth_id,
        {%- for outcome in birth_outcomes() %}
        max(case when outcome = '{{ outcome }}' then value end) as {{ outcome }},
        {%- endfor %}
        imputation
    from {{ ref('int_weighting__imputed') }}
    group by birth_id, imputation

),

completed as (

    select
        births.birth_id,
        births.birth_year,
        births.birth_number,
        births.is_multiply_vulnerable,
        {%- for outcome in birth_outcomes() %}
        coalesce(births.{{ outcome }}, imputed.{{ outcome }}) as {{ outcome }},
        {%- endfor %}
        coalesce(imputed.imputation, 0) as imputation
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
    -- Null as long as one outcome is.
    where {{ birth_outcomes() | join(' + ') }} is not null

)

select * from final
