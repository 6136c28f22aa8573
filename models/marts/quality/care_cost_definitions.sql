-- What the choice of var children_without_zvw_record does: use and mean costs of the children when no record means
-- unknown, and when it means no costs. Exact numbers: this table is not published.
with sums as (
    select * from {{ ref('int_care_costs__life_year_sums') }}
    where is_multiply_vulnerable is not null
),

care_type_labels as (
    {{ labels_of('care_type') }}
),

vulnerable_labels as (
    {{ labels_of('vulnerable') }}
),

grouped as (
    select
        *,
        case when is_multiply_vulnerable then 'yes' else 'no' end as vulnerable
    from sums
)

select
    grouped.life_year,
    grouped.care_type,
    care_type_labels.label as care_type_label,
    grouped.vulnerable,
    vulnerable_labels.label as vulnerable_label,
    grouped.all_children as children,
    grouped.children_with_record,
    case
        when grouped.children_with_record > 0
            then round(100 * cast(grouped.users as double) / grouped.children_with_record, 3)
    end as percentage__unknown,
    case
        when grouped.children_with_record > 0
            then round(coalesce(grouped.sum_euro, 0) / grouped.children_with_record, 3)
    end as mean_euro__unknown,
    round(100 * cast(grouped.users as double) / grouped.all_children, 3) as percentage__no_costs,
    round(coalesce(grouped.sum_euro, 0) / grouped.all_children, 3) as mean_euro__no_costs
from grouped
left join care_type_labels on grouped.care_type = care_type_labels.code
left join vulnerable_labels on grouped.vulnerable = vulnerable_labels.code
