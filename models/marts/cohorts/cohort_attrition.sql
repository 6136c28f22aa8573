-- Every exclusion of every cohort: how many births in, how many out, why.
with attrition as (
    select * from {{ ref('int_regiobeeld__attrition') }}
    union all
    select * from {{ ref('int_kennisnotitie__attrition') }}
    union all
    select * from {{ ref('int_kennisnotitie__children_attrition') }}
    union all
    select * from {{ ref('int_weighting__attrition') }}
),

labels as (
    {{ labels_of('population_reason') }}
)

select
    attrition.cohort_name as cohort,
    attrition.step,
    attrition.reason,
    labels.label as reason_label,
    cast(attrition.births_in as bigint) as births_in,
    cast(attrition.births_in - attrition.births_out as bigint) as births_excluded,
    cast(attrition.births_out as bigint) as births_out
from attrition
left join labels on attrition.reason = labels.code
