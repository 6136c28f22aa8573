-- From all births to the births of each product, by year: how many stay and how many leave, and why.
{%- set exclusions = ['stillborn', 'no_legal_parent', 'no_registered_parent'] %}
{%- set care_steps = [
    ('no_known_mother', "maternity_care_exclusion_reason = 'no_known_mother'"),
    ('sibling_of_delivery', 'not is_first_of_delivery'),
    ('no_zvw_record', "maternity_care_exclusion_reason = 'no_zvw_record'"),
    ('hospital_stay', "maternity_care_exclusion_reason = 'hospital_stay'"),
] %}
{%- set kennisnotitie_exclusions = ['no_known_mother', 'early_stillbirth', 'mother_not_registered', 'not_scored'] %}
with births as (
    select * from {{ ref('int_births__all') }}
),

population as (
    select * from {{ ref('int_regiobeeld__population') }}
),

children as (
    select * from {{ ref('int_regiobeeld__children') }}
),

kennisnotitie as (
    select * from {{ ref('int_kennisnotitie__population') }}
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
    where birth_year between {{ var('regiobeeld_first_year') }} and {{ var('regiobeeld_last_year') }}
    union all
    select
        birth_year,
        'maternity_care' as product,
        case
            {%- for reason, holds in care_steps %}
            when {{ holds }} then {{ loop.index }}
            {%- endfor %}
            else {{ care_steps | length + 1 }}
        end as step,
        case
            {%- for reason, holds in care_steps %}
            when {{ holds }} then '{{ reason }}'
            {%- endfor %}
            else 'in_population'
        end as status,
        maternity_care_exclusion_reason is not null or not is_first_of_delivery as is_excluded
    from children
    where birth_year between {{ var('regiobeeld_first_year') }} and {{ var('regiobeeld_last_year') }}
    union all
    select
        birth_year,
        'kennisnotitie' as product,
        case kennisnotitie_exclusion_reason
            {%- for reason in kennisnotitie_exclusions %}
            when '{{ reason }}' then {{ loop.index }}
            {%- endfor %}
            else {{ kennisnotitie_exclusions | length + 1 }}
        end as step,
        coalesce(kennisnotitie_exclusion_reason, 'in_population') as status,
        -- A birth that cannot be scored is in the population all the same.
        not is_in_population as is_excluded
    from kennisnotitie
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
