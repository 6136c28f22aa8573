-- Days on a ward of mothers and live-born children. The care activities are the largest register and few of them are
-- days on a ward: they are read here once, and first cut down to the codes of the lists.
with births as (

    select
        birth_id,
        mother_id,
        is_live_birth
    from {{ ref('int_births__all') }}

),

persons as (

    select birth_id as person_id
    from births
    where is_live_birth

    union

    select mother_id as person_id
    from births
    where mother_id is not null

),

codes as (

    select
        code_group,
        code,
        valid_from,
        valid_to
    from {{ code_list('care_activities', ['nicu_day', 'picu_day', 'overnight']) }} as care_activities

),

activities as (

    select
        person_id,
        product_link_id,
        product_start_year,
        activity_code,
        activity_date,
        activity_count
    from {{ ref('stg_mszzorgactiviteitenvekttab') }}

),

ward_lines as (

    select
        activities.person_id,
        activities.product_link_id,
        activities.product_start_year,
        codes.code_group,
        activities.activity_date,
        activities.activity_count
    from activities
    inner join codes
        on
            activities.activity_code = codes.code
            and {{ code_holds_in('codes', 'extract(year from activities.activity_date)') }}

),

-- Corrections are lines with a negative count, so a day holds what its lines add up to. A line without a count is one.
ward_days as (

    select
        ward_lines.person_id,
        ward_lines.product_link_id,
        ward_lines.product_start_year,
        ward_lines.code_group,
        ward_lines.activity_date,
        cast(sum(coalesce(ward_lines.activity_count, 1)) as integer) as net_activity_count
    from ward_lines
    inner join persons on ward_lines.person_id = persons.person_id
    group by
        ward_lines.person_id,
        ward_lines.product_link_id,
        ward_lines.product_start_year,
        ward_lines.code_group,
        ward_lines.activity_date

)

select * from ward_days
