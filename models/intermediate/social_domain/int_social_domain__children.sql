-- Special education, youth help and youth protection of live-born children, until the end of the calendar year of a
-- birthday (KN:L231), from the year of birth on. A child counts at an age when it has not died or left the Netherlands
-- before that calendar year (KN:L243) and the register goes so far. All these registers are presence registers: absent
-- means no.
{%- set ages = var('youth_care_ages') %}
{%- set education_age = var('special_education_age') %}
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

youth_help as (

    select
        file_year,
        person_id,
        help_form_code
    from {{ ref('stg_jgdhulpbus') }}
    where file_year <= {{ var('last_youth_care_year') }}

),

youth_protection as (

    select
        file_year,
        person_id,
        measure_code
    from {{ ref('stg_jgdbeschermbus') }}
    where file_year <= {{ var('last_youth_care_year') }}

),

help_with_stay_codes as (

    select
        code,
        valid_from,
        valid_to
    from {{ code_list('youth_care_codes', 'youth_help_with_stay') }} as codes

),

protection_codes as (

    select
        code,
        valid_from,
        valid_to
    from {{ code_list('youth_care_codes', 'youth_protection') }} as codes

),

-- Special primary education and special schools; a pupil is registered on 1 October of the file's year.
pupils as (

    select
        file_year,
        person_id
    from {{ ref('stg_inschrwpotab') }}
    where
        primary_education_code = 'SBO'
        and file_year <= {{ var('last_education_year') }}

    union all

    select
        file_year,
        person_id
    from {{ ref('stg_inschrwectab') }}
    where file_year <= {{ var('last_education_year') }}

),

-- Calendar years from the year of birth to the first one of each kind; of an unknown form nothing says which it is.
events as (

    select
        births.birth_id,
        case
            when help_with_stay_codes.code is not null then 'youth_help_with_stay'
            when youth_help.help_form_code is not null then 'youth_help_without_stay'
        end as event,
        youth_help.file_year - births.birth_year as years_after_birth
    from births
    inner join youth_help on births.birth_id = youth_help.person_id
    left join help_with_stay_codes
        on
            youth_help.help_form_code = help_with_stay_codes.code
            and {{ code_holds_in('help_with_stay_codes', 'youth_help.file_year') }}

    union all

    select
        births.birth_id,
        'youth_protection' as event,
        youth_protection.file_year - births.birth_year as years_after_birth
    from births
    inner join youth_protection on births.birth_id = youth_protection.person_id
    inner join protection_codes
        on
            youth_protection.measure_code = protection_codes.code
            and {{ code_holds_in('protection_codes', 'youth_protection.file_year') }}

    union all

    select
        births.birth_id,
        'special_education' as event,
        pupils.file_year - births.birth_year as years_after_birth
    from births
    inner join pupils on births.birth_id = pupils.person_id

),

first_events as (

    select
        birth_id,
        min(case when event = 'youth_help_without_stay' then years_after_birth end) as youth_help_without_stay,
        min(case when event = 'youth_help_with_stay' then years_after_birth end) as youth_help_with_stay,
        min(case when event = 'youth_protection' then years_after_birth end) as youth_protection,
        min(case when event = 'special_education' then years_after_birth end) as special_education
    from events
    group by birth_id

),

-- Few children are ever absent.
absent_at as (

    select
        births.birth_id,
        {%- for age in ages %}
        max(case
            when births.birth_year + {{ age }} between absences.first_absent_year and absences.last_absent_year then 1
            else 0
        end) as is_absent_at_{{ age }},
        {%- endfor %}
        max(case
            when
                births.birth_year + {{ education_age }}
                between absences.first_absent_year and absences.last_absent_year
                then 1
            else 0
        end) as is_absent_for_education
    from births
    inner join absences on births.birth_id = absences.birth_id
    group by births.birth_id

),

combined as (

    select
        births.birth_id,
        births.birth_year,
        {%- for age in ages %}
        births.birth_year + {{ age }} <= {{ var('last_youth_care_year') }}
        and coalesce(absent_at.is_absent_at_{{ age }}, 0) = 0 as counts_at_{{ age }},
        {%- endfor %}
        births.birth_year + {{ education_age }} <= {{ var('last_education_year') }}
        and coalesce(absent_at.is_absent_for_education, 0) = 0 as counts_for_education,
        first_events.youth_help_without_stay,
        first_events.youth_help_with_stay,
        first_events.youth_protection,
        first_events.special_education
    from births
    left join first_events on births.birth_id = first_events.birth_id
    left join absent_at on births.birth_id = absent_at.birth_id

),

final as (

    select
        birth_id,
        birth_year,
        {%- for age in ages %}
        {%- for event in ['youth_help_without_stay', 'youth_help_with_stay', 'youth_protection'] %}
        case when counts_at_{{ age }} then coalesce({{ event }} <= {{ age }}, false) end
            as has_{{ event }}__age_{{ age }},
        {%- endfor %}
        {%- endfor %}
        case
            when counts_for_education then coalesce(special_education <= {{ education_age }}, false)
        end as has_special_education
    from combined

)

select * from final
