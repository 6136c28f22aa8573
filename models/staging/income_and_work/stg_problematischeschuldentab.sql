with source as (

    select * from {{ source('income_and_work', 'problematischeschuldentab') }}

),

renamed as (

    select
        rinpersoon as person_id,
        smalle_def_problematische_schulden = 1 as has_problematic_debt,
        smalle_def_problematische_schulden_hh = 1 as has_problematic_debt_in_household,
        {{ parse_date('peildatum') }} as snapshot_date
    from source

)

select * from renamed
