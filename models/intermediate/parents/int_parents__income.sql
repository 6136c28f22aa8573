-- Income of the household over the calendar year before birth (A-24), and the socio-economic category of the
-- parent on the reference date. Both registers cover the population: absent means unknown.
with parents as (

    select
        parent_id,
        birth_year,
        reference_date
    from {{ ref('int_parents__years') }}

),

incomes_of_parents as (

    select
        parent_id,
        birth_year,
        income_percentile,
        income_to_social_minimum_percent,
        main_income_source_code
    from {{ ref('int_parents__income_households') }}
    where income_year = birth_year - 1

),

categories as (

    select
        person_id,
        socioeconomic_category_code,
        is_self_employed,
        valid_from,
        valid_to
    from {{ ref('stg_secmbus') }}

),

category_list as (

    select
        code,
        is_social_assistance
    from {{ ref('socioeconomic_categories') }}

),

income_source_list as (

    select
        code,
        is_social_assistance
    from {{ ref('income_sources') }}

),

categories_of_parents as (

    select
        parents.parent_id,
        parents.birth_year,
        categories.socioeconomic_category_code,
        categories.is_self_employed,
        row_number() over (
            partition by parents.parent_id, parents.birth_year
            order by
                categories.valid_from desc,
                categories.socioeconomic_category_code asc,
                categories.is_self_employed asc
        ) as category_rank
    from parents
    inner join categories
        on
            parents.parent_id = categories.person_id
            and {{ covers('categories.valid_from', 'categories.valid_to', 'parents.reference_date') }}

),

combined as (

    select
        parents.parent_id,
        parents.birth_year,
        incomes_of_parents.income_percentile,
        incomes_of_parents.income_to_social_minimum_percent,
        incomes_of_parents.main_income_source_code,
        categories_of_parents.socioeconomic_category_code,
        categories_of_parents.is_self_employed,
        incomes_of_parents.income_to_social_minimum_percent < {{ var('income_threshold_percent') }}
            as has_income_below_120,
        category_list.is_social_assistance as has_social_assistance_secm,
        income_source_list.is_social_assistance as has_social_assistance_household,
        -- Tozo, the support of the self-employed during the corona crisis, is counted as social assistance.
        coalesce(
            extract(year from parents.reference_date)
            between {{ var('tozo_first_year') }} and {{ var('tozo_last_year') }}
            and categories_of_parents.is_self_employed,
            false
        ) as is_self_employed_in_tozo_year
    from parents
    left join incomes_of_parents
        on
            parents.parent_id = incomes_of_parents.parent_id
            and parents.birth_year = incomes_of_parents.birth_year
    left join categories_of_parents
        on
            parents.parent_id = categories_of_parents.parent_id
            and parents.birth_year = categories_of_parents.birth_year
            and categories_of_parents.category_rank = 1
    left join category_list on categories_of_parents.socioeconomic_category_code = category_list.code
    left join income_source_list on incomes_of_parents.main_income_source_code = income_source_list.code

),

final as (

    select
        parent_id,
        birth_year,
        income_percentile,
        income_to_social_minimum_percent,
        main_income_source_code,
        socioeconomic_category_code,
        is_self_employed,
        has_income_below_120,
        has_social_assistance_secm,
        has_social_assistance_household,
        has_social_assistance_secm and not is_self_employed_in_tozo_year
            as has_social_assistance_secm_excluding_tozo,
        has_social_assistance_household and not is_self_employed_in_tozo_year
            as has_social_assistance_household_excluding_tozo
    from combined

)

select * from final
