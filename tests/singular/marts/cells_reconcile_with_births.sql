with births as (
    select
        birth_year,
        count(*) as births
    from {{ ref('int_regiobeeld__births') }}
    where birth_year between {{ var('regiobeeld_first_year') }} and {{ var('regiobeeld_last_year') }}
    group by birth_year
),

cells as (
    {%- for table, declaration in cell_tables().items() if declaration.schema %}
    select distinct
        '{{ table }}' as table_name,
        birth_year,
        {{ 'numerator' if table == 'births' else 'denominator' }} as births
    from {{ ref('int_regiobeeld__' ~ table ~ '_cells') }}
    where
        region_level = 'country'
        and birth_year is not null
        {%- if declaration.has_values %}
        and statistic = 'share'
        {%- endif %}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
)

select
    cells.*,
    births.births as births_expected
from cells
left join births on cells.birth_year = births.birth_year
where cells.births <> coalesce(births.births, 0)
