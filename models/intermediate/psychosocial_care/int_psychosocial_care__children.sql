-- Specialist care for psychosocial problems of young children (slide 44, RB-28 to RB-30), to the ages of about 2 and 4.
-- What is seen is care in the second and third line, not how often the problem occurs; the study supposes no direct
-- effect of maternity care on it.
{%- set conditions = ['crying_baby', 'eating_disorder', 'sleep_disorder', 'threatened_development', 'other_psychosocial'] %}
{%- set windows = {
    'age_2': var('psychosocial_years_to_age_2'),
    'age_4': var('psychosocial_years_to_age_4'),
} %}
with births as (

    select
        birth_id,
        birth_year,
        birth_date
    from {{ ref('int_births__all') }}
    where
        is_live_birth
        and (
            birth_year between {{ var('psychosocial_first_year') }} and {{ var('psychosocial_last_year') }}
            or birth_year between {{ var('psychosocial_sensitivity_first_year') }}
            and {{ var('psychosocial_sensitivity_last_year') }}
        )

),

codes as (

    select
        code_group,
        specialism_code,
        code,
        valid_from,
        valid_to
    from {{ code_list('diagnoses', conditions) }} as diagnoses

),

products as (

    select
        person_id,
        product_start_year,
        product_start_date,
        specialism_code,
        diagnosis_code
    from {{ ref('stg_mszprestatiesvekttab') }}

),

-- The window runs from birth to 31 December so many years on. A product whose day is missing counts by its year.
psychosocial_products as (

    select
        births.birth_id,
        codes.code_group,
        coalesce(extract(year from products.product_start_date), products.product_start_year) - births.birth_year
            as years_after_birth
    from products
    inner join codes
        on
            products.diagnosis_code = codes.code
            and products.specialism_code = codes.specialism_code
            and {{ code_holds_in('codes', 'products.product_start_year') }}
    inner join births on products.person_id = births.birth_id
    where
        coalesce(products.product_start_date >= births.birth_date, products.product_start_year >= births.birth_year)

),

conditions_of_children as (

    select
        birth_id
        {%- for window, years in windows.items() %}
        {%- for condition in conditions %},
        max(case when code_group = '{{ condition }}' and years_after_birth <= {{ years }} then 1 else 0 end) = 1
            as has_{{ condition }}__{{ window }}
        {%- endfor %},
        max(case when years_after_birth <= {{ years }} then 1 else 0 end) = 1 as has_any__{{ window }}
        {%- endfor %}
    from psychosocial_products
    group by birth_id

),

final as (

    select
        births.birth_id,
        births.birth_year
        {%- for window in windows %}
        {%- for condition in conditions + ['any'] %},
        coalesce(conditions_of_children.has_{{ condition }}__{{ window }}, false)
            as has_{{ condition }}__{{ window }}
        {%- endfor %}
        {%- endfor %}
    from births
    left join conditions_of_children on births.birth_id = conditions_of_children.birth_id

)

select * from final
