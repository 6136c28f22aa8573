-- The births that are weighted, live ones with a label, and all that the imputation of their birth outcomes looks at:
-- the exposure and the costs too, for an imputation that did not know them would make the groups too much alike. Costs
-- enter as groups of their birth year, with most detail where they are high; a child without costs is a group.
{%- set shares = [0.5, 0.8, 0.95] %}
{%- set costs = ['costs_at_birth', 'costs_later'] %}
with births as (

    select
        birth_id,
        birth_year,
        mother_id,
        is_multiply_vulnerable
    from {{ ref('int_kennisnotitie__births') }}
    where is_live_birth and is_multiply_vulnerable is not null

),

birth_outcomes as (

    select
        {%- for outcome in birth_outcomes() %}
        has_{{ outcome }},
        {%- endfor %}
        birth_id
    from {{ ref('int_weighting__birth_outcomes') }}

),

child_years as (

    select
        birth_id,
        life_year,
        total_euro
    from {{ ref('int_care_costs__child_years') }}

),

costs_of_children as (

    select
        birth_id,
        sum(case when life_year = 0 then total_euro end) as costs_at_birth,
        -- Rounded, so that the division cannot part children whose costs are the same.
        round(
            sum(case when life_year > 0 then total_euro end) / count(case when life_year > 0 then total_euro end), 2
        ) as costs_later
    from child_years
    group by birth_id

),

joined as (

    select
        births.birth_id,
        births.birth_year,
        births.mother_id,
        {%- for outcome in birth_outcomes() %}
        birth_outcomes.has_{{ outcome }},
        {%- endfor %}
        {%- for cost in costs %}
        costs_of_children.{{ cost }},
        {%- endfor %}
        births.is_multiply_vulnerable
    from births
    left join birth_outcomes on births.birth_id = birth_outcomes.birth_id
    left join costs_of_children on births.birth_id = costs_of_children.birth_id

),

bounds as (

    select
        birth_year
        {%- for cost in costs %}
        {%- for share in shares %},
        percentile_disc({{ share }}) within group (order by {{ cost }}) as {{ cost }}_bound_{{ loop.index }}
        {%- endfor %}
        {%- endfor %}
    from joined
    group by birth_year

),

final as (

    select
        joined.birth_id,
        cast(joined.birth_year as smallint) as birth_year,
        joined.mother_id,
        joined.is_multiply_vulnerable,
        -- Whole numbers for the rows of a matrix: the others first, siblings of a group beside one another.
        cast(
            row_number() over (order by joined.is_multiply_vulnerable, joined.mother_id, joined.birth_id) - 1 as integer
        ) as birth_number,
        cast(dense_rank() over (order by joined.mother_id) - 1 as integer) as mother_number,
        {%- for outcome in birth_outcomes() %}
        cast(
            case when joined.has_{{ outcome }} then 1 when not joined.has_{{ outcome }} then 2 end as smallint
        ) as {{ outcome }},
        {%- endfor %}
        {%- for cost in costs %}
        cast(
            case
                {%- for share in shares %}
                when joined.{{ cost }} <= bounds.{{ cost }}_bound_{{ loop.index }} then {{ loop.index }}
                {%- endfor %}
                when joined.{{ cost }} is not null then {{ shares | length + 1 }}
                else {{ shares | length + 2 }}
            end as smallint
        ) as {{ cost }}_group,
        {%- endfor %}
        cast(case when joined.is_multiply_vulnerable then 1 else 2 end as smallint) as exposure
    from joined
    inner join bounds on joined.birth_year = bounds.birth_year

)

select * from final
