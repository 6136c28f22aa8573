with births as (
    select count(*) as births
    from {{ ref('int_regiobeeld__births') }}
    where birth_year between {{ var('regiobeeld_first_year') }} and {{ var('regiobeeld_last_year') }}
),

found as (
    select
        'cohort_attrition' as place,
        min(births_out) as births
    from {{ ref('cohort_attrition') }}
    where cohort = 'regiobeeld'
    union all
    select
        'population_flow' as place,
        coalesce(sum(births), 0) as births
    from {{ ref('population_flow') }}
    where product = 'regiobeeld' and not is_excluded
    union all
    select
        'cohort_births' as place,
        count(*) as births
    from {{ ref('cohort_births') }}
    where is_in_regiobeeld
),

all_births as (
    select count(*) as births
    from {{ ref('int_births__all') }}
),

all_births_in_flow as (
    select coalesce(sum(births), 0) as births_found
    from {{ ref('population_flow') }}
    where product = 'all_births'
),

totals as (
    select
        all_births.births,
        all_births_in_flow.births_found
    from all_births
    cross join all_births_in_flow
)

select
    found.place,
    births.births,
    found.births as births_found
from found
cross join births
where found.births <> births.births
union all
select
    'population_flow, all births' as place,
    births,
    births_found
from totals
where births <> births_found
