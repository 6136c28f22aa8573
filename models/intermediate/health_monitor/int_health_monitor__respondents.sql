-- Women of the health monitor who gave birth in the first or second calendar year after it: the births on which the
-- latent classes are found and the forest is trained. A respondent counts once, with her first such birth.
with respondents as (

    select
        survey_year,
        person_id,
        perceived_health,
        restricted_by_health,
        long_term_illness,
        anxiety_depression_risk,
        control_over_life,
        body_mass_index,
        loneliness,
        difficulty_with_income,
        physical_activity,
        excessive_drinking,
        smoking
    from {{ ref('stg_gemon') }}
    where survey_year in ({{ var('survey_years') | join(', ') }})

),

births as (

    select
        birth_id,
        birth_year,
        birth_date,
        mother_id
    from {{ ref('int_vulnerability__births') }}

),

factors as (

    select
        birth_id,
        age_class,
        origin_class,
        parity,
        asylum,
        education,
        household_income,
        income_source,
        debts,
        contract,
        working_hours,
        one_parent_family,
        marital_status,
        divorce,
        household_size,
        youth_support,
        total_care_costs,
        gp_costs,
        hospital_costs,
        medication,
        addiction_care,
        mental_health_care,
        intellectual_disability,
        crime_suspect,
        crime_victim,
        detention,
        home_ownership,
        moves,
        loss_of_relative,
        motor_vehicle,
        gp_nearby,
        liveability
    from {{ ref('int_vulnerability__factors') }}

),

-- A woman in two surveys that both precede the birth answers with the later one.
ranked as (

    select
        births.birth_id,
        births.birth_year,
        births.mother_id as respondent_id,
        respondents.survey_year,
        row_number() over (
            partition by births.mother_id
            order by respondents.survey_year desc, births.birth_date asc nulls last, births.birth_id asc
        ) as birth_rank
    from respondents
    inner join births
        on
            respondents.person_id = births.mother_id
            and births.birth_year between respondents.survey_year + {{ var('survey_first_year_after') }}
            and respondents.survey_year + {{ var('survey_last_year_after') }}

),

final as (

    select
        ranked.respondent_id,
        ranked.survey_year,
        ranked.birth_id,
        ranked.birth_year,
        factors.age_class,
        factors.origin_class,
        factors.parity,
        factors.asylum,
        factors.education,
        factors.household_income,
        factors.income_source,
        factors.debts,
        factors.contract,
        factors.working_hours,
        factors.one_parent_family,
        factors.marital_status,
        factors.divorce,
        factors.household_size,
        factors.youth_support,
        factors.total_care_costs,
        factors.gp_costs,
        factors.hospital_costs,
        factors.medication,
        factors.addiction_care,
        factors.mental_health_care,
        factors.intellectual_disability,
        factors.crime_suspect,
        factors.crime_victim,
        factors.detention,
        factors.home_ownership,
        factors.moves,
        factors.loss_of_relative,
        factors.motor_vehicle,
        factors.gp_nearby,
        factors.liveability,
        respondents.perceived_health,
        respondents.restricted_by_health,
        respondents.long_term_illness,
        respondents.anxiety_depression_risk,
        respondents.control_over_life,
        respondents.body_mass_index,
        respondents.loneliness,
        respondents.difficulty_with_income,
        respondents.physical_activity,
        respondents.excessive_drinking,
        respondents.smoking
    from ranked
    inner join factors on ranked.birth_id = factors.birth_id
    inner join respondents
        on
            ranked.respondent_id = respondents.person_id
            and ranked.survey_year = respondents.survey_year
    where ranked.birth_rank = 1

)

select * from final
