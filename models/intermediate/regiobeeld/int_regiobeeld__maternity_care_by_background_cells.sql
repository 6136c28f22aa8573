-- RB-19, RB-26, RB-27. Deliveries without a stay in hospital by background of the family and class of maternity care,
-- both ways: of the group, how many are in the class; of the class, how many belong to the group. Beside them the frame
-- of reference: the group among all these deliveries (class all) and among all births (share_of_births).
{%- set table = 'maternity_care_by_background' %}
{%- set years = (
    'birth_year between ' ~ var('regiobeeld_first_year') ~ ' and ' ~ var('regiobeeld_last_year')
) %}
{%- set yes_no = ['yes', 'no', 'unknown'] %}
{%- set backgrounds = {
    'low_income': ['is_low_income', yes_no],
    'single_parent': ['is_single_parent', yes_no],
    'debt': ['has_debt', yes_no],
    'mental_health': ['has_mental_health_problem', yes_no],
    'any_risk_factor': ['has_any_risk_factor', ['yes', 'no']],
    'financial_capacity': ['has_limited_financial_capacity', ['limited', 'sufficient', 'unknown']],
} %}
with deliveries as (
    select * from {{ ref('int_regiobeeld__deliveries') }}
    where
        {{ years }}
        and maternity_care_exclusion_reason is null
),

births as (
    select
        *,
        risk_factor_count >= 1 as has_any_risk_factor,
        'births' as maternity_care_class
    from {{ ref('int_regiobeeld__births') }}
    where {{ years }}
),

regions as (
    select * from {{ ref('int_regiobeeld__regions') }}
),

deliveries_by_region as (
    {{ births_by_region('deliveries', 'regions', table) }}
),

births_by_region as (
    {{ births_by_region('births', 'regions', table) }}
),

people as (
    {%- for population in ['deliveries_by_region', 'births_by_region'] %}
    select
        cell_year,
        region_level,
        region_code,
        maternity_care_class,
        {%- for background, about in backgrounds.items() %}
        case
            when {{ about[0] }} then '{{ about[1][0] }}'
            when not {{ about[0] }} then '{{ about[1][1] }}'
            else 'unknown'
        end as {{ background }},
        {%- endfor %}
        coalesce(origin_class, 'western_or_unknown') as origin
    from {{ population }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

groups as (
    {%- for background in ['origin'] + backgrounds.keys() | list %}
    select
        cell_year,
        region_level,
        region_code,
        '{{ background }}' as background,
        {{ background }} as category,
        maternity_care_class,
        count(*) as members
    from people
    group by cell_year, region_level, region_code, {{ background }}, maternity_care_class
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

-- Which of the four classes each class of the table holds; all births are a class of their own here.
classes as (
    {%- for class, parts in {
        'none': ['none'], 'low': ['low'], 'middle': ['middle'], 'high': ['high'], 'below_24h': ['none', 'low'],
        'all': ['none', 'low', 'middle', 'high'], 'births': ['births']
    }.items() %}
    {%- set outer_last = loop.last %}
    {%- for part in parts %}
    select
        '{{ class }}' as class,
        '{{ part }}' as part
    {%- if not (loop.last and outer_last) %}
    union all
    {%- endif %}
    {%- endfor %}
    {%- endfor %}
),

counted as (
    select
        groups.cell_year,
        groups.region_level,
        groups.region_code,
        groups.background,
        groups.category,
        classes.class,
        sum(groups.members) as members
    from groups
    inner join classes on groups.maternity_care_class = classes.part
    group by
        groups.cell_year, groups.region_level, groups.region_code, groups.background, groups.category, classes.class
),

of_class as (
    select
        cell_year,
        region_level,
        region_code,
        background,
        class,
        sum(members) as members
    from counted
    group by cell_year, region_level, region_code, background, class
),

categories as (
    {%- for category in ['non_western', 'dutch', 'western_or_unknown'] %}
    select
        'origin' as background,
        '{{ category }}' as category
    union all
    {%- endfor %}
    {%- for background, about in backgrounds.items() %}
    {%- set outer_last = loop.last %}
    {%- for category in about[1] %}
    select
        '{{ background }}' as background,
        '{{ category }}' as category
    {%- if not (loop.last and outer_last) %}
    union all
    {%- endif %}
    {%- endfor %}
    {%- endfor %}
),

directions as (
    select distinct
        class,
        case class when 'births' then 'share_of_births' else 'share_of_class' end as direction
    from classes
    union all
    select distinct
        class,
        'share_of_group' as direction
    from classes
    where class not in ('all', 'births')
),

frame as (
    {{ cell_frame('regions', table) }}
)

select
    frame.birth_year,
    frame.region_level,
    frame.region_code,
    frame.region_name,
    categories.background,
    categories.category,
    case directions.class when 'births' then 'all' else directions.class end as maternity_care_class,
    directions.direction,
    cast(coalesce(counted.members, 0) as bigint) as numerator,
    cast(
        coalesce(case directions.direction when 'share_of_group' then of_group.members else of_class.members end, 0)
        as bigint
    ) as denominator
from frame
cross join categories
cross join directions
left join counted
    on
        frame.birth_year = counted.cell_year
        and frame.region_level = counted.region_level
        and frame.region_code = counted.region_code
        and categories.background = counted.background
        and categories.category = counted.category
        and directions.class = counted.class
left join counted as of_group
    on
        frame.birth_year = of_group.cell_year
        and frame.region_level = of_group.region_level
        and frame.region_code = of_group.region_code
        and categories.background = of_group.background
        and categories.category = of_group.category
        and of_group.class = 'all'
left join of_class
    on
        frame.birth_year = of_class.cell_year
        and frame.region_level = of_class.region_level
        and frame.region_code = of_class.region_code
        and categories.background = of_class.background
        and directions.class = of_class.class
