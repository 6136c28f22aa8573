-- Microdata, never published: use and costs of every live-born child of the Kennisnotitie by life year, with the label.
-- A monitoring instrument at population level, no measure for an individual (KN:L207, L239). A view: the rows are those
-- of int_care_costs__child_years.
{{ config(materialized='view') }}
with child_years as (
    select * from {{ ref('int_care_costs__child_years') }}
),

births as (
    select * from {{ ref('int_kennisnotitie__births') }}
)

select
    child_years.birth_id,
    child_years.birth_year,
    child_years.life_year,
    child_years.calendar_year,
    births.mother_id,
    births.is_first_born,
    births.is_multiply_vulnerable,
    {%- for care_type in care_types_of_children() %}
    child_years.{{ care_type }}_euro,
    child_years.uses_{{ care_type }},
    {%- endfor %}
    child_years.has_costs_record
from child_years
inner join births on child_years.birth_id = births.birth_id
