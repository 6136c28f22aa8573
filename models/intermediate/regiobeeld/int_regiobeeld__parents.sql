-- Education, origin and age of both parents brought to the birth (slide 44, RB-02).
with population as (

    select birth_id
    from {{ ref('int_regiobeeld__population') }}
    where exclusion_reason is null

),

parents as (

    select
        birth_id,
        parent_role,
        parent_id,
        birth_year
    from {{ ref('int_births__parents') }}

),

ages as (

    select
        parent_id,
        birth_year,
        age_years
    from {{ ref('int_parents__age') }}

),

origins as (

    select
        parent_id,
        birth_year,
        origin_class
    from {{ ref('int_parents__origin') }}

),

education as (

    select
        parent_id,
        birth_year,
        education_level
    from {{ ref('int_parents__education') }}

),

characteristics as (

    select
        parents.birth_id,
        parents.parent_role,
        ages.age_years,
        origins.origin_class,
        education.education_level
    from population
    inner join parents on population.birth_id = parents.birth_id
    left join ages
        on
            parents.parent_id = ages.parent_id
            and parents.birth_year = ages.birth_year
    left join origins
        on
            parents.parent_id = origins.parent_id
            and parents.birth_year = origins.birth_year
    left join education
        on
            parents.parent_id = education.parent_id
            and parents.birth_year = education.birth_year

),

per_birth as (

    select
        birth_id,
        count(case when education_level = 'low' then 1 end) as low_educated_parents,
        count(education_level) as parents_with_known_education,
        {{ any_true("education_level in ('middle', 'high')") }} as has_middle_or_high,
        count(case when origin_class = 'non_western' then 1 end) as non_western_parents,
        count(case when origin_class = 'dutch' then 1 end) as dutch_parents,
        {{ any_true('age_years < ' ~ var('young_parent_age')) }} as has_parent_under_25,
        max(case when parent_role = 'mother' then age_years end) as mother_age_years,
        max(case when parent_role = 'other_parent' then age_years end) as other_parent_age_years
    from characteristics
    group by birth_id

),

classified as (

    select
        birth_id,
        case
            when low_educated_parents >= 2 then 'both_low'
            when low_educated_parents = 1 then 'one_low'
            when parents_with_known_education > 0 then 'none_low'
            else 'unknown'
        end as education_class,
        has_middle_or_high,
        -- The classes exclude each other, so they have an order (A-21): non-western goes before Dutch.
        case
            when non_western_parents > 0 then 'non_western'
            when dutch_parents > 0 then 'dutch'
            else 'western_or_unknown'
        end as origin_class,
        has_parent_under_25,
        mother_age_years,
        other_parent_age_years
    from per_birth

)

select * from classified
