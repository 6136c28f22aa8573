-- Every exclusion is a row: how many births in, how many out, why. The Regiobeeld's population first; then, from its
-- births, those of the maternity care theme (twins counted once from step 2 on) and the two cohorts of the psychosocial
-- theme. Each birth leaves for the first reason that holds.
{%- set regiobeeld_years = (
    'birth_year between ' ~ var('regiobeeld_first_year') ~ ' and ' ~ var('regiobeeld_last_year')
) %}
{%- set population_steps = [
    ('stillborn', "exclusion_reason = 'stillborn'"),
    ('no_legal_parent', "exclusion_reason = 'no_legal_parent'"),
    ('no_registered_parent', "exclusion_reason = 'no_registered_parent'"),
] %}
{%- set care_steps = [
    ('no_known_mother', "maternity_care_exclusion_reason = 'no_known_mother'"),
    ('no_zvw_record', "maternity_care_exclusion_reason = 'no_zvw_record'"),
    ('hospital_stay', "maternity_care_exclusion_reason = 'hospital_stay'"),
] %}
{%- set sibling = ('sibling_of_delivery', 'not is_first_of_delivery') %}
{%- set cohorts = [
    ('regiobeeld', 'population', regiobeeld_years, population_steps),
    ('maternity_care', 'children', regiobeeld_years, [care_steps[0], sibling, care_steps[1], care_steps[2]]),
    ('psychosocial_care', 'children', psychosocial_cohort_years('main'), care_steps),
    ('psychosocial_care_sensitivity', 'children', psychosocial_cohort_years('sensitivity'), care_steps),
] %}
with population as (

    select
        birth_year,
        exclusion_reason
    from {{ ref('int_regiobeeld__population') }}

),

children as (

    select
        birth_year,
        is_first_of_delivery,
        maternity_care_exclusion_reason
    from {{ ref('int_regiobeeld__children') }}

),

reasons as (
    {%- for cohort, births, years, steps in cohorts %}

    select
        '{{ cohort }}' as cohort_name,
        case
            {%- for reason, holds in steps %}
            when {{ holds }} then {{ loop.index }}
            {%- endfor %}
            else {{ steps | length + 1 }}
        end as leaves_at_step,
        count(*) as births
    from {{ births }}
    where {{ years }}
    group by leaves_at_step
    {%- if not loop.last %}

    union all
    {%- endif %}
    {%- endfor %}

),

steps as (
    {%- for cohort, births, years, steps in cohorts %}
    {%- set outer_last = loop.last %}
    {%- for reason, holds in steps %}

    select
        '{{ cohort }}' as cohort_name,
        {{ loop.index }} as step,
        '{{ reason }}' as reason
    {%- if not (loop.last and outer_last) %}

    union all
    {%- endif %}
    {%- endfor %}
    {%- endfor %}

),

counted as (

    select
        steps.cohort_name,
        steps.step,
        steps.reason,
        sum(case when reasons.leaves_at_step >= steps.step then reasons.births else 0 end) as births_in,
        sum(case when reasons.leaves_at_step > steps.step then reasons.births else 0 end) as births_out
    from steps
    left join reasons on steps.cohort_name = reasons.cohort_name
    group by steps.cohort_name, steps.step, steps.reason

)

select * from counted
