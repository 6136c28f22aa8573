-- Microdata, never published: every birth that is weighted, with its covariates, what was imputed, and its weights. The
-- covariates lie after the exposure: weighted differences are a decomposition, no effect. A monitoring instrument at
-- population level, no measure for an individual (KN:L207, L239).
with births as (
    select * from {{ ref('int_weighting__births') }}
),

birth_patterns as (
    select * from {{ ref('int_weighting__birth_patterns') }}
),

weights as (
    select * from {{ ref('int_weighting__weights') }}
),

-- One row for a pattern and group, as whole columns, so that births are looked up once.
pattern_weights as (
    select
        imputation,
        pattern,
        is_exposed,
        max(propensity) as propensity,
        {%- for estimand in ['ate', 'att', 'overlap'] %}
        max(case when estimand = '{{ estimand }}' then weight end) as weight_{{ estimand }},
        {%- endfor %}
        max(case when is_truncated then 1 else 0 end) as is_truncated
    from weights
    group by imputation, pattern, is_exposed
),

-- What holds in every imputed set is the mean over them.
every_set as (
    select
        pattern,
        is_exposed,
        avg(propensity) as propensity,
        {%- for estimand in ['ate', 'att', 'overlap'] %}
        avg(weight_{{ estimand }}) as weight_{{ estimand }},
        {%- endfor %}
        max(is_truncated) as is_truncated
    from pattern_weights
    group by pattern, is_exposed
),

complete as (
    select
        birth_patterns.birth_id,
        birth_patterns.pattern,
        every_set.propensity,
        {%- for estimand in ['ate', 'att', 'overlap'] %}
        every_set.weight_{{ estimand }},
        {%- endfor %}
        every_set.is_truncated
    from birth_patterns
    left join every_set
        on
            birth_patterns.pattern = every_set.pattern
            and birth_patterns.is_multiply_vulnerable = every_set.is_exposed
    where birth_patterns.imputation = 0
),

incomplete as (
    select
        birth_patterns.birth_id,
        max(case when birth_patterns.imputation = 1 then birth_patterns.pattern end) as pattern,
        avg(pattern_weights.propensity) as propensity,
        {%- for estimand in ['ate', 'att', 'overlap'] %}
        avg(pattern_weights.weight_{{ estimand }}) as weight_{{ estimand }},
        {%- endfor %}
        max(pattern_weights.is_truncated) as is_truncated
    from birth_patterns
    left join pattern_weights
        on
            birth_patterns.imputation = pattern_weights.imputation
            and birth_patterns.pattern = pattern_weights.pattern
            and birth_patterns.is_multiply_vulnerable = pattern_weights.is_exposed
    where birth_patterns.imputation > 0
    group by birth_patterns.birth_id
),

weighted as (
    select * from complete
    union all
    select * from incomplete
)

select
    births.birth_id,
    cast(births.birth_year as integer) as birth_year,
    births.mother_id,
    births.is_multiply_vulnerable,
    {%- for outcome in birth_outcomes() %}
    {{ pattern_has('weighted.pattern', loop.index0) }} as has_{{ outcome }},
    {%- endfor %}
    {%- for outcome in birth_outcomes() %}
    births.{{ outcome }} is null as is_imputed_{{ outcome }},
    {%- endfor %}
    -- Rounded, so that the order of a sum of doubles cannot show.
    round(weighted.propensity, 9) as propensity,
    {%- for estimand in ['ate', 'att', 'overlap'] %}
    round(weighted.weight_{{ estimand }}, 9) as weight_{{ estimand }},
    {%- endfor %}
    weighted.is_truncated = 1 as is_truncated
from births
left join weighted on births.birth_id = weighted.birth_id
