-- What Table 1 of the Kennisnotitie tells of both parents in the year before birth, each characteristic as one code.
-- The cut-offs are those of the table, not of the factors (A.4). The costs are the factors of the mother: a top share
-- of one year's mothers has no meaning for the other parent, and the table leaves him out too.
with births as (

    select
        birth_id,
        birth_year,
        mother_id,
        other_parent_id,
        ggd_region_code
    from {{ ref('int_vulnerability__births') }}

),

roles as (

    select
        birth_id,
        birth_year,
        ggd_region_code,
        'mother' as parent,
        mother_id as parent_id
    from births

    union all

    select
        birth_id,
        birth_year,
        ggd_region_code,
        'other_parent' as parent,
        other_parent_id as parent_id
    from births
    where other_parent_id is not null

),

persons as (

    select
        birth_id,
        parent_role,
        age_years_at_birth,
        education
    from {{ ref('int_vulnerability__person') }}

),

origins as (

    select
        parent_id,
        birth_year,
        origin_group_2022
    from {{ ref('int_parents__origin') }}

),

incomes_and_work as (

    select
        parent_id,
        birth_year,
        income_percentile,
        income_source,
        debts,
        has_job,
        contract,
        working_hours
    from {{ ref('int_vulnerability__income_and_work') }}

),

families as (

    select
        parent_id,
        birth_year,
        one_parent_family,
        household_persons,
        marital_status,
        divorce
    from {{ ref('int_vulnerability__family') }}

),

earlier_children as (

    select
        parent_id,
        birth_year,
        has_youth_help_of_child,
        has_youth_protection_of_child
    from {{ ref('int_vulnerability__earlier_children') }}

),

mental_health as (

    select
        parent_id,
        birth_year,
        has_mental_health_care,
        has_anxiety_depression_medication
    from {{ ref('int_parents__mental_health') }}

),

urbanity as (

    select
        parent_id,
        birth_year,
        urbanity_class
    from {{ ref('int_kennisnotitie__urbanity') }}

),

care_use as (

    select
        parent_id,
        birth_year,
        medication_groups
    from {{ ref('int_vulnerability__care_use') }}

),

care_costs as (

    select
        mother_id,
        birth_year,
        total_care_costs,
        gp_costs,
        hospital_costs
    from {{ ref('int_vulnerability__care_costs') }}

),

combined as (

    select
        roles.birth_id,
        roles.birth_year,
        roles.ggd_region_code,
        roles.parent,
        persons.age_years_at_birth,
        persons.education,
        origins.origin_group_2022,
        incomes_and_work.income_percentile,
        incomes_and_work.income_source,
        incomes_and_work.debts,
        incomes_and_work.has_job,
        incomes_and_work.contract,
        incomes_and_work.working_hours,
        families.one_parent_family,
        families.household_persons,
        families.marital_status,
        families.divorce,
        earlier_children.has_youth_help_of_child,
        earlier_children.has_youth_protection_of_child,
        mental_health.has_mental_health_care,
        mental_health.has_anxiety_depression_medication,
        urbanity.urbanity_class,
        care_use.medication_groups,
        care_costs.total_care_costs,
        care_costs.gp_costs,
        care_costs.hospital_costs
    from roles
    left join persons on roles.birth_id = persons.birth_id and roles.parent = persons.parent_role
    {%- for relation in [
        'origins', 'incomes_and_work', 'families', 'earlier_children', 'mental_health', 'urbanity', 'care_use'
    ] %}
    left join {{ relation }}
        on roles.parent_id = {{ relation }}.parent_id and roles.birth_year = {{ relation }}.birth_year
    {%- endfor %}
    left join care_costs
        on
            roles.parent = 'mother'
            and roles.parent_id = care_costs.mother_id
            and roles.birth_year = care_costs.birth_year

),

final as (

    select
        birth_id,
        birth_year,
        ggd_region_code,
        parent,
        case
            when age_years_at_birth < 20 then 'under_20'
            when age_years_at_birth < 25 then '20_24'
            when age_years_at_birth < 30 then '25_29'
            when age_years_at_birth < 35 then '30_34'
            when age_years_at_birth < 40 then '35_39'
            when age_years_at_birth >= 40 then '40_or_older'
            else 'unknown'
        end as background_age,
        case origin_group_2022
            when 'Nederland' then 'netherlands'
            when 'Europa' then 'europe'
            when 'Turkije' then 'turkey'
            when 'Marokko' then 'morocco'
            when 'Suriname' then 'suriname'
            when 'Cariben NL' then 'dutch_caribbean'
            when 'Indonesië' then 'indonesia'
            when 'Overig Afrika' then 'other_africa'
            when 'Overig Azië' then 'other_asia'
            when 'Overig Amerika en Oceanië' then 'other_america_and_oceania'
            else 'unknown'
        end as background_country_of_origin,
        case education
            when 1 then 'low'
            when 2 then 'middle'
            when 3 then 'high'
            else 'unknown'
        end as background_education,
        -- Whoever lives alone in the year before birth counts too: among other parents hardly anybody heads a
        -- one-parent family, and the table has 12 % of them (A-45).
        {{ yes_no_unknown('one_parent_family = 1 or household_persons = 1') }} as background_one_parent_family,
        case
            when income_percentile <= 20 then 'lowest_fifth'
            when income_percentile <= 40 then 'second_fifth'
            when income_percentile <= 60 then 'third_fifth'
            when income_percentile <= 80 then 'fourth_fifth'
            when income_percentile > 80 then 'highest_fifth'
            else 'unknown'
        end as background_income_quintile,
        case
            when income_source = 3 then 'work'
            -- Somebody without income stands there too: the two printed rows add up to all but 1 or 2 %.
            when income_source in (1, 2) then 'benefit_or_student'
            else 'unknown'
        end as background_income_source,
        -- Nobody without a job is in the printed rows (A.4); in the factors they have the risk category.
        case
            when not has_job then 'no_job'
            when contract = 2 then 'permanent'
            when contract = 1 then 'temporary'
            else 'unknown'
        end as background_contract,
        case
            when not has_job then 'no_job'
            when working_hours = 2 then 'full_time'
            when working_hours = 1 then 'part_time'
            else 'unknown'
        end as background_working_hours,
        case urbanity_class
            when 1 then 'very_strongly_urban'
            when 2 then 'strongly_urban'
            when 3 then 'moderately_urban'
            when 4 then 'hardly_urban'
            when 5 then 'not_urban'
            else 'unknown'
        end as background_urbanity,
        {{ yes_no_unknown('debts = 1') }} as background_debts,
        {{ yes_no_unknown("medication_groups > " ~ var('background_medicines')) }} as background_many_medicines,
        {{ yes_no_unknown('has_anxiety_depression_medication') }} as background_anxiety_depression_medication,
        {{ yes_no_unknown('has_mental_health_care') }} as background_mental_health_care,
        {{ yes_no_unknown('marital_status = 1') }} as background_not_married,
        {{ yes_no_unknown('divorce = 1') }} as background_divorced,
        {{ yes_no_unknown('has_youth_help_of_child') }} as background_youth_help,
        {{ yes_no_unknown('has_youth_protection_of_child') }} as background_youth_protection,
        {{ yes_no_unknown('total_care_costs = 1') }} as background_high_total_costs,
        {{ yes_no_unknown('gp_costs = 1') }} as background_high_gp_costs,
        {{ yes_no_unknown('hospital_costs = 1') }} as background_high_hospital_costs
    from combined

)

select * from final
