-- Which numbers rest on a code or a column that nobody could document. The marts come from dbt's own graph; the list of
-- seeds is held against it, so that a new code list cannot be forgotten.
{%- set code_lists = [
    (ref('countries'), 'countries', 'country_code'),
    (ref('atc_groups'), 'atc_groups', "definition || ' ' || atc4_code"),
    (ref('education_levels'), 'education_levels', 'first_digit'),
    (ref('household_types'), 'household_types', 'code'),
    (ref('income_sources'), 'income_sources', 'code'),
    (ref('socioeconomic_categories'), 'socioeconomic_categories', 'code'),
    (ref('care_activities'), 'care_activities', "code_group || ' ' || code"),
    (ref('diagnoses'), 'diagnoses', "code_group || ' ' || specialism_code || ' ' || code"),
    (ref('hospital_stay_products'), 'hospital_stay_products', "code_group || ' ' || code"),
    (ref('chronic_illness_medication'), 'chronic_illness_medication', "code_group || ' ' || code"),
    (ref('youth_care_codes'), 'youth_care_codes', "code_group || ' ' || code"),
    (ref('birth_outcome_codes'), 'birth_outcome_codes', "code_group || ' ' || code"),
    (ref('maternity_care_tariffs'), 'maternity_care_tariffs', 'year'),
    (ref('price_index'), 'price_index', 'year'),
    (ref('municipality_urbanity'), 'municipality_urbanity', 'municipality_code'),
] %}
{%- set marts = {} %}
{%- set columns = [] %}
{%- if execute %}
{%- set marts = marts_resting_on(
    excluded=['placeholder_codes', 'register_coverage', 'disclosure_cost', 'disclosure_alternatives']
) %}
{%- set columns = placeholder_columns() %}
{%- set listed = code_lists | map(attribute=1) | list %}
{%- for seed in seeds_with_confidence() if seed not in listed %}
{{ exceptions.raise_compiler_error(
    "seed " ~ seed ~ " has a column confidence but is not in the list of model placeholder_codes: add it there"
) }}
{%- endfor %}
{%- endif %}
with codes as (
    {%- for relation, name, code in code_lists %}
    select
        'code list' as kind,
        '{{ name }}' as origin,
        cast({{ code }} as varchar) as code,
        confidence
    from {{ relation }}
    where confidence in ('placeholder', 'recalled')
    union all
    {%- endfor %}
    {%- for source_id, register, column, confidence in columns %}
    select
        '{{ 'register' if column is none else 'register column' }}' as kind,
        '{{ register }}' as origin,
        {{ 'cast(null as varchar)' if column is none else "'" ~ column ~ "'" }} as code,
        '{{ confidence }}' as confidence
    union all
    {%- endfor %}
    select
        cast(null as varchar) as kind,
        cast(null as varchar) as origin,
        cast(null as varchar) as code,
        cast(null as varchar) as confidence
    where false
),

dependencies as (
    {%- for ancestor, found in marts.items() if ancestor.startswith(('seed.', 'source.')) %}
    {%- for mart_schema, mart_name in found %}
    select
        '{{ ancestor.split('.')[-1] }}' as origin,
        '{{ mart_schema }}' as mart_schema,
        '{{ mart_name }}' as mart_name
    union all
    {%- endfor %}
    {%- endfor %}
    select
        cast(null as varchar) as origin,
        cast(null as varchar) as mart_schema,
        cast(null as varchar) as mart_name
    where false
)

select
    codes.kind,
    codes.origin,
    codes.code,
    codes.confidence,
    dependencies.mart_schema,
    dependencies.mart_name
from codes
inner join dependencies on codes.origin = dependencies.origin
