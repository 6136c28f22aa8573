-- KN-19. Profiles of the latent classes: of each of the 42 items the respondents with an answer, as their posterior
-- probabilities of the class add up, rounded to whole respondents. The size of a class is the number of respondents of
-- whom it is the most probable one, as the study assigns them.
with respondents as (
    select * from {{ ref('int_health_monitor__respondents') }}
),

posteriors as (
    select * from {{ ref('int_vulnerability__latent_classes') }}
),

factor_values as (
    select * from {{ ref('vulnerability_factor_values') }}
),

labels as (
    select * from {{ ref('labels') }}
),

items as (
    select
        factor as item,
        cast(value as varchar) as item_value
    from factor_values
    -- An unknown income is a value of the factor, and no answer.
    where label_nl is distinct from 'onbekend'
    union all
    select
        split_part(code, '=', 1) as item,
        split_part(code, '=', 2) as item_value
    from labels
    where dimension = 'survey_item_value'
),

classes as (
    select
        class,
        max(case when is_vulnerable_class then 1 else 0 end) = 1 as is_vulnerable_class,
        count(case when is_modal then 1 end) as class_respondents
    from posteriors
    group by class
),

sizes as (
    select sum(class_respondents) as respondents
    from classes
),

answers as (
    {%- for item in vulnerability_factors() + survey_indicators() %}
    select
        posteriors.class,
        '{{ item }}' as item,
        cast(respondents.{{ item }} as varchar) as item_value,
        sum(posteriors.posterior) as weight
    from respondents
    inner join posteriors on respondents.respondent_id = posteriors.respondent_id
    where respondents.{{ item }} is not null
    group by posteriors.class, respondents.{{ item }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

with_numbers as (
    select
        items.item,
        items.item_value,
        cast(classes.class as varchar) as class,
        classes.is_vulnerable_class,
        cast(classes.class_respondents as bigint) as class_respondents,
        cast(sizes.respondents as bigint) as respondents,
        -- A sum of doubles depends on their order only far behind the comma.
        cast(round(coalesce(round(answers.weight, 6), 0)) as bigint) as numerator
    from items
    cross join classes
    cross join sizes
    left join answers
        on items.item = answers.item and items.item_value = answers.item_value and classes.class = answers.class
)

select
    cast(null as integer) as birth_year,
    'country' as region_level,
    'NL' as region_code,
    'Nederland' as region_name,
    item,
    item_value,
    class,
    is_vulnerable_class,
    class_respondents,
    respondents,
    numerator,
    cast(sum(numerator) over (partition by item, class) as bigint) as denominator
from with_numbers
