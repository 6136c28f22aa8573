-- RB-20..RB-25. Deliveries by class of maternity care, with and without a stay in hospital, and the mean hours, by year
-- and region. Deliveries of mothers without a Zvw record are left out. None and low together are below 24 hours, middle
-- and high at least 24. The numerator of the mean is the number of deliveries with any maternity care.
{%- set stays = [('without', 'not has_hospital_stay'), ('with', 'has_hospital_stay')] %}
{%- set classes = [
    ('none', "maternity_care_class = 'none'"),
    ('low', "maternity_care_class = 'low'"),
    ('middle', "maternity_care_class = 'middle'"),
    ('high', "maternity_care_class = 'high'"),
    ('below_24h', "maternity_care_class in ('none', 'low')"),
    ('at_least_24h', "maternity_care_class in ('middle', 'high')"),
] %}
{%- set cells = [] %}
{%- for stay, has_stay in stays %}
{%- for class, is_class in classes %}
{%- do cells.append((stay, class, 'share', has_stay ~ ' and ' ~ is_class, has_stay)) %}
{%- endfor %}
{%- do cells.append((stay, 'all', 'mean_hours', has_stay ~ " and maternity_care_class <> 'none'", has_stay)) %}
{%- endfor %}
with births as (
    select * from {{ ref('int_regiobeeld__deliveries') }}
    where
        birth_year between {{ var('regiobeeld_first_year') }} and {{ var('regiobeeld_last_year') }}
        -- A stay is no exclusion here: it is one of the two groups.
        and coalesce(maternity_care_exclusion_reason, 'hospital_stay') = 'hospital_stay'
),

regions as (
    select * from {{ ref('int_regiobeeld__regions') }}
),

births_by_region as (
    {{ births_by_region('births', 'regions', 'maternity_care_use') }}
),

-- Whole hundredths of an hour: a sum of integers does not depend on the order of the rows.
hundredths as (
    select
        cell_year,
        region_level,
        region_code,
        case when has_hospital_stay then 'with' else 'without' end as hospital_stay,
        cast(round(100 * maternity_care_hours) as bigint) as hours_100
    from births_by_region
),

sums as (
    select
        cell_year,
        region_level,
        region_code,
        hospital_stay,
        count(hours_100) as deliveries,
        cast(sum(hours_100) as double) as total_100,
        cast(sum(hours_100 * hours_100) as double) as total_of_squares_100
    from hundredths
    group by cell_year, region_level, region_code, hospital_stay
),

means as (
    select
        *,
        round(total_100 / deliveries / 100, 9) as mean_hours,
        -- sqrt(variance / n), the variance with n - 1.
        case
            when deliveries > 1
                then round(
                    sqrt(
                        greatest(total_of_squares_100 - total_100 * total_100 / deliveries, 0)
                        / (deliveries - 1) / deliveries
                    ) / 100, 9
                )
        end as standard_error
    from sums
    where deliveries > 0
),

counted as (
    {{ count_conditions('births', 'regions', 'maternity_care_use', cells) }}
),

cells as (
    {{ count_cells('births', 'regions', 'maternity_care_use', cells) }}
)

select
    cells.birth_year,
    cells.region_level,
    cells.region_code,
    cells.region_name,
    cells.hospital_stay,
    cells.maternity_care_class,
    cells.statistic,
    cells.numerator,
    cells.denominator,
    means.mean_hours as value,
    means.standard_error as value_standard_error
from cells
left join means
    on
        cells.statistic = 'mean_hours'
        and cells.birth_year = means.cell_year
        and cells.region_level = means.region_level
        and cells.region_code = means.region_code
        and cells.hospital_stay = means.hospital_stay
