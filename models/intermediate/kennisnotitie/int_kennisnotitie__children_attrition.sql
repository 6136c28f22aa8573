-- From all births of the Kennisnotitie to the children of each life year, and of each birthday of the social domain:
-- how many births in, how many out, why. Who has died and left has died.
{%- set cohorts = [] %}
{%- for life_year in range((var('last_life_year') | int) + 1) %}
{%- do cohorts.append(('child_years_' ~ life_year, life_year, var('last_cost_year'), true)) %}
{%- endfor %}
{%- for age in var('youth_care_ages') %}
{%- do cohorts.append(('youth_care_' ~ age, age, var('last_youth_care_year'), false)) %}
{%- endfor %}
{%- do cohorts.append(('special_education', var('special_education_age'), var('last_education_year'), false)) %}
{%- set exclusions = [
    'stillborn', 'life_year_not_reached', 'died', 'left_the_netherlands', 'child_without_zvw_record', 'not_scored'
] %}
with births as (
    select
        birth_id,
        birth_year,
        is_live_birth,
        is_multiply_vulnerable
    from {{ ref('int_kennisnotitie__births') }}
),

absences as (
    select
        birth_id,
        absence_reason,
        first_absent_year,
        last_absent_year
    from {{ ref('int_care_costs__absences') }}
),

life_year_sums as (
    select
        life_year,
        is_multiply_vulnerable,
        all_children,
        known_children
    from {{ ref('int_care_costs__life_year_sums') }}
    where care_type = 'total'
),

cohorts as (
    {%- for cohort, years_after_birth, last_year, has_costs in cohorts %}
    select
        '{{ cohort }}' as cohort_name,
        {{ years_after_birth }} as years_after_birth,
        {{ last_year }} as last_year,
        {{ 'true' if has_costs else 'false' }} as has_costs
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

steps as (
    {%- for reason in exclusions %}
    select
        {{ loop.index }} as priority,
        '{{ reason }}' as reason
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

years as (
    select
        birth_year,
        is_live_birth,
        is_multiply_vulnerable is not null as is_scored,
        count(*) as births
    from births
    group by birth_year, is_live_birth, is_multiply_vulnerable is not null
),

reached as (
    select
        cohorts.cohort_name,
        cohorts.has_costs,
        years.is_scored,
        years.births,
        case
            when not years.is_live_birth then 'stillborn'
            when years.birth_year + cohorts.years_after_birth > cohorts.last_year then 'life_year_not_reached'
        end as reason
    from years
    cross join cohorts
),

-- One row for a child, whatever its absences.
absent as (
    select
        cohorts.cohort_name,
        births.birth_id,
        births.is_multiply_vulnerable is not null as is_scored,
        min(absences.absence_reason) as reason
    from absences
    inner join births on absences.birth_id = births.birth_id
    inner join cohorts
        on
            births.birth_year + cohorts.years_after_birth <= cohorts.last_year
            and births.birth_year + cohorts.years_after_birth
            between absences.first_absent_year and absences.last_absent_year
    group by cohorts.cohort_name, births.birth_id, births.is_multiply_vulnerable is not null
),

exits as (
    select
        cohort_name,
        reason,
        births
    from reached
    where reason is not null
    union all
    select
        cohort_name,
        reason,
        1 as births
    from absent
    union all
    select
        'child_years_' || life_year as cohort_name,
        'child_without_zvw_record' as reason,
        all_children - known_children as births
    from life_year_sums
    union all
    select
        'child_years_' || life_year as cohort_name,
        'not_scored' as reason,
        known_children as births
    from life_year_sums
    where is_multiply_vulnerable is null
    union all
    select
        cohort_name,
        'not_scored' as reason,
        births
    from reached
    where
        reason is null
        and not has_costs
        and not is_scored
    union all
    -- Children who were absent have left already.
    select
        absent.cohort_name,
        'not_scored' as reason,
        -1 as births
    from absent
    inner join cohorts on absent.cohort_name = cohorts.cohort_name
    where
        not cohorts.has_costs
        and not absent.is_scored
),

all_births as (
    select coalesce(sum(births), 0) as births
    from years
),

with_exits as (
    select
        cohorts.cohort_name,
        steps.priority,
        steps.reason,
        coalesce(sum(exits.births), 0) as births_excluded
    from cohorts
    cross join steps
    left join exits
        on
            cohorts.cohort_name = exits.cohort_name
            and steps.reason = exits.reason
    where cohorts.has_costs or steps.reason <> 'child_without_zvw_record'
    group by cohorts.cohort_name, steps.priority, steps.reason
),

counted as (
    select
        with_exits.cohort_name,
        row_number() over (partition by with_exits.cohort_name order by with_exits.priority) as step,
        with_exits.reason,
        with_exits.births_excluded,
        all_births.births - sum(with_exits.births_excluded) over (
            partition by with_exits.cohort_name
            order by with_exits.priority
            rows between unbounded preceding and current row
        ) as births_out
    from with_exits
    cross join all_births
)

select
    cohort_name,
    cast(step as integer) as step,
    reason,
    births_out + births_excluded as births_in,
    births_out
from counted
