{#- The seeds stand here by name: a code list that a model asks for and that is not among them is missing. -#}
{%- set code_lists = {
    'care_activities': ref('care_activities'),
    'diagnoses': ref('diagnoses'),
    'hospital_stay_products': ref('hospital_stay_products'),
    'chronic_illness_medication': ref('chronic_illness_medication'),
    'youth_care_codes': ref('youth_care_codes'),
    'birth_outcome_codes': ref('birth_outcome_codes'),
} %}
with used as (
    {%- for model, seed, code_group in (code_lists_used() if execute else []) %}
    select
        '{{ model }}' as model_name,
        '{{ seed }}' as seed_name,
        '{{ code_group or "(a group that is no text)" }}' as code_group
    union all
    {%- else %}
    -- No call at all: the calls are no longer recognised.
    select
        '(no model)' as model_name,
        '(no code list)' as seed_name,
        '(no group)' as code_group
    union all
    {%- endfor %}
    select
        cast(null as varchar) as model_name,
        cast(null as varchar) as seed_name,
        cast(null as varchar) as code_group
    where false
),

-- Filled: at least one code holds in a year that is followed.
filled as (
    {%- for seed, relation in code_lists.items() %}
    select distinct
        '{{ seed }}' as seed_name,
        code_group
    from {{ relation }}
    where
        code is not null
        and coalesce(valid_from, {{ var('first_birth_year') }}) <= {{ var('last_birth_year') }}
        and coalesce(valid_to, {{ var('last_birth_year') }}) >= {{ var('first_birth_year') }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)

select
    used.model_name,
    used.seed_name,
    used.code_group
from used
left join filled on used.seed_name = filled.seed_name and used.code_group = filled.code_group
where filled.code_group is null
