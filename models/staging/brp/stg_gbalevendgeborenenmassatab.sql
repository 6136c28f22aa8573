with source as (

    select * from {{ source('brp', 'gbalevendgeborenenmassatab') }}

),

renamed as (

    select
        file_year,
        rinpersoon as person_id,
        cast(rangnummermoeder as integer) as birth_rank_mother
    from source

),

-- The file of 2015 holds some children twice. A child is born once, so one row is kept; where the two rows
-- differ, the lower rank, so that the choice does not depend on the order of the rows.
deduplicated as (

    select
        file_year,
        person_id,
        min(birth_rank_mother) as birth_rank_mother
    from renamed
    group by file_year, person_id

)

select * from deduplicated
