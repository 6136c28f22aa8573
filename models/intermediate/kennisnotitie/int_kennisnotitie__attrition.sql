-- From all births of its years to the births of the Kennisnotitie, and to those with a score: how many births in, how
-- many out, why.
{%- set exclusions = ['no_known_mother', 'early_stillbirth', 'mother_not_registered', 'not_scored'] %}
with population as (

    select kennisnotitie_exclusion_reason
    from {{ ref('int_kennisnotitie__population') }}

),

reasons as (

    select
        'kennisnotitie' as cohort_name,
        case kennisnotitie_exclusion_reason
            {%- for reason in exclusions %}
            when '{{ reason }}' then {{ loop.index }}
            {%- endfor %}
            else {{ exclusions | length + 1 }}
        end as leaves_at_step,
        count(*) as births
    from population
    group by leaves_at_step

),

steps as (
    {%- for reason in exclusions %}

    select
        'kennisnotitie' as cohort_name,
        {{ loop.index }} as step,
        '{{ reason }}' as reason
    {%- if not loop.last %}

    union all
    {%- endif %}
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
