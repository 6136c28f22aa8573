with source as (

    select * from {{ source('brp', 'dggbapersoontab') }}

),

renamed as (

    select
        file_year,
        rinpersoon as person_id,
        cast(dgrangnummermoeder as integer) as birth_rank_mother,
        -- 99 weeks means unknown.
        cast(nullif(dgzwangerschapsduur, 99) as integer) as gestation_weeks,
        {{ parse_date('dgdatumpartus') }} as delivery_date
    from source

)

select * from renamed
