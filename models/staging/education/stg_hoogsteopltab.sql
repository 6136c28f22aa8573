with source as (

    select * from {{ source('education', 'hoogsteopltab') }}

),

-- A file holds the level attained (HB), or, in one version of 2019, only the level followed (HG): which of the
-- two is decided by what is there, not by the year.
renamed as (

    select
        file_year,
        rinpersoon as person_id,
        coalesce(oplnivsoi_agg4_hb_metnirwo, oplnivsoi_agg4_hg_metnirwo) as education_attained_code,
        oplnivsoi_agg4_hb_metnirwo is null and oplnivsoi_agg4_hg_metnirwo is not null as is_level_followed
    from source

)

select * from renamed
