-- RB-19, RB-26, RB-27. Deliveries without a stay in hospital by background of the family and class of maternity care,
-- both ways: of the group, how many are in the class; of the class, how many belong to the group. Beside them the frame
-- of reference: the group among all these deliveries (class all) and among all births (share_of_births).
{%- set backgrounds = [
    ('origin', 'non_western', "origin_class = 'non_western'"),
    ('origin', 'dutch', "origin_class = 'dutch'"),
    ('origin', 'western_or_unknown', "coalesce(origin_class, 'western_or_unknown') = 'western_or_unknown'"),
] %}
{%- for background, flag in [
    ('low_income', 'is_low_income'),
    ('single_parent', 'is_single_parent'),
    ('debt', 'has_debt'),
    ('mental_health', 'has_mental_health_problem'),
] %}
{%- do backgrounds.append((background, 'yes', flag)) %}
{%- do backgrounds.append((background, 'no', 'not ' ~ flag)) %}
{%- do backgrounds.append((background, 'unknown', flag ~ ' is null')) %}
{%- endfor %}
{%- do backgrounds.append(('any_risk_factor', 'yes', 'has_any_risk_factor')) %}
{%- do backgrounds.append(('any_risk_factor', 'no', 'not has_any_risk_factor')) %}
{%- do backgrounds.append(('financial_capacity', 'limited', 'has_limited_financial_capacity')) %}
{%- do backgrounds.append(('financial_capacity', 'sufficient', 'not has_limited_financial_capacity')) %}
{%- do backgrounds.append(('financial_capacity', 'unknown', 'has_limited_financial_capacity is null')) %}
{%- set classes = [
    ('none', "maternity_care_class = 'none'"),
    ('low', "maternity_care_class = 'low'"),
    ('middle', "maternity_care_class = 'middle'"),
    ('high', "maternity_care_class = 'high'"),
    ('below_24h', "maternity_care_class in ('none', 'low')"),
] %}
{%- set table = 'maternity_care_by_background' %}
{%- set cells = [] %}
{%- set birth_cells = [] %}
{%- for background, category, is_member in backgrounds %}
{%- for class, is_class in classes %}
{%- set is_both = is_member ~ ' and ' ~ is_class %}
{%- do cells.append((background, category, class, 'share_of_group', is_both, is_member)) %}
{%- do cells.append((background, category, class, 'share_of_class', is_both, is_class)) %}
{%- endfor %}
{%- do cells.append((background, category, 'all', 'share_of_class', is_member)) %}
{%- do birth_cells.append((background, category, 'all', 'share_of_births', is_member)) %}
{%- endfor %}
with deliveries as (
    select * from {{ ref('int_regiobeeld__deliveries') }}
    where
        birth_year between {{ var('regiobeeld_first_year') }} and {{ var('regiobeeld_last_year') }}
        and maternity_care_exclusion_reason is null
),

births as (
    select
        *,
        risk_factor_count >= 1 as has_any_risk_factor,
        is_low_income or has_problematic_debt as has_limited_financial_capacity
    from {{ ref('int_regiobeeld__births') }}
    where birth_year between {{ var('regiobeeld_first_year') }} and {{ var('regiobeeld_last_year') }}
),

regions as (
    select * from {{ ref('int_regiobeeld__regions') }}
),

counted as (
    {{ count_conditions('deliveries', 'regions', table, cells) }}
),

counted_births as (
    {{ count_conditions('births', 'regions', table, birth_cells) }}
)

{{ count_cells('deliveries', 'regions', table, cells) }}
union all
{{ count_cells('births', 'regions', table, birth_cells, 'counted_births') }}
