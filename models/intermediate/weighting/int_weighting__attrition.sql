-- From the births of the Kennisnotitie to those that are weighted: how many births in, how many out, why. A birth
-- without birth outcomes does not leave: they are imputed.
{%- set exclusions = ['stillborn', 'not_scored'] %}
with births as (

    select
        is_live_birth,
        is_multiply_vulnerable
    from {{ ref('int_kennisnotitie__births') }}

),

reasons as (

    select
        case
            when not is_live_birth then 1
            when is_multiply_vulnerable is null then 2
            else 3
        end as leaves_at_step
    from births

),

steps as (
    {%- for reason in exclusions %}

    select
        {{ loop.index }} as step,
        '{{ reason }}' as reason
    {%- if not loop.last %}

    union all
    {%- endif %}
    {%- endfor %}

),

counted as (

    select
        'weighting' as cohort_name,
        steps.step,
        steps.reason,
        count(case when reasons.leaves_at_step >= steps.step then 1 end) as births_in,
        count(case when reasons.leaves_at_step > steps.step then 1 end) as births_out
    from steps
    left join reasons on steps.step <= reasons.leaves_at_step
    group by steps.step, steps.reason

)

select * from counted
