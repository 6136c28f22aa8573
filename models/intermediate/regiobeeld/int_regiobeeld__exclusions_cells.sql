-- RB-00. Births that an exclusion drops, beside the births it is applied to, by year and region of residence.
-- 1. not linked to a legal parent, of all live births; 2. no legal parent registered on the reference date, of the live
-- births with a legal parent; 3. mother without a Zvw record in the year of birth, of the Regiobeeld births with a
-- known mother (the maternity care tables leave them out).
{%- set exclusions = [
    ('not_linked_to_parent', "exclusion_reason = 'no_legal_parent'", "coalesce(exclusion_reason, '') <> 'stillborn'"),
    (
        'parent_not_registered', "exclusion_reason = 'no_registered_parent'",
        "coalesce(exclusion_reason, '') not in ('stillborn', 'no_legal_parent')"
    ),
    ('mother_without_zvw', 'is_without_zvw', 'exclusion_reason is null and mother_id is not null'),
] %}
with population as (
    select * from {{ ref('int_regiobeeld__population') }}
),

births_all as (
    select * from {{ ref('int_births__all') }}
),

residence as (
    select * from {{ ref('int_births__residence') }}
),

health_insurance as (
    select
        file_year,
        person_id
    from {{ ref('stg_zvwzorgkostentab') }}
    where file_year between {{ var('regiobeeld_first_year') }} and {{ var('regiobeeld_last_year') }}
),

regions as (
    select * from {{ ref('int_regiobeeld__regions') }}
),

insured as (
    select distinct population.birth_id
    from population
    inner join births_all on population.birth_id = births_all.birth_id
    inner join health_insurance
        on
            births_all.mother_id = health_insurance.person_id
            and population.birth_year = health_insurance.file_year
),

births as (
    select
        population.birth_id,
        population.birth_year,
        population.exclusion_reason,
        births_all.mother_id,
        residence.municipality_2021_code as municipality_code,
        insured.birth_id is null as is_without_zvw
    from population
    inner join births_all on population.birth_id = births_all.birth_id
    left join residence on population.birth_id = residence.birth_id
    left join insured on population.birth_id = insured.birth_id
),

births_by_region as (
    {{ births_by_region('births', 'regions', 'exclusions') }}
),

frame as (
    {{ cell_frame('regions', 'exclusions') }}
),

counted as (
    {%- for exclusion, is_excluded, is_considered in exclusions %}
    select
        cell_year,
        region_level,
        region_code,
        '{{ exclusion }}' as exclusion,
        count(case when {{ is_excluded }} then 1 end) as numerator,
        count(*) as denominator
    from births_by_region
    where {{ is_considered }}
    group by cell_year, region_level, region_code
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

exclusions as (
    {%- for exclusion, is_excluded, is_considered in exclusions %}
    select '{{ exclusion }}' as exclusion
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
)

select
    frame.birth_year,
    frame.region_level,
    frame.region_code,
    frame.region_name,
    exclusions.exclusion,
    cast(coalesce(counted.numerator, 0) as bigint) as numerator,
    cast(coalesce(counted.denominator, 0) as bigint) as denominator
from frame
cross join exclusions
left join counted
    on
        frame.birth_year = counted.cell_year
        and frame.region_level = counted.region_level
        and frame.region_code = counted.region_code
        and exclusions.exclusion = counted.exclusion
