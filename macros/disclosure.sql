{#
    Disclosure control: the rules by which rows hide themselves, the pattern of what is hidden in all tables together,
    and the rounding of what is left. Everything that a mart publishes passes through protect_cells.
#}

{% macro is_small_count(count, minimum=none) -%}
    ({{ count }} between 1 and {{ (var('minimum_cell_count') if minimum is none else minimum) | int - 1 }})
{%- endmacro %}

{% macro is_unsafe_quantile(denominator, statistic, minimum=none) -%}
    coalesce(
        {{ denominator }} < {{ (var('minimum_cell_count') if minimum is none else minimum) | int }}
        * case {{ statistic }} when 'median' then 2 when 'p25' then 4 when 'p75' then 4 end, true
    )
{%- endmacro %}

{% macro is_large_share(numerator, denominator, maximum_share=none) -%}
    {%- set maximum_share = var('maximum_share_of_small_group') if maximum_share is none else maximum_share -%}
    ({{ numerator }} > {{ maximum_share }} * {{ denominator }} and {{ denominator }} < {{ var('small_group_size') | int }})
{%- endmacro %}

{% macro round_to_base(count, base=none) -%}
    {%- set base = (var('rounding_base') if base is none else base) | int -%}
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

{% macro unsafe_reason(minimum=none, with_complement=true, maximum_share=none, maximum_of_one=none) -%}
    {#-
        Why a row of int_disclosure__numbers hides itself; null when it does not. The first reason counts. The limits are
        the vars, unless an alternative is asked for.
    -#}
    {%- set maximum_of_one = var('maximum_share_of_one_child') if maximum_of_one is none else maximum_of_one -%}
    case
        -- A quantile has no numerator.
        when rule = 'quantile'
            then case when {{ is_unsafe_quantile('denominator', 'statistic', minimum) }} then 'quantile' end
        when numerator is null or denominator is null then 'unknown'
        when {{ is_small_count('numerator', minimum) }} then 'count'
        {%- if with_complement %}
        when rule <> 'count_without_complement' and {{ is_small_count('denominator - numerator', minimum) }}
            then 'complement'
        {%- endif %}
        when {{ is_small_count('denominator', minimum) }} then 'denominator'
        -- With 0 in the numerator nobody is meant, so nothing is nearly all.
        when rule <> 'count_without_complement' and {{ is_large_share('numerator', 'denominator', maximum_share) }}
            then 'share'
        when rule = 'costs' and largest_share > {{ maximum_of_one }} then 'dominance'
    end
{%- endmacro %}

{% macro protect_cells(cells, table) -%}
    {#-
        A row that the pattern does not know is hidden, unless it has no number at all. Its counts are not shown either way:
        what such a row is a part of may be hidden elsewhere.
    -#}
    {%- set declaration = cell_tables()[table] %}
    select
        {{ cells }}.*,
        coalesce(
            pattern.is_hidden, {{ 'not ' ~ cells ~ '.is_missing' if declaration.can_be_missing else 'true' }}
        ) as is_hidden,
        case when not pattern.is_hidden then {{ round_to_base(cells ~ '.numerator') }} end as rounded_numerator,
        case when not pattern.is_hidden then {{ round_to_base(cells ~ '.denominator') }} end as rounded_denominator
    from {{ cells }}
    left join {{ ref('int_disclosure__pattern') }} as pattern
        on
            pattern.table_name = '{{ table }}'
            and {{ cells }}.birth_year is not distinct from pattern.birth_year
            and {{ cells }}.region_level = pattern.region_level
            and {{ cells }}.region_code = pattern.region_code
            and {{ breakdown_key(declaration.breakdown, cells) }} = pattern.breakdown_key
{%- endmacro %}
