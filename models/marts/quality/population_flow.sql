-- From all births to the births of each product, by year: how many stay and how many leave, and why.
{%- set exclusions = ['stillborn', 'no_legal_parent', 'no_registered_parent'] %}
with births as (
    select * from {{ ref('int_births__all') }}
),

population as (
    select * from {{ ref('int_regiobeeld__population') }}
),

steps as (
    select
        birth_year,
        'all_births' as product,
        0 as step,
        case when is_live_birth then 'live' else 'stillborn' end as status,
        false as is_excluded
    from births
    union all
    select
        birth_year,
        'regiobeeld' as product,
        case exclusion_reason
            {%- for reason in exclusions %}
            when '{{ reason }}' then {{ loop.index }}
            {%- endfor %}
            else {{ exclusions | length + 1 }}
        end as step,
        coalesce(exclusion_reason, 'in_population') as status,
        exclusion_reason is not null as is_excluded
    from population
),

labels as (
    {{ labels_of('population_reason') }}
)

select
    steps.birth_year,
    steps.product,
    steps.step,
    steps.status,
    labels.label as status_label,
    steps.is_excluded,
    count(*) as births
from steps
left join labels on steps.status = labels.code
group by steps.birth_year, steps.product, steps.step, steps.status, labels.label, steps.is_excluded
