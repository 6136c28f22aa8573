-- The population of the Kennisnotitie with its label: all births of known, registered mothers. Without a model there
-- are no scores, and the label is null.
with births as (

    select
        birth_id,
        birth_year,
        birth_date,
        is_live_birth,
        is_first_born,
        mother_id,
        other_parent_id,
        municipality_code,
        ggd_region_code
    from {{ ref('int_vulnerability__births') }}

),

scores as (

    select
        birth_id,
        is_multiply_vulnerable,
        vulnerability_probability,
        vulnerable_share_of_imputations,
        probability_mean
    from {{ ref('int_vulnerability__birth_scores') }}

),

final as (

    select
        births.birth_id,
        births.birth_year,
        births.birth_date,
        births.is_live_birth,
        births.is_first_born,
        births.mother_id,
        births.other_parent_id,
        births.municipality_code,
        births.ggd_region_code,
        scores.is_multiply_vulnerable,
        scores.vulnerability_probability,
        scores.vulnerable_share_of_imputations,
        scores.probability_mean
    from births
    left join scores on births.birth_id = scores.birth_id

)

select * from final
