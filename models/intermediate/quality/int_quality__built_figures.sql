-- The number that this build gives for a published figure, from exact cells, with its standard error.
-- Counts of a delivery that holds the fraction f of all births are divided by f, so the variance of a count n (Poisson)
-- becomes n / f^2. Shares do not change with f, but their standard error follows the smaller numbers. A count of zero
-- gets the variance of a count of one, and so does an empty complement: an error of zero would claim certainty.
-- One in n is the inverse of a share: its error is that of the share divided by the square of the share (delta method).
with coordinates as (
    select * from {{ ref('figure_coordinates') }}
),

cells as (
    select * from {{ ref('int_quality__cells') }}
),

delivery as (
    select * from {{ ref('int_quality__delivery') }}
),

figure_cells as (
    select
        coordinates.figure_row_id,
        coordinates.measure,
        coordinates.birth_year_from,
        coordinates.birth_year_to,
        cells.birth_year,
        cells.region_level,
        cells.region_code,
        -- The lowest of several regions is looked for; other figures add their regions up.
        case when coordinates.measure = 'lowest_region_share' then cells.region_code end as compared_region_code,
        cast(cells.numerator as double) as numerator,
        cast(cells.denominator as double) as denominator,
        cells.value,
        cells.value_standard_error
    from coordinates
    inner join cells
        on
            coordinates.table_name = cells.table_name
            and coordinates.region_level = cells.region_level
            and coordinates.region_code = cells.region_code
            and coalesce(coordinates.breakdown_key, '') = cells.breakdown_key
            and case
                -- The years are a dimension of the breakdown.
                when coordinates.birth_year_from is null then cells.birth_year is null
                -- A quantile over several years cannot be added up: it has a pooled cell of its own.
                when coordinates.measure = 'value' and coordinates.birth_year_from < coordinates.birth_year_to
                    then cells.birth_year is null
                else cells.birth_year between coordinates.birth_year_from and coordinates.birth_year_to
            end
),

-- A figure can be the sum of several cells: parts of one whole within a region, and several regions.
figure_regions as (
    select
        figure_row_id,
        measure,
        birth_year_from,
        birth_year_to,
        birth_year,
        compared_region_code,
        case when count(numerator) = count(*) then sum(numerator) end as numerator,
        case when min(denominator) = max(denominator) then max(denominator) end as denominator,
        max(value) as value,
        max(value_standard_error) as value_standard_error
    from figure_cells
    group by
        figure_row_id, measure, birth_year_from, birth_year_to, birth_year, compared_region_code, region_level,
        region_code
),

figure_years as (
    select
        figure_row_id,
        measure,
        birth_year_from,
        birth_year_to,
        birth_year,
        compared_region_code,
        case when count(numerator) = count(*) then sum(numerator) end as numerator,
        case when count(denominator) = count(*) then sum(denominator) end as denominator,
        max(value) as value,
        max(value_standard_error) as value_standard_error
    from figure_regions
    group by figure_row_id, measure, birth_year_from, birth_year_to, birth_year, compared_region_code
),

figure_shares as (
    select
        *,
        case when denominator > 0 then numerator / denominator end as share
    from figure_years
),

ranked as (
    select
        *,
        row_number() over (
            partition by figure_row_id order by coalesce(share, 2), birth_year, compared_region_code
        ) as rank_from_lowest,
        row_number() over (
            partition by figure_row_id order by coalesce(share, -1) desc, birth_year
        ) as rank_from_highest
    from figure_shares
),

chosen as (
    -- The years that the measure is about: all of them together, or the year with the lowest or highest share.
    select
        figure_row_id,
        measure,
        count(*) as years,
        case when count(numerator) = count(*) then sum(numerator) end as numerator,
        case when count(denominator) = count(*) then sum(denominator) end as denominator,
        max(value) as value,
        max(value_standard_error) as value_standard_error,
        sum(case when birth_year = birth_year_from then numerator end) as first_numerator,
        sum(case when birth_year = birth_year_from then denominator end) as first_denominator,
        sum(case when birth_year = birth_year_to then numerator end) as last_numerator,
        sum(case when birth_year = birth_year_to then denominator end) as last_denominator
    from ranked
    where
        (
            measure not in ('lowest_year_share', 'lowest_year_per_1000', 'lowest_region_share')
            or rank_from_lowest = 1
        )
        and (measure not in ('highest_year_share', 'highest_year_per_1000') or rank_from_highest = 1)
    group by figure_row_id, measure
),

chosen_and_fraction as (
    select
        chosen.*,
        delivery.fraction
    from chosen
    cross join delivery
),

-- Shares, and the ratios of the two ends of a change.
parts as (
    select
        *,
        case when denominator > 0 then numerator / denominator end as share,
        case
            -- Of a single child every share is as good as any other.
            when denominator = 1 and numerator is not null then 0.5
            when denominator > 0
                then greatest(least(numerator, denominator - 1), 1) / denominator
        end as share_for_error,
        case when first_numerator > 0 and last_numerator > 0 then last_numerator / first_numerator end as count_ratio,
        case
            when first_numerator > 0 and last_numerator > 0
                then (last_numerator / last_denominator) / (first_numerator / first_denominator)
        end as share_ratio
    from chosen_and_fraction
),

shares as (
    select
        *,
        case
            when measure in ('share', 'lowest_year_share', 'highest_year_share', 'lowest_region_share') then 100
            when measure in ('per_1000', 'lowest_year_per_1000', 'highest_year_per_1000') then 1000
        end as per,
        sqrt(greatest(share_for_error * (1 - share_for_error), 0) / denominator) as share_standard_error
    from parts
),

built as (
    select
        figure_row_id,
        case
            when measure = 'count' then numerator / fraction
            when measure = 'count_denominator' then denominator / fraction
            when measure = 'count_per_year' then numerator / fraction / years
            when per is not null then per * share
            when measure = 'one_in' and share > 0 then 1 / share
            when measure = 'count_ratio' then count_ratio
            when measure = 'count_growth' then 100 * (count_ratio - 1)
            when measure = 'share_growth' then 100 * (share_ratio - 1)
            when measure = 'value' then value
        end as built,
        case
            when measure = 'count' then sqrt(greatest(numerator, 1)) / fraction
            when measure = 'count_denominator' then sqrt(greatest(denominator, 1)) / fraction
            when measure = 'count_per_year' then sqrt(greatest(numerator, 1)) / fraction / years
            when per is not null then per * share_standard_error
            when measure = 'one_in' and share > 0 then share_standard_error / (share * share)
            when measure = 'count_ratio' then count_ratio * sqrt(1 / first_numerator + 1 / last_numerator)
            when measure = 'count_growth' then 100 * count_ratio * sqrt(1 / first_numerator + 1 / last_numerator)
            when measure = 'share_growth'
                then 100 * share_ratio * sqrt(
                    1 / first_numerator - 1 / first_denominator + 1 / last_numerator - 1 / last_denominator
                )
            when measure = 'value' then value_standard_error
        end as standard_error
    from shares
)

select
    figure_row_id,
    -- Rounded, so that the order of a sum of doubles cannot show.
    cast(round(built, 9) as double) as built,
    cast(round(standard_error, 9) as double) as standard_error
from built
where built is not null
