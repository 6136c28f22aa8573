-- The births of the Regiobeeld with the events around them. Apart from the maternity care of the same births, so that
-- the tables on events do not seem to rest on its tariffs.
with births as (

    select
        birth_id,
        birth_year,
        municipality_code,
        borough_code,
        risk_factor_count
    from {{ ref('int_regiobeeld__births') }}

),

birth_events as (

    select
        birth_id,
        died_within_28_days,
        is_preterm_under_26,
        is_preterm_26_32,
        has_nicu_stay,
        has_picu_stay,
        nicu_admissions,
        picu_admissions
    from {{ ref('int_birth_events__events') }}

),

combined as (

    select
        births.birth_id,
        births.birth_year,
        births.municipality_code,
        births.borough_code,
        births.risk_factor_count,
        birth_events.died_within_28_days,
        birth_events.is_preterm_under_26,
        birth_events.is_preterm_26_32,
        birth_events.is_preterm_under_26 or birth_events.is_preterm_26_32 as is_preterm_under_32,
        birth_events.has_nicu_stay,
        birth_events.has_picu_stay,
        birth_events.nicu_admissions,
        birth_events.picu_admissions
    from births
    left join birth_events on births.birth_id = birth_events.birth_id

)

select * from combined
