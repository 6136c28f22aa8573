-- The 12 birth outcomes of the Kennisnotitie (KN:L243) of its live births, from the perinatal registration. A birth
-- without a record, or whose record carries another kind of number than the register of persons, has none of them.
-- A birth with several records takes one as a whole: that of the newest delivery, for deliveries overlap and later ones
-- are more complete; within a delivery the one with most outcomes known; among those that tie the lowest values.
{%- set flags = [
    'referral', 'hospital_birth', 'haemorrhage', 'episiotomy', 'intensive_care', 'congenital_anomaly', 'epidural'
] %}
{%- set outcomes = birth_outcomes() %}
{%- set unknowns = [] %}
{%- set values = [] %}
{%- for outcome in outcomes %}
{%- do unknowns.append('cast(outcomes_of_records.has_' ~ outcome ~ ' is null as integer)') %}
{%- do values.append('coalesce(outcomes_of_records.has_' ~ outcome ~ ', true)') %}
{%- endfor %}
with births as (

    select
        birth_id,
        birth_year
    from {{ ref('int_kennisnotitie__births') }}
    where is_live_birth

),

records as (

    select
        file_year,
        child_id,
        coalesce(gestation_days, 7 * gestation_weeks) as gestation_days,
        birth_weight_percentile,
        apgar_score,
        delivery_mode_code,
        {%- for flag in flags %}
        has_{{ flag }},
        {%- endfor %}
        rupture_code
    from {{ ref('stg_perined') }}
    where
        child_id is not null
        and birth_year between {{ var('kennisnotitie_first_year') }} and {{ var('kennisnotitie_last_year') }}

),

caesarean_codes as {{ code_list('birth_outcome_codes', 'caesarean') }},

severe_rupture_codes as {{ code_list('birth_outcome_codes', 'severe_rupture') }},

outcomes_of_records as (

    select
        records.file_year,
        records.child_id,
        records.gestation_days < {{ var('preterm_before_days') }} as has_preterm_birth,
        records.birth_weight_percentile < {{ var('low_weight_below_percentile') }} as has_low_weight_for_gestation,
        records.apgar_score < {{ var('low_apgar_below') }} as has_low_apgar,
        case when records.delivery_mode_code is not null then caesarean_codes.code is not null end as has_caesarean,
        {%- for flag in flags %}
        records.has_{{ flag }},
        {%- endfor %}
        case when records.rupture_code is not null then severe_rupture_codes.code is not null end
            as has_severe_rupture
    from records
    left join caesarean_codes on records.delivery_mode_code = caesarean_codes.code
    left join severe_rupture_codes on records.rupture_code = severe_rupture_codes.code

),

ranked as (

    select
        outcomes_of_records.*,
        count(*) over (partition by outcomes_of_records.child_id) as records,
        row_number() over (
            partition by outcomes_of_records.child_id
            order by
                outcomes_of_records.file_year desc,
                {{ unknowns | join(' + ') }},
                {{ values | join(', ') }}
        ) as place
    from outcomes_of_records

),

final as (

    select
        births.birth_id,
        births.birth_year,
        {%- for outcome in outcomes %}
        ranked.has_{{ outcome }},
        {%- endfor %}
        cast(coalesce(ranked.records, 0) as smallint) as perined_records
    from births
    left join ranked
        on
            births.birth_id = ranked.child_id
            and ranked.place = 1

)

select * from final
