-- Every birth of the years of the Kennisnotitie, with the first reason that holds why it is not in it (KN:L69-71) or,
-- in it, has no score. The population itself is that of int_vulnerability__births.
with births as (

    select
        birth_id,
        birth_year,
        mother_id,
        is_live_birth,
        gestation_weeks
    from {{ ref('int_births__all') }}
    where birth_year between {{ var('kennisnotitie_first_year') }} and {{ var('kennisnotitie_last_year') }}

),

population as (

    select
        birth_id,
        is_multiply_vulnerable
    from {{ ref('int_vulnerability__birth_scores') }}

),

final as (

    select
        births.birth_id,
        births.birth_year,
        population.birth_id is not null as is_in_population,
        case
            when population.birth_id is not null
                then case when population.is_multiply_vulnerable is null then 'not_scored' end
            when births.mother_id is null then 'no_known_mother'
            when
                not births.is_live_birth
                and births.gestation_weeks < {{ var('stillbirth_minimum_weeks') }}
                then 'early_stillbirth'
            else 'mother_not_registered'
        end as kennisnotitie_exclusion_reason
    from births
    left join population on births.birth_id = population.birth_id

)

select * from final
