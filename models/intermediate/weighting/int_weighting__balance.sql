-- How alike the groups are in each covariate before and after weighting, in every imputed set: outcomes and years as
-- shares, and birth year and propensity as quantities too, which have a variance ratio.
{%- set levels = [] %}
{%- for outcome in birth_outcomes() %}
{%- do levels.append((outcome, 'yes', 'case when has_' ~ outcome ~ ' then one else zero end')) %}
{%- endfor %}
{%- for year in range(var('kennisnotitie_first_year') | int, (var('kennisnotitie_last_year') | int) + 1) %}
{%- do levels.append(('birth_year', year, 'case when birth_year = ' ~ year ~ ' then one else zero end')) %}
{%- endfor %}
{#- Years near zero, for the variance is made of sums of squares. -#}
{%- do levels.append(('birth_year', 'mean', 'years_since_first')) %}
{%- do levels.append(('propensity', 'mean', 'propensity')) %}
with weights as (

    select
        estimand,
        imputation,
        pattern,
        is_exposed,
        births,
        propensity,
        weight
    from {{ ref('int_weighting__weights') }}

),

patterns as (

    select
        imputation,
        pattern,
        {%- for outcome in birth_outcomes() %}
        has_{{ outcome }},
        {%- endfor %}
        birth_year
    from {{ ref('int_weighting__patterns') }}

),

covariates as (

    select
        covariate,
        is_in_propensity
    from {{ ref('int_weighting__covariates') }}

),

with_covariates as (

    select
        weights.estimand,
        weights.imputation,
        weights.is_exposed,
        weights.births,
        weights.propensity,
        weights.weight,
        cast(1 as double) as one,
        cast(0 as double) as zero,
        patterns.birth_year,
        {%- for outcome in birth_outcomes() %}
        patterns.has_{{ outcome }},
        {%- endfor %}
        cast(patterns.birth_year - {{ var('kennisnotitie_first_year') }} as double) as years_since_first
    from weights
    inner join patterns
        on
            weights.imputation = patterns.imputation
            and weights.pattern = patterns.pattern

),

moments as (
    {%- for covariate, level, value in levels %}

    select
        estimand,
        imputation,
        is_exposed,
        '{{ covariate }}' as covariate,
        '{{ level }}' as level,
        cast(sum(case when {{ value }} > 0 then births else 0 end) as bigint) as births_with,
        cast(sum(births) as bigint) as births,
        {{ weighted_mean(value, 'one', 'births') }} as raw_mean,
        {{ weighted_mean(value, 'weight', 'births') }} as mean,
        {{ weighted_variance(value, 'one', 'births') }} as raw_variance,
        {{ weighted_variance(value, 'weight', 'births') }} as variance
    from with_covariates
    group by estimand, imputation, is_exposed
    {%- if not loop.last %}

    union all
    {%- endif %}
    {%- endfor %}

),

-- A share has the variance that follows from it.
spreads as (

    select
        estimand,
        imputation,
        is_exposed,
        covariate,
        level,
        births_with,
        births,
        raw_mean,
        mean,
        case when level = 'mean' then raw_variance else {{ share_variance('raw_mean') }} end as raw_variance,
        variance
    from moments

),

side_by_side as (

    select
        exposed.estimand,
        exposed.imputation,
        exposed.covariate,
        exposed.level,
        exposed.births_with as exposed_births_with,
        exposed.births as exposed_births,
        unexposed.births_with as unexposed_births_with,
        unexposed.births as unexposed_births,
        exposed.raw_mean as exposed_raw_mean,
        unexposed.raw_mean as unexposed_raw_mean,
        exposed.mean as exposed_mean,
        unexposed.mean as unexposed_mean,
        exposed.raw_variance as exposed_raw_variance,
        unexposed.raw_variance as unexposed_raw_variance,
        exposed.variance as exposed_variance,
        unexposed.variance as unexposed_variance
    from spreads as exposed
    inner join spreads as unexposed
        on
            exposed.estimand = unexposed.estimand
            and exposed.imputation = unexposed.imputation
            and exposed.covariate = unexposed.covariate
            and exposed.level = unexposed.level
    where exposed.is_exposed and not unexposed.is_exposed

),

-- In units of the standard deviation before weighting, so that weighting changes the difference and not the unit.
both_states as (
    {%- for estimand in ['ate', 'att', 'overlap'] %}
    {%- for state in ['raw_', ''] %}

    select
        estimand,
        imputation,
        covariate,
        level,
        {{ 'false' if state else 'true' }} as is_weighted,
        exposed_births_with,
        exposed_births,
        unexposed_births_with,
        unexposed_births,
        {{ standardised_difference(
            'exposed_' ~ state ~ 'mean', 'unexposed_' ~ state ~ 'mean', 'exposed_raw_variance',
            'unexposed_raw_variance', estimand
        ) }} as standardised_difference,
        case
            when level = 'mean'
                then {{ variance_ratio('exposed_' ~ state ~ 'variance', 'unexposed_' ~ state ~ 'variance') }}
        end as variance_ratio
    from side_by_side
    where estimand = '{{ estimand }}'
    {%- if not loop.last %}

    union all
    {%- endif %}
    {%- endfor %}
    {%- if not loop.last %}

    union all
    {%- endif %}
    {%- endfor %}

),

final as (

    select
        both_states.estimand,
        both_states.imputation,
        both_states.covariate,
        both_states.level,
        both_states.is_weighted,
        coalesce(covariates.is_in_propensity, true) as is_in_propensity,
        both_states.exposed_births_with,
        both_states.exposed_births,
        both_states.unexposed_births_with,
        both_states.unexposed_births,
        -- Rounded, so that the order of a sum of doubles cannot show.
        round(both_states.standardised_difference, 9) as standardised_difference,
        round(both_states.variance_ratio, 9) as variance_ratio
    from both_states
    left join covariates on both_states.covariate = covariates.covariate

)

select * from final
