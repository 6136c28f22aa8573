-- How much of each register there is, and how many of its persons GBAPERSOONTAB knows. Quality tables read it from
-- here, not from staging. A person who stands in several columns or rows of a register counts once a year; the last
-- item says whether the register's key is the person (and year), so that nobody has to be counted apart.
{%- set registers = [
    ('stg_gbapersoontab', none, ['person_id'], true),
    ('stg_kindoudertab', none, ['child_id', 'mother_id', 'other_parent_id'], false),
    ('stg_gbalevendgeborenenmassatab', 'file_year', ['person_id'], true),
    ('stg_dggbapersoontab', 'file_year', ['person_id'], true),
    ('stg_gbahuishoudensbus', none, ['person_id'], false),
    ('stg_gbaadresobjectbus', none, ['person_id'], false),
    ('stg_gbaburgerlijkestaatbus', none, ['person_id'], false),
    ('stg_gbascheidingenmassatab', 'divorce_year', ['partner_1_id', 'partner_2_id'], false),
    ('stg_gbaoverlijdentab', none, ['person_id'], true),
    ('stg_vslgwbtab', none, [], false),
    ('stg_nietvslgwbtab', none, [], false),
    ('stg_vslpostcodebus', none, [], false),
    ('stg_koppelpersoonhuishouden', 'income_year', ['person_id'], true),
    ('stg_inhatab', 'income_year', [], false),
    ('stg_secmbus', none, ['person_id'], false),
    ('stg_hoogsteopltab', 'file_year', ['person_id'], true),
    ('stg_wanbzvwtab', 'file_year', ['person_id'], false),
    ('stg_wsnppersbus', none, ['person_id'], false),
    ('stg_problematischeschuldentab', 'cast(extract(year from snapshot_date) as integer)', ['person_id'], true),
    ('stg_zvwzorgkostentab', 'file_year', ['person_id'], true),
    ('stg_medicijntab', 'file_year', ['person_id'], false),
] %}
with known_persons as (
    select distinct person_id
    from {{ ref('stg_gbapersoontab') }}
    where person_id is not null
),

register_rows as (
    {%- for model_name, year, persons, is_key in registers %}
    select
        '{{ model_name | replace('stg_', '') | upper }}' as register_name,
        {{ 'cast(null as integer)' if year is none else year }} as file_year,
        count(*) as register_rows
    from {{ ref(model_name) }}
    {%- if year is not none %}
    group by {{ year }}
    {%- endif %}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

register_persons as (
    {%- for model_name, year, persons, is_key in registers if persons %}
    select
        '{{ model_name | replace('stg_', '') | upper }}' as register_name,
        occurring.file_year,
        count(*) as persons,
        count(known_persons.person_id) as linked_persons
    from (
        {%- for person in persons %}
        {{ 'select distinct' if persons | length == 1 and not is_key else 'select' }}
            {{ 'cast(null as integer)' if year is none else year }} as file_year,
            {{ person }} as person_id
        from {{ ref(model_name) }}
        where {{ person }} is not null
        {%- if not loop.last %}
        union
        {%- endif %}
        {%- endfor %}
    ) as occurring
    left join known_persons on occurring.person_id = known_persons.person_id
    group by occurring.file_year
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
)

select
    register_rows.register_name,
    register_rows.file_year,
    register_rows.register_rows,
    register_persons.persons,
    register_persons.linked_persons
from register_rows
left join register_persons
    on
        register_rows.register_name = register_persons.register_name
        and register_rows.file_year is not distinct from register_persons.file_year
