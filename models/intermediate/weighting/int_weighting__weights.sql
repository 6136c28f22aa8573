-- Weights of every pattern and group: stabilised ones for all children (ate, the default, which fits the note: A-42),
-- and two that serve as sensitivity. Larger weights than the var's share of the births has are truncated.
{%- set estimands = ['ate', 'att', 'overlap'] %}
{%- set truncate_share = var('weighting_truncate_share') | float %}
with patterns as (

    select
        imputation,
        pattern,
        unexposed_births,
        exposed_births
    from {{ ref('int_weighting__patterns') }}

),

propensities as (

    select
        imputation,
        pattern,
        propensity
    from {{ ref('int_weighting__propensity') }}

),

shares as (

    select
        imputation,
        cast(sum(exposed_births) as double) / sum(exposed_births + unexposed_births) as share_exposed
    from patterns
    group by imputation

),

groups as (

    select
        imputation,
        pattern,
        false as is_exposed,
        unexposed_births as births
    from patterns
    where unexposed_births > 0

    union all

    select
        imputation,
        pattern,
        true as is_exposed,
        exposed_births as births
    from patterns
    where exposed_births > 0

),

with_propensity as (

    select
        groups.imputation,
        groups.pattern,
        groups.is_exposed,
        groups.births,
        propensities.propensity,
        shares.share_exposed
    from groups
    inner join propensities
        on
            groups.imputation = propensities.imputation
            and groups.pattern = propensities.pattern
    inner join shares on groups.imputation = shares.imputation

),

weighted as (
    {%- for estimand in estimands %}

    select
        '{{ estimand }}' as estimand,
        imputation,
        pattern,
        is_exposed,
        births,
        propensity,
        {{ propensity_weight('is_exposed', 'propensity', 'share_exposed', estimand) }} as weight,
        {{ by_estimand(estimand, 'true', 'not is_exposed', 'true') }} as can_be_truncated
    from with_propensity
    {%- if not loop.last %}

    union all
    {%- endif %}
    {%- endfor %}

),

-- Births from the lowest weight up, those with the same weight taken together.
running as (

    select
        estimand,
        imputation,
        weight,
        sum(births) over (partition by estimand, imputation order by weight) as births_so_far,
        sum(births) over (partition by estimand, imputation) as all_births
    from weighted
    where can_be_truncated

),

caps as (

    select
        estimand,
        imputation,
        min(weight) as cap
    from running
    -- The same birth as percentile_disc would choose.
    where births_so_far >= all_births - floor(all_births - {{ truncate_share }} * all_births)
    group by estimand, imputation

),

final as (

    select
        weighted.estimand,
        weighted.imputation,
        weighted.pattern,
        weighted.is_exposed,
        weighted.births,
        weighted.propensity,
        case
            when weighted.can_be_truncated and weighted.weight > caps.cap then caps.cap
            else weighted.weight
        end as weight,
        weighted.can_be_truncated and weighted.weight > caps.cap as is_truncated
    from weighted
    inner join caps
        on
            weighted.estimand = caps.estimand
            and weighted.imputation = caps.imputation

)

select * from final
