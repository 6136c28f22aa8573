-- RB-02. Characteristics of the families of the births, by year and over all years together. The categories of a
-- characteristic exclude one another and, with `unknown`, add up to all births. The parents' age has quantiles instead
-- (whole years; the smallest age that at least that share of the parents does not exceed), over all known parents.
{%- set cells = [
    ('income', 'below_threshold', 'share', 'has_income_below_120'),
    ('income', 'at_or_above_threshold', 'share', 'not has_income_below_120'),
    ('income', 'unknown', 'share', 'has_income_below_120 is null'),
    ('social_assistance', 'yes', 'share', 'has_social_assistance'),
    ('social_assistance', 'no', 'share', 'not has_social_assistance'),
    ('social_assistance', 'unknown', 'share', 'has_social_assistance is null'),
    ('education_low', 'none', 'share', "education_class = 'none_low'"),
    ('education_low', 'exactly_one', 'share', "education_class = 'one_low'"),
    ('education_low', 'both', 'share', "education_class = 'both_low'"),
    ('education_low', 'unknown', 'share', "education_class = 'unknown' or education_class is null"),
    ('education_middle_or_high', 'yes', 'share', 'has_middle_or_high'),
    ('education_middle_or_high', 'no', 'share', 'not has_middle_or_high'),
    ('education_middle_or_high', 'unknown', 'share', 'has_middle_or_high is null'),
    ('origin', 'non_western', 'share', "origin_class = 'non_western'"),
    ('origin', 'dutch', 'share', "origin_class = 'dutch'"),
    ('origin', 'western_or_unknown', 'share', "origin_class = 'western_or_unknown' or origin_class is null"),
    ('known_parents', '1', 'share', 'known_parent_count = 1'),
    ('known_parents', '2', 'share', 'known_parent_count = 2'),
    ('parent_under_25', 'yes', 'share', 'has_parent_under_25'),
    ('parent_under_25', 'no', 'share', 'not has_parent_under_25'),
    ('parent_under_25', 'unknown', 'share', 'has_parent_under_25 is null'),
    ('debt', 'yes', 'share', 'has_debt'),
    ('debt', 'no', 'share', 'not has_debt'),
    ('debt', 'unknown', 'share', 'has_debt is null'),
    ('wsnp', 'yes', 'share', 'is_wsnp'),
    ('wsnp', 'no', 'share', 'not is_wsnp'),
    ('wsnp', 'unknown', 'share', 'is_wsnp is null'),
    ('premium_default', 'yes', 'share', 'is_premium_defaulter'),
    ('premium_default', 'no', 'share', 'not is_premium_defaulter'),
    ('premium_default', 'unknown', 'share', 'is_premium_defaulter is null'),
    ('problematic_debt', 'yes', 'share', 'has_problematic_debt'),
    ('problematic_debt', 'no', 'share', 'not has_problematic_debt'),
    ('problematic_debt', 'unknown', 'share', 'has_problematic_debt is null'),
    ('mental_health', 'yes', 'share', 'has_mental_health_problem'),
    ('mental_health', 'no', 'share', 'not has_mental_health_problem'),
    ('mental_health', 'unknown', 'share', 'has_mental_health_problem is null'),
    ('single_parent', 'yes', 'share', 'is_single_parent'),
    ('single_parent', 'no', 'share', 'not is_single_parent'),
    ('single_parent', 'unknown', 'share', 'is_single_parent is null'),
] %}
with births as (
    select * from {{ ref('int_regiobeeld__births') }}
    where birth_year between {{ var('regiobeeld_first_year') }} and {{ var('regiobeeld_last_year') }}
),

regions as (
    select * from {{ ref('int_regiobeeld__regions') }}
),

counted as (
    {{ count_conditions('births', 'regions', 'family_profile', cells) }}
),

births_by_region as (
    {{ births_by_region('births', 'regions', 'family_profile') }}
),

ages as (
    select
        cell_year,
        region_level,
        region_code,
        'mother' as category,
        mother_age_years as age_years
    from births_by_region
    union all
    select
        cell_year,
        region_level,
        region_code,
        'other_parent' as category,
        other_parent_age_years as age_years
    from births_by_region
    union all
    select
        cell_year,
        region_level,
        region_code,
        'all_parents' as category,
        mother_age_years as age_years
    from births_by_region
    union all
    select
        cell_year,
        region_level,
        region_code,
        'all_parents' as category,
        other_parent_age_years as age_years
    from births_by_region
),

-- Few different ages: everything about the quantiles follows from the parents of each age.
parents_of_age as (
    select
        cell_year,
        region_level,
        region_code,
        category,
        age_years,
        count(*) as parents
    from ages
    where age_years is not null
    group by cell_year, region_level, region_code, category, age_years
),

running as (
    select
        *,
        sum(parents) over (
            partition by cell_year, region_level, region_code, category
            order by age_years
            rows between unbounded preceding and current row
        ) as parents_up_to_age,
        sum(parents) over (partition by cell_year, region_level, region_code, category) as all_parents
    from parents_of_age
),

statistics as (
    select
        'p25' as statistic,
        25 as percent
    union all
    select
        'median' as statistic,
        50 as percent
    union all
    select
        'p75' as statistic,
        75 as percent
),

quantiles as (
    select
        running.cell_year,
        running.region_level,
        running.region_code,
        running.category,
        statistics.statistic,
        running.all_parents,
        running.age_years,
        -- sqrt(p (1 - p) / n) / f, with f the share of the parents who have that very age (density per year).
        round(
            sqrt(cast(statistics.percent * (100 - statistics.percent) as double) / 10000 / running.all_parents)
            / (cast(running.parents as double) / running.all_parents), 9
        ) as standard_error
    from running
    cross join statistics
    where
        100 * running.parents_up_to_age >= statistics.percent * running.all_parents
        and 100 * (running.parents_up_to_age - running.parents) < statistics.percent * running.all_parents
),

categories as (
    select 'mother' as category
    union all
    select 'other_parent' as category
    union all
    select 'all_parents' as category
),

shares as (
    {{ count_cells('births', 'regions', 'family_profile', cells) }}
),

frame as (
    {{ cell_frame('regions', 'family_profile') }}
)

select
    birth_year,
    region_level,
    region_code,
    region_name,
    characteristic,
    category,
    statistic,
    numerator,
    denominator,
    cast(null as double) as value,
    cast(null as double) as value_standard_error
from shares
union all
select
    frame.birth_year,
    frame.region_level,
    frame.region_code,
    frame.region_name,
    'parent_age' as characteristic,
    categories.category,
    statistics.statistic,
    cast(null as bigint) as numerator,
    cast(coalesce(quantiles.all_parents, 0) as bigint) as denominator,
    cast(quantiles.age_years as double) as value,
    quantiles.standard_error as value_standard_error
from frame
cross join categories
cross join statistics
left join quantiles
    on
        frame.birth_year is not distinct from quantiles.cell_year
        and frame.region_level = quantiles.region_level
        and frame.region_code = quantiles.region_code
        and categories.category = quantiles.category
        and statistics.statistic = quantiles.statistic
