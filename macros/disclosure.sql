{#
    Disclosure control: the rules by which rows hide themselves, the pattern of what is hidden in all tables together,
    and the rounding of what is left. Everything that a mart publishes passes through protect_cells.
#}

{% macro is_small_count(count) -%}
    ({{ count }} between 1 and {{ (var('minimum_cell_count') | int) - 1 }})
{%- endmacro %}

{% macro is_unsafe_quantile(denominator, statistic) -%}
    coalesce(
        {{ denominator }} < {{ var('minimum_cell_count') | int }}
        * case {{ statistic }} when 'median' then 2 when 'p25' then 4 when 'p75' then 4 end, true
    )
{%- endmacro %}

{% macro round_to_base(count) -%}
    {%- set base = var('rounding_base') | int -%}
    (({{ count }} + {{ base // 2 }}) - (({{ count }} + {{ base // 2 }}) % {{ base }}))
{%- endmacro %}

{% macro percentage_from_rounded(numerator, denominator, size=none) -%}
    {#- Integers inside the floor, so that a tie is always rounded up. -#}
    {%- set size = denominator if size is none else size -%}
    {%- set base = var('rounding_base') | int -%}
    case
        when {{ numerator }} is null or {{ denominator }} is null or {{ denominator }} <= 0 then cast(null as double)
        when {{ size }} >= {{ 1000 * base }}
            then floor(cast(2000 * {{ numerator }} + {{ denominator }} as double) / (2 * {{ denominator }})) / 10
        else floor(cast(200 * {{ numerator }} + {{ denominator }} as double) / (2 * {{ denominator }}))
    end
{%- endmacro %}

{% macro percentage_of_share(share, size) -%}
    {#- Of a share that does not follow from counts, with as many digits as a percentage of so many has. #}
    case
        when {{ size }} >= {{ 1000 * (var('rounding_base') | int) }} then round(100 * {{ share }}, 1)
        when {{ size }} > 0 then round(100 * {{ share }})
    end
{%- endmacro %}

{% macro per_1000_from_rounded(numerator, denominator) -%}
    {#- As a percentage: integers inside the floor, one decimal from the same size on. -#}
    {%- set base = var('rounding_base') | int -%}
    case
        when {{ numerator }} is null or {{ denominator }} is null or {{ denominator }} <= 0 then cast(null as double)
        when {{ denominator }} >= {{ 1000 * base }}
            then floor(cast(20000 * {{ numerator }} + {{ denominator }} as double) / (2 * {{ denominator }})) / 10
        else floor(cast(2000 * {{ numerator }} + {{ denominator }} as double) / (2 * {{ denominator }}))
    end
{%- endmacro %}

{% macro one_in_from_rounded(numerator, denominator) -%}
    case
        when {{ numerator }} > 0 and {{ denominator }} > 0
            then cast(
                floor(cast(2 * {{ denominator }} + {{ numerator }} as double) / (2 * {{ numerator }})) as bigint
            )
    end
{%- endmacro %}

{% macro unsafe_reason(declaration) -%}
    {#- Why a row hides itself, by the rule of its breakdown; null when it does not. The first reason counts. -#}
    {%- set minimum = var('minimum_cell_count') | int -%}
    {%- set reasons = {
        'count': [
            ['numerator is null or denominator is null', 'unknown'],
            [is_small_count('numerator'), 'count'],
            [is_small_count('denominator - numerator'), 'complement'],
            [is_small_count('denominator'), 'denominator'],
        ],
        'quantile': [[is_unsafe_quantile('denominator', 'statistic'), 'quantile']],
    } -%}
    {%- do reasons.update({
        'count_without_complement': [reasons['count'][0], reasons['count'][1], reasons['count'][3]],
        'costs': reasons['count'] + [['coalesce(2 * largest_share > 1, false)', 'dominance']],
    }) -%}
    case
        {%- for rule in declaration.primary %}
        when {{ rule.cells }}
            then
                case
                    {%- for condition, reason in reasons[rule.rule] %}
                    when {{ condition }} then '{{ reason }}'
                    {%- endfor %}
                end
        {%- endfor %}
    end
{%- endmacro %}

{% macro protect_cells(cells, table) -%}
    {#- A row that the pattern does not know is hidden, unless it has no number at all. -#}
    {%- set declaration = cell_tables()[table] %}
    select
        {{ cells }}.*,
        {%- set is_hidden %}coalesce(pattern.is_hidden, {{ 'not ' ~ cells ~ '.is_missing' if declaration.can_be_missing else 'true' }}){% endset %}
        {{ is_hidden }} as is_hidden,
        case when not {{ is_hidden }} then {{ round_to_base(cells ~ '.numerator') }} end as rounded_numerator,
        case when not {{ is_hidden }} then {{ round_to_base(cells ~ '.denominator') }} end as rounded_denominator
    from {{ cells }}
    left join {{ ref('int_disclosure__pattern') }} as pattern
        on
            pattern.table_name = '{{ table }}'
            and {{ cells }}.birth_year is not distinct from pattern.birth_year
            and {{ cells }}.region_level = pattern.region_level
            and {{ cells }}.region_code = pattern.region_code
            and {{ breakdown_key(declaration.breakdown, cells) }} = pattern.breakdown_key
{%- endmacro %}
