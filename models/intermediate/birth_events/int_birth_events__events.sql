-- Events around birth (slide 44): neonatal death from the BRP; preterm birth, NICU and PICU from specialist care. Care
-- counts in the calendar year of birth, so a child of December is followed for days and one of January for a year.
with births as (

    select
        birth_id,
        birth_year,
        birth_date
    from {{ ref('int_births__all') }}
    where is_live_birth

),

date_precision as (

    select
        birth_year,
        is_birth_day_masked
    from {{ ref('int_births__date_precision') }}

),

deaths as (

    select
        person_id,
        death_date
    from {{ ref('stg_gbaoverlijdentab') }}

),

diagnosis_codes as (

    select
        code_group,
        specialism_code,
        code,
        valid_from,
        valid_to
    from {{ code_list('diagnoses', ['preterm_under_26', 'preterm_26_32']) }} as diagnoses

),

products as (

    select
        person_id,
        product_start_year,
        specialism_code,
        diagnosis_code
    from {{ ref('stg_mszprestatiesvekttab') }}

),

ward_days as (

    select
        person_id,
        code_group,
        activity_date,
        net_activity_count
    from {{ ref('int_hospital_stay__ward_days') }}
    where code_group in ('nicu_day', 'picu_day')

),

preterm_births as (

    select
        births.birth_id,
        max(case when diagnosis_codes.code_group = 'preterm_under_26' then 1 else 0 end) = 1 as is_under_26
    from products
    inner join diagnosis_codes
        on
            products.diagnosis_code = diagnosis_codes.code
            and products.specialism_code = diagnosis_codes.specialism_code
            and {{ code_holds_in('diagnosis_codes', 'products.product_start_year') }}
    inner join births
        on
            products.person_id = births.birth_id
            and products.product_start_year = births.birth_year
    group by births.birth_id

),

-- Days count by themselves, with or without a product; what corrections bring back to nothing is no day.
intensive_care_days as (

    select
        births.birth_id,
        ward_days.code_group,
        ward_days.activity_date
    from ward_days
    inner join births
        on
            ward_days.person_id = births.birth_id
            and extract(year from ward_days.activity_date) = births.birth_year
    group by births.birth_id, ward_days.code_group, ward_days.activity_date
    having sum(ward_days.net_activity_count) > 0

),

with_previous as (

    select
        birth_id,
        code_group,
        activity_date,
        lag(activity_date) over (partition by birth_id, code_group order by activity_date) as previous_date
    from intensive_care_days

),

-- An admission begins on a day whose day before is none.
admissions as (

    select
        birth_id,
        cast(sum(case when code_group = 'nicu_day' then 1 else 0 end) as integer) as nicu_admissions,
        cast(sum(case when code_group = 'picu_day' then 1 else 0 end) as integer) as picu_admissions
    from with_previous
    where previous_date is null or {{ days_between('previous_date', 'activity_date') }} > 1
    group by birth_id

),

combined as (

    select
        births.birth_id,
        births.birth_year,
        coalesce(date_precision.is_birth_day_masked, false) as is_birth_day_masked,
        deaths.person_id is not null as has_died,
        {{ days_between('births.birth_date', 'deaths.death_date') }} as days_to_death,
        births.birth_date is not null as has_birth_date,
        preterm_births.birth_id is not null as is_preterm,
        coalesce(preterm_births.is_under_26, false) as is_preterm_under_26,
        coalesce(admissions.nicu_admissions, 0) as nicu_admissions,
        coalesce(admissions.picu_admissions, 0) as picu_admissions
    from births
    left join date_precision on births.birth_year = date_precision.birth_year
    left join deaths on births.birth_id = deaths.person_id
    left join preterm_births on births.birth_id = preterm_births.birth_id
    left join admissions on births.birth_id = admissions.birth_id

),

final as (

    select
        birth_id,
        birth_year,
        is_birth_day_masked,
        case
            when is_birth_day_masked or not has_birth_date then cast(null as boolean)
            when not has_died then false
            -- A death before the birth is a date that is wrong, so unknown as well.
            when days_to_death >= 0 then days_to_death <= 28
        end as died_within_28_days,
        is_preterm_under_26,
        is_preterm and not is_preterm_under_26 as is_preterm_26_32,
        nicu_admissions > 0 as has_nicu_stay,
        picu_admissions > 0 as has_picu_stay,
        nicu_admissions,
        picu_admissions
    from combined

)

select * from final
