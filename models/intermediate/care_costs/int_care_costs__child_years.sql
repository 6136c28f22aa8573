-- Care use and costs of live-born children by life year: the calendar year minus the year of birth (A-30), while the
-- child counts (KN:L243). The costs register is large: it is read once, for these children alone.
--
-- Costs are the headings under the basic insurance; parts of a heading are in it and are never added. Negative amounts
-- are settlements of other years and count as nothing, heading by heading (registers.md 3), so that the total is the
-- sum of the headings and not ZVWKTOTAAL. Euros are those of var price_year, by the GDP deflator (KN:L231).
{%- set care_types = care_types_of_children() %}
with births as (

    select
        birth_id,
        birth_year
    from {{ ref('int_vulnerability__births') }}
    where is_live_birth

),

absences as (

    select
        birth_id,
        first_absent_year,
        last_absent_year
    from {{ ref('int_care_costs__absences') }}

),

costs as (

    select
        file_year,
        person_id,
        general_practitioner_costs,
        multidisciplinary_care_costs,
        pharmacy_costs,
        dental_care_costs,
        hospital_costs,
        primary_care_stay_costs,
        paramedical_care_costs,
        medical_device_costs,
        patient_transport_costs,
        birth_care_costs,
        care_abroad_costs,
        other_care_costs,
        basic_mental_health_costs,
        specialist_mental_health_costs,
        mental_health_costs_zpm,
        geriatric_rehabilitation_costs,
        district_nursing_costs,
        sensory_disability_care_costs,
        general_practitioner_registration_costs
    from {{ ref('stg_zvwzorgkostentab') }}
    where file_year between {{ var('kennisnotitie_first_year') }} and {{ var('last_cost_year') }}

),

price_index as (

    select
        year,
        gdp_deflator_index
    from {{ ref('price_index') }}

),

deflators as (

    select
        price_index.year,
        price_level.gdp_deflator_index / price_index.gdp_deflator_index as to_price_level
    from price_index
    cross join price_index as price_level
    where price_level.year = {{ var('price_year') }}

),

life_years as (
    {% for life_year in range((var('last_life_year') | int) + 1) %}
    select {{ life_year }} as life_year
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}

),

followed as (

    select
        births.birth_id,
        births.birth_year,
        life_years.life_year,
        births.birth_year + life_years.life_year as calendar_year
    from births
    cross join life_years
    where births.birth_year + life_years.life_year <= {{ var('last_cost_year') }}

),

child_years as (

    select
        followed.birth_id,
        followed.birth_year,
        followed.life_year,
        followed.calendar_year
    from followed
    where
        not exists (
            select 1
            from absences
            where
                followed.birth_id = absences.birth_id
                and followed.calendar_year between absences.first_absent_year and absences.last_absent_year
        )

),

-- An amount that an insured child does not have is no costs; a child that is not in the register has no amounts at all.
headings as (

    select
        child_years.birth_id,
        child_years.birth_year,
        child_years.life_year,
        child_years.calendar_year,
        costs.person_id is not null as has_costs_record,
        deflators.to_price_level,
        greatest(coalesce(costs.general_practitioner_costs, 0), 0) as gp,
        greatest(coalesce(costs.general_practitioner_registration_costs, 0), 0) as gp_registration,
        greatest(coalesce(costs.hospital_costs, 0), 0) as hospital,
        greatest(coalesce(costs.pharmacy_costs, 0), 0) as pharmacy,
        greatest(coalesce(costs.paramedical_care_costs, 0), 0) as paramedical,
        greatest(coalesce(costs.dental_care_costs, 0), 0) as dental,
        greatest(coalesce(costs.multidisciplinary_care_costs, 0), 0)
        + greatest(coalesce(costs.primary_care_stay_costs, 0), 0)
        + greatest(coalesce(costs.medical_device_costs, 0), 0)
        + greatest(coalesce(costs.patient_transport_costs, 0), 0)
        + greatest(coalesce(costs.birth_care_costs, 0), 0)
        + greatest(coalesce(costs.care_abroad_costs, 0), 0)
        + greatest(coalesce(costs.other_care_costs, 0), 0)
        + greatest(coalesce(costs.basic_mental_health_costs, 0), 0)
        + greatest(coalesce(costs.specialist_mental_health_costs, 0), 0)
        + greatest(coalesce(costs.mental_health_costs_zpm, 0), 0)
        + greatest(coalesce(costs.geriatric_rehabilitation_costs, 0), 0)
        + greatest(coalesce(costs.district_nursing_costs, 0), 0)
        + greatest(coalesce(costs.sensory_disability_care_costs, 0), 0) as other_headings
    from child_years
    left join costs
        on
            child_years.birth_id = costs.person_id
            and child_years.calendar_year = costs.file_year
    left join deflators on child_years.calendar_year = deflators.year

),

amounts as (

    select
        birth_id,
        birth_year,
        life_year,
        calendar_year,
        has_costs_record,
        to_price_level,
        {{ chosen('children_without_zvw_record', {
            'unknown': 'has_costs_record',
            'no_costs': 'true',
        }) }} as is_known,
        gp + hospital + pharmacy + paramedical + dental + other_headings as total,
        hospital,
        gp,
        greatest(gp - gp_registration, 0) as gp_net,
        pharmacy,
        paramedical,
        dental
    from headings

),

-- A general practitioner is used when there is more than the registration fee (KN:L231).
final as (

    select
        birth_id,
        cast(birth_year as smallint) as birth_year,
        cast(life_year as smallint) as life_year,
        cast(calendar_year as smallint) as calendar_year,
        {%- for care_type in care_types %}
        cast(case when is_known then round({{ care_type }} * to_price_level, 2) end as decimal(9, 2))
            as {{ care_type }}_euro,
        case when is_known then {{ 'gp_net' if care_type == 'gp' else care_type }} > 0 end as uses_{{ care_type }},
        {%- endfor %}
        has_costs_record
    from amounts

)

select * from final
