with cells as (
    select * from {{ ref('int_regiobeeld__risk_definitions_compared_cells') }}
),

clustering_labels as (
    {{ labels_of('clustering') }}
),

number_of_risk_factors_labels as (
    {{ labels_of('number_of_risk_factors') }}
),

caveat_labels as (
    select label
    from ({{ labels_of('caveat') }}) as caveats
    where code = 'clusterings_differ'
),

protected as (
    {{ protect_cells('cells', 'risk_definitions_compared') }}
)

select
    protected.birth_year,
    protected.region_level,
    protected.region_code,
    protected.region_name,
    protected.clustering,
    clustering_labels.label as clustering_label,
    protected.number_of_risk_factors,
    number_of_risk_factors_labels.label as number_of_risk_factors_label,
    protected.rounded_numerator as numerator,
    protected.rounded_denominator as denominator,
    {{ percentage_from_rounded('protected.rounded_numerator', 'protected.rounded_denominator') }} as percentage,
    {{ percentage_from_rounded(
        '(protected.rounded_numerator * first_year.rounded_denominator'
        ~ ' - first_year.rounded_numerator * protected.rounded_denominator)',
        '(first_year.rounded_numerator * protected.rounded_denominator)', 'first_year.rounded_numerator'
    ) }} as change_since_first_year_percentage,
    caveat_labels.label as caveat,
    protected.is_hidden
from protected
left join clustering_labels on protected.clustering = clustering_labels.code
left join number_of_risk_factors_labels on protected.number_of_risk_factors = number_of_risk_factors_labels.code
cross join caveat_labels
left join protected as first_year
    on
        first_year.birth_year = {{ var('regiobeeld_population_first_year') }}
        and protected.region_level = first_year.region_level
        and protected.region_code = first_year.region_code
        and protected.clustering = first_year.clustering
        and protected.number_of_risk_factors = first_year.number_of_risk_factors
