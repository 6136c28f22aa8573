-- What other choices of the disclosure control would cost, by the rules alone by which rows hide themselves: one choice
-- changes, the others stay as the vars have them. Exact numbers of rows: this table is not published.
{%- set choices = [
    ('minimum_cell_count', [5, 10, 15, 20], 'minimum'),
    ('maximum_share_of_small_group', [0.9, 1], 'maximum_share'),
    ('maximum_share_of_one_child', [0.5, 0.9], 'maximum_of_one'),
    ('rounding_base', [5, 10], 'base'),
] %}
{#- The complement has no var: it can be shown in this table only. #}
{%- set alternatives = [
    ('complement', 'hidden', true, 'with_complement', true), ('complement', 'shown', false, 'with_complement', false),
] %}
{%- for name, values, argument in choices %}
{%- set current = var(name) | float %}
{%- for value in values + ([var(name)] if current not in values | map('float') | list else []) %}
{%- do alternatives.append((name, value, value | float == current, argument, value)) %}
{%- endfor %}
{%- endfor %}
with numbers as (
    select * from {{ ref('int_disclosure__numbers') }}
),

judged as (
    {%- for choice, alternative, is_current, argument, value in alternatives %}
    {%- set base = value if argument == 'base' else none %}
    {%- set limits = {} if argument == 'base' else {argument: value} %}
    select
        '{{ choice }}' as choice,
        '{{ alternative }}' as alternative,
        {{ is_current | lower }} as is_current,
        {{ 1000 * ((var('rounding_base') if base is none else base) | int) }} as size_of_decimal,
        schema_name,
        table_name,
        numerator,
        {{ unsafe_reason(**limits) }} as primary_reason,
        {{ round_to_base('numerator', base) }} as rounded_numerator,
        {{ round_to_base('denominator', base) }} as rounded_denominator
    from numbers
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
)

select
    choice,
    alternative,
    is_current,
    schema_name,
    table_name,
    count(*) as cells,
    count(primary_reason) as hidden_primary,
    round(
        avg(
            -- An error is a share of the count: 0 is shown as it is.
            case
                when primary_reason is null and numerator > 0
                    then cast(abs(rounded_numerator - numerator) as double) / numerator
            end
        ), 6
    ) as mean_rounding_error,
    -- A quantile has no numerator and no percentage.
    count(
        case when primary_reason is null and numerator is not null and rounded_denominator > 0 then 1 end
    ) as percentages,
    count(
        case when primary_reason is null and numerator is not null and rounded_denominator >= size_of_decimal then 1 end
    ) as percentages_with_decimal
from judged
group by choice, alternative, is_current, schema_name, table_name
