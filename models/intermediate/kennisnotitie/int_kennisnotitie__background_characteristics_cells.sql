-- KN-04, Table 1. Both parents' characteristics in the year before birth, by the label of the family, over all years.
-- The categories of a characteristic exclude one another and, with `unknown`, add up to the births of the group: of
-- the other parent those of whom one is known. The table divides by all births of the group, two cost rows by those of
-- whom the costs are known: both bases are rows here.
with births as (
    select * from {{ ref('int_kennisnotitie__births') }}
),

profiles as (
    select * from {{ ref('int_kennisnotitie__profiles') }}
),

categories as (
    select * from {{ ref('background_categories') }}
),

regions as (
    select * from {{ ref('int_kennisnotitie__regions') }}
),

labelled as (
    select
        births.is_multiply_vulnerable,
        profiles.*
    from profiles
    inner join births on profiles.birth_id = births.birth_id
    where births.is_multiply_vulnerable is not null
),

counted as (
    {%- for characteristic in background_characteristics() %}
    select
        parent,
        is_multiply_vulnerable,
        '{{ characteristic }}' as characteristic,
        background_{{ characteristic }} as category,
        count(*) as births
    from labelled
    group by parent, is_multiply_vulnerable, background_{{ characteristic }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

parents as (
    select 'mother' as parent
    union all
    select 'other_parent' as parent
),

groups as (
    select
        'yes' as vulnerable,
        true as is_multiply_vulnerable
    union all
    select
        'no' as vulnerable,
        false as is_multiply_vulnerable
),

frame as (
    select
        regions.region_level,
        regions.region_code,
        regions.region_name,
        parents.parent,
        groups.vulnerable,
        groups.is_multiply_vulnerable,
        categories.characteristic,
        categories.category
    from categories
    cross join parents
    cross join groups
    cross join regions
    where
        regions.region_level = 'country'
        and (categories.applies_to = 'both' or parents.parent = categories.applies_to)
),

with_numbers as (
    select
        frame.*,
        coalesce(counted.births, 0) as births
    from frame
    left join counted
        on
            frame.parent = counted.parent
            and frame.is_multiply_vulnerable = counted.is_multiply_vulnerable
            and frame.characteristic = counted.characteristic
            and frame.category = counted.category
),

with_totals as (
    select
        *,
        sum(births) over (partition by parent, vulnerable, characteristic) as all_births,
        sum(case when category <> 'unknown' then births else 0 end)
            over (partition by parent, vulnerable, characteristic) as known_births
    from with_numbers
),

bases as (
    select
        *,
        'all_births' as basis,
        all_births as births_of_basis
    from with_totals
    union all
    select
        *,
        'known' as basis,
        known_births as births_of_basis
    from with_totals
    where category <> 'unknown'
),

scored as (
    select count(is_multiply_vulnerable) > 0 as has_scores
    from births
)

select
    cast(null as integer) as birth_year,
    bases.region_level,
    bases.region_code,
    bases.region_name,
    bases.parent,
    bases.vulnerable,
    bases.characteristic,
    bases.category,
    bases.basis,
    case when scored.has_scores then cast(bases.births as bigint) end as numerator,
    case when scored.has_scores then cast(bases.births_of_basis as bigint) end as denominator,
    not scored.has_scores as is_missing
from bases
cross join scored
