-- The linked system: every equation between cells that an outsider can write down, at every place where he sees two of
-- its numbers at least. Total -1, parts +1; together they are zero. Members that no table shows are latent: of them he
-- knows only that they are not negative. One row per equation and cell.
with published_rows as (
    select * from {{ ref('int_disclosure__rows') }}
),

sums as (
    select * from {{ ref('int_disclosure__sums') }}
),

periods as (
    select * from {{ ref('int_disclosure__periods') }}
),

regions as (
    select * from {{ ref('int_disclosure__regions') }}
),

-- 1. A number and its complement are the number that it is a part of.
complements as (
    select distinct
        'complement of ' || numerator_cell || ' in ' || denominator_cell as equation,
        numerator_cell,
        complement_cell,
        denominator_cell
    from published_rows
    where complement_cell is not null
),

complement_members as (
    select
        equation,
        numerator_cell as cell,
        1 as coefficient,
        false as is_possible
    from complements
    union all
    select
        equation,
        complement_cell as cell,
        1 as coefficient,
        false as is_possible
    from complements
    union all
    select
        equation,
        denominator_cell as cell,
        -1 as coefficient,
        false as is_possible
    from complements
),

shown as (
    select numerator_cell as cell from published_rows
    union
    select denominator_cell as cell from published_rows
    union
    select complement_cell as cell from published_rows
),

shown_cells as (
    select
        cell,
        split_part(cell, '|', 1) as population,
        split_part(cell, '|', 2) as set_name,
        split_part(cell, '|', 3) as cell_time,
        split_part(cell, '|', 4) as region
    from shown
    where cell is not null
),

-- 2. Groups of births that add up, where two of them are shown; of a cross only the sets that are shown.
found_sums as (
    select
        sums.family,
        shown_cells.cell_time,
        shown_cells.region,
        count(distinct sums.population || '|' || sums.set_name) as members_found
    from sums
    inner join shown_cells on sums.population = shown_cells.population and sums.set_name = shown_cells.set_name
    where sums.region_level is null or split_part(shown_cells.region, ':', 1) = sums.region_level
    group by sums.family, shown_cells.cell_time, shown_cells.region
),

shown_totals as (
    select
        sums.sum_name,
        sums.region_level,
        shown_cells.cell_time,
        shown_cells.region
    from sums
    inner join shown_cells on sums.population = shown_cells.population and sums.set_name = shown_cells.set_name
    where
        sums.region_level is not null
        and sums.coefficient = -1
        and split_part(shown_cells.region, ':', 1) = sums.region_level
),

sum_members as (
    select
        sums.sum_name || ' @' || found_sums.cell_time || '|' || found_sums.region as equation,
        sums.population,
        sums.set_name,
        found_sums.cell_time,
        found_sums.region,
        sums.coefficient,
        sums.is_possible
    from sums
    inner join found_sums on sums.family = found_sums.family
    where
        sums.region_level is null
        and found_sums.members_found >= 2
    union all
    select
        sums.sum_name || ' @' || found_sums.cell_time || '|' || found_sums.region as equation,
        sums.population,
        sums.set_name,
        found_sums.cell_time,
        found_sums.region,
        sums.coefficient,
        sums.is_possible
    from sums
    inner join found_sums on sums.family = found_sums.family
    left join shown_totals
        on
            sums.sum_name = shown_totals.sum_name
            and sums.region_level = shown_totals.region_level
            and found_sums.cell_time = shown_totals.cell_time
            and found_sums.region = shown_totals.region
    where
        found_sums.members_found >= 2
        and split_part(found_sums.region, ':', 1) = sums.region_level
        -- Of years together nothing is shown that is not shown of each: their combinations are those added up.
        and found_sums.cell_time <> 'all'
        -- A set that ties two crosses together is never shown and always meant.
        and (shown_totals.sum_name is not null or sums.sum_name like '%: ~%')
),

cells_by_place as (
    select
        population,
        set_name,
        cell_time,
        region
    from shown_cells
    -- Complements add up by themselves when both numbers do.
    where set_name not like 'not %'
    union
    select
        population,
        set_name,
        cell_time,
        region
    from sum_members
    -- A combination of flags belongs to its place: what is shown of it is tied to other places, and that is enough.
    where set_name not like '~%'
),

-- 3. Times that add up: where all parts are there, and the total is needed here or in a part of the region.
set_regions as (
    select
        cells_by_place.population,
        cells_by_place.set_name,
        cells_by_place.region,
        periods.total_time
    from cells_by_place
    inner join periods
        on cells_by_place.population = periods.population and cells_by_place.cell_time = periods.part_time
    group by cells_by_place.population, cells_by_place.set_name, cells_by_place.region, periods.total_time
    having
        count(*) = (
            select count(*)
            from periods as parts
            where parts.population = cells_by_place.population and parts.total_time = periods.total_time
        )
),

