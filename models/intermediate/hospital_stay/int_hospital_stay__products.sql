-- Products of mothers and live-born children that are on a list of hospital stays around birth: the Regiobeeld's, whose
-- overnight activities count (slide 44), and the national monitor's, where the product counts by itself.
with births as (

    select
        birth_id,
        mother_id,
        is_live_birth
    from {{ ref('int_births__all') }}

),

persons as (

    select birth_id as person_id
    from births
    where is_live_birth

    union

    select mother_id as person_id
    from births
    where mother_id is not null

),

codes as (

    select
        code,
        valid_from,
        valid_to,
        1 as is_regiobeeld,
        0 as is_rivm
    from {{ code_list('hospital_stay_products', 'regiobeeld') }} as regiobeeld_list

    union all

    select
        code,
        valid_from,
        valid_to,
        0 as is_regiobeeld,
        1 as is_rivm
    from {{ code_list('hospital_stay_products', var('rivm_hospital_stay_list')) }} as rivm_list

),

products as (

    select
        person_id,
        product_link_id,
        product_start_year,
        care_product_code
    from {{ ref('stg_mszprestatiesvekttab') }}

),

-- A product can be declared several times under one number: once here, or its activities would be counted double.
listed as (

    select
        products.person_id,
        products.product_link_id,
        products.product_start_year,
        max(codes.is_regiobeeld) = 1 as is_on_regiobeeld_list,
        max(codes.is_rivm) = 1 as is_on_rivm_list
    from products
    inner join codes
        on
            products.care_product_code = codes.code
            and {{ code_holds_in('codes', 'products.product_start_year') }}
    inner join persons on products.person_id = persons.person_id
    group by products.person_id, products.product_link_id, products.product_start_year

)

select * from listed
