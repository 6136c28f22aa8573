with source as (

    select * from {{ source('income_and_work', 'inhatab') }}

),

renamed as (

    select
        file_year as income_year,
        rinpersoonhkw as income_household_id,
        inhbbihj as main_income_source_code,
        inhehalgr as tenure_code,
        inhsamhh as composition_code,
        cast(inhahl as integer) as household_size,
        -- Negative percentiles and percentages are codes (institutional, not observed, not applicable): unknown.
        case when inhp100hgest >= 1 then cast(inhp100hgest as integer) end as income_percentile,
        case when inharmsoc >= 0 then inharmsoc end as income_to_social_minimum_percent,
        inhbestinkh as disposable_income
    from source

)

select * from renamed
