-- KN-19. What the Kennisnotitie says of its model, for the comparison only: the respondents, the number of classes that
-- fits best by BIC, and the factors that the forest was trained on. No row where there is no model. Respondents are not
-- a fraction of the births: a delivery of any size has enough of them to train on.
with fit as (
    select * from {{ ref('int_vulnerability__latent_class_fit') }}
),

importance as (
    select * from {{ ref('int_vulnerability__forest_importance') }}
),

figures as (
    select
        'respondents' as model_figure,
        cast(max(respondents) as double) as value,
        sqrt(cast(max(respondents) as double)) as value_standard_error
    from fit
    where is_chosen
    union all
    select
        'classes' as model_figure,
        cast(min_by(classes, bic) as double) as value,
        cast(0 as double) as value_standard_error
    from fit
    where bic is not null
    union all
    select
        'predictors' as model_figure,
        cast(nullif(count(importance), 0) as double) as value,
        cast(0 as double) as value_standard_error
    from importance
)

select
    cast(null as integer) as birth_year,
    'country' as region_level,
    'NL' as region_code,
    'Nederland' as region_name,
    model_figure,
    cast(null as bigint) as numerator,
    cast(null as bigint) as denominator,
    value,
    round(value_standard_error, 6) as value_standard_error,
    value is null as is_missing
from figures
