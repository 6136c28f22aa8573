-- Origin in the classification that CBS used until 2022 (Dutch, western, non-western) and in the ten groups since then.
with parents as (

    select
        parent_id,
        birth_year
    from {{ ref('int_parents__years') }}

),

persons as (

    select
        person_id,
        origin_country_code,
        origin_country_2022_code
    from {{ ref('stg_gbapersoontab') }}

),

countries as (

    select
        country_code,
        origin_class_old,
        origin_group_2022
    from {{ ref('countries') }}

),

origins as (

    select
        parents.parent_id,
        parents.birth_year,
        persons.origin_country_code,
        old_classification.origin_class_old as origin_class,
        new_classification.origin_group_2022
    from parents
    left join persons on parents.parent_id = persons.person_id
    left join countries as old_classification
        on persons.origin_country_code = old_classification.country_code
    left join countries as new_classification
        on persons.origin_country_2022_code = new_classification.country_code

)

select * from origins