-- The whole period is shown of the region, or of a part of it.
places_of_sets as (
    select
        population,
        set_name,
        cell_time,
        region
    from cells_by_place
    union
    select
        cells_by_place.population,
        cells_by_place.set_name,
        cells_by_place.cell_time,
        regions.parent_region as region
    from cells_by_place
    inner join regions
        on cells_by_place.population = regions.population and cells_by_place.region = regions.child_region
    where regions.is_complete
),

periods_of_sets as (
    select set_regions.*
    from set_regions
    inner join places_of_sets
        on
            set_regions.population = places_of_sets.population
            and set_regions.set_name = places_of_sets.set_name
            and set_regions.total_time = places_of_sets.cell_time
            and set_regions.region = places_of_sets.region
),

period_members as (
    select
        'time ' || population || '|' || set_name || '|' || total_time || '|' || region as equation,
        population,
        set_name,
        total_time as cell_time,
        region,
        -1 as coefficient,
        false as is_possible
    from periods_of_sets
    union all
    select
        'time ' || periods_of_sets.population || '|' || periods_of_sets.set_name || '|' || periods_of_sets.total_time
        || '|' || periods_of_sets.region as equation,
        periods_of_sets.population,
        periods_of_sets.set_name,
        periods.part_time as cell_time,
        periods_of_sets.region,
        1 as coefficient,
        false as is_possible
    from periods_of_sets
    inner join periods
        on periods_of_sets.population = periods.population and periods_of_sets.total_time = periods.total_time
),

cells_by_time as (
    select
        population,
        set_name,
        cell_time,
        region
    from cells_by_place
    union
    select
        population,
        set_name,
        cell_time,
        region
    from period_members
),

-- 4. Regions that add up: where the whole and one of its parts are there.
parents_of_sets as (
    select distinct
        parents.population,
        parents.set_name,
        parents.cell_time,
        regions.parent_region
    from cells_by_time as parents
    inner join regions on parents.population = regions.population and parents.region = regions.parent_region
    inner join cells_by_time as children
        on
            parents.population = children.population
            and parents.set_name = children.set_name
            and parents.cell_time = children.cell_time
            and regions.child_region = children.region
),

region_members as (
    select
        'region ' || population || '|' || set_name || '|' || cell_time || '|' || parent_region as equation,
        population,
        set_name,
        cell_time,
        parent_region as region,
        -1 as coefficient,
        false as is_possible
    from parents_of_sets
    union all
    select
        'region ' || parents_of_sets.population || '|' || parents_of_sets.set_name || '|' || parents_of_sets.cell_time
        || '|' || parents_of_sets.parent_region as equation,
        parents_of_sets.population,
        parents_of_sets.set_name,
        parents_of_sets.cell_time,
        regions.child_region as region,
        1 as coefficient,
        false as is_possible
    from parents_of_sets
    inner join regions
        on parents_of_sets.population = regions.population and parents_of_sets.parent_region = regions.parent_region
    union all
    -- What the parts leave out.
    select distinct
        'region ' || parents_of_sets.population || '|' || parents_of_sets.set_name || '|' || parents_of_sets.cell_time
        || '|' || parents_of_sets.parent_region as equation,
        parents_of_sets.population,
        parents_of_sets.set_name,
        parents_of_sets.cell_time,
        'rest of ' || parents_of_sets.parent_region as region,
        1 as coefficient,
        false as is_possible
    from parents_of_sets
    inner join regions
        on parents_of_sets.population = regions.population and parents_of_sets.parent_region = regions.parent_region
    where not regions.is_complete
),

all_members as (
    select
        equation,
        cell,
        coefficient,
        is_possible
    from complement_members
    union all
    select
        equation,
        population || '|' || set_name || '|' || cell_time || '|' || region as cell,
        coefficient,
        is_possible
    from sum_members
    union all
    select
        equation,
        population || '|' || set_name || '|' || cell_time || '|' || region as cell,
        coefficient,
        is_possible
    from period_members
    union all
    select
        equation,
        population || '|' || set_name || '|' || cell_time || '|' || region as cell,
        coefficient,
        is_possible
    from region_members
)

select
    equation,
    cell,
    cast(sum(coefficient) as integer) as coefficient,
    max(case when is_possible then 1 else 0 end) = 1 as is_possible
from all_members
group by equation, cell
having sum(coefficient) <> 0
