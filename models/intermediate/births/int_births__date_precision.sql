-- Deliveries exist in which every day of birth has been set to the first of the month (registers.md 0): what needs the
-- day itself, such as death within 28 days, cannot be known from them.
with births as (

    select
        birth_year,
        birth_date,
        is_live_birth
    from {{ ref('int_births__all') }}

),

-- Live births only: the day of a stillbirth comes from another register. An empty day counts as the first.
counted as (

    select
        birth_year,
        count(case when is_live_birth and birth_date is not null then 1 end) as births,
        count(case when is_live_birth and extract(day from birth_date) = 1 then 1 end) as births_on_the_first
    from births
    group by birth_year

),

-- By chance one birth in thirty stands on the first; the least number keeps a handful of births from being judged.
judged as (

    select
        birth_year,
        births,
        births >= {{ var('masked_birth_days_minimum_births') }}
        and births_on_the_first > births * {{ var('masked_birth_days_share') }} as is_birth_day_masked
    from counted

)

select * from judged
