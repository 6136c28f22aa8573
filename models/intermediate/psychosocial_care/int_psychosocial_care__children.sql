-- Specialist care for psychosocial problems of young children (slide 44, RB-28 to RB-30), to the ages of about 2 and 4.
-- What is seen is care in the second and third line, not how often the problem occurs; the study supposes no direct
-- effect of maternity care on it.
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
    from {{ code_list('diagnoses', [
        'crying_baby', 'eating_disorder', 'sleep_disorder', 'threatened_development', 'other_psychosocial'
    ]) }} as diagnoses

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

-- Years from the birth year to the first product of each condition; no product, no year.
years_to_care as (

    select
        birth_id,
        min(case when code_group = 'crying_baby' then years_after_birth end) as crying_baby,
        min(case when code_group = 'eating_disorder' then years_after_birth end) as eating_disorder,
        min(case when code_group = 'sleep_disorder' then years_after_birth end) as sleep_disorder,
        min(case when code_group = 'threatened_development' then years_after_birth end) as threatened_development,
        min(case when code_group = 'other_psychosocial' then years_after_birth end) as other_psychosocial,
        min(years_after_birth) as any_condition
    from psychosocial_products
    group by birth_id

),

final as (

    select
        births.birth_id,
        births.birth_year,
        coalesce(years_to_care.crying_baby <= {{ var('psychosocial_years_to_age_2') }}, false)
            as has_crying_baby__age_2,
        coalesce(years_to_care.eating_disorder <= {{ var('psychosocial_years_to_age_2') }}, false)
            as has_eating_disorder__age_2,
        coalesce(years_to_care.sleep_disorder <= {{ var('psychosocial_years_to_age_2') }}, false)
            as has_sleep_disorder__age_2,
        coalesce(years_to_care.threatened_development <= {{ var('psychosocial_years_to_age_2') }}, false)
            as has_threatened_development__age_2,
        coalesce(years_to_care.other_psychosocial <= {{ var('psychosocial_years_to_age_2') }}, false)
            as has_other_psychosocial__age_2,
        coalesce(years_to_care.any_condition <= {{ var('psychosocial_years_to_age_2') }}, false) as has_any__age_2,
        coalesce(years_to_care.crying_baby <= {{ var('psychosocial_years_to_age_4') }}, false)
            as has_crying_baby__age_4,
        coalesce(years_to_care.eating_disorder <= {{ var('psychosocial_years_to_age_4') }}, false)
            as has_eating_disorder__age_4,
        coalesce(years_to_care.sleep_disorder <= {{ var('psychosocial_years_to_age_4') }}, false)
            as has_sleep_disorder__age_4,
        coalesce(years_to_care.threatened_development <= {{ var('psychosocial_years_to_age_4') }}, false)
            as has_threatened_development__age_4,
        coalesce(years_to_care.other_psychosocial <= {{ var('psychosocial_years_to_age_4') }}, false)
            as has_other_psychosocial__age_4,
        coalesce(years_to_care.any_condition <= {{ var('psychosocial_years_to_age_4') }}, false) as has_any__age_4
    from births
    left join years_to_care on births.birth_id = years_to_care.birth_id

)

select * from final
