{#- Cells of which the denominator is no count of all births of the year. -#}
{%- set only = {'family_profile': "statistic = 'share'", 'birth_events_by_risk': "event = 'all_births'"} %}
with births as (
    select
        birth_year,
        count(*) as births
    from {{ ref('int_regiobeeld__births') }}
    group by birth_year
),

cells as (
    {%- for table, declaration in cell_tables().items()
        if declaration.schema and declaration.population == 'regiobeeld_births' %}
    select distinct
        '{{ table }}' as table_name,
        birth_year,
        {{ 'numerator' if table == 'births' else 'denominator' }} as births
    from {{ ref(declaration.cells ~ table ~ '_cells') }}
    where
        region_level = 'country'
        and birth_year is not null
        {%- if table in only %}
        and {{ only[table] }}
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
