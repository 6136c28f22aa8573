-- Chronic illness of at least one parent, a category of the earlier Regiobeeld (RB-31) whose definition is not given: a
-- placeholder from dispensed medication. A presence register: absent means no.
with births as (

    select
        birth_id,
        birth_year
    from {{ ref('int_births__all') }}

),

parents as (

    select
        birth_id,
        parent_id,
        birth_year
    from {{ ref('int_births__parents') }}

),

codes as (

    select
        code,
        valid_from,
        valid_to
    from {{ code_list('chronic_illness_medication', 'chronic_illness') }} as chronic_illness_medication

),

-- Few of the rows are on the list: that filter comes first.
medication as (

    select distinct
        dispensed.file_year,
        dispensed.person_id
    from {{ ref('stg_medicijntab') }} as dispensed
    inner join codes
        on
            dispensed.atc4_code = codes.code
            and {{ code_holds_in('codes', 'dispensed.file_year') }}

),

over_parents as (

    select
        parents.birth_id,
        max(case when medication.person_id is not null then 1 else 0 end) = 1 as has_chronic_illness
    from parents
    left join medication
        on
            parents.parent_id = medication.person_id
            and parents.birth_year - 1 = medication.file_year
    group by parents.birth_id

),

final as (

    select
        births.birth_id,
        births.birth_year,
        over_parents.has_chronic_illness
    from births
    left join over_parents on births.birth_id = over_parents.birth_id

)

select * from final
