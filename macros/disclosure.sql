{#
    Disclosure control, first step: cells hide themselves, families of cells that add up hide one more.
    Everything that a mart publishes passes through protect_cells; the joint secondary suppression of all tables
    replaces the relations there, and no mart has to change.
#}

{% macro is_small_count(count) -%}
    ({{ count }} between 1 and {{ (var('minimum_cell_count') | int) - 1 }})
{%- endmacro %}

{% macro is_unsafe_count(numerator, denominator, has_complement=true) -%}
    coalesce(
        {{ is_small_count(numerator) }}
        {%- if has_complement %}
        or {{ is_small_count(denominator ~ ' - ' ~ numerator) }}
        {%- endif %}
        or {{ denominator }} < {{ var('minimum_cell_count') | int }}, true
    )
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

{% macro protect_cells(cells, table) -%}
    {%- set declaration = cell_tables()[table] -%}
    {%- set steps = declaration.relations | length -%}
    {%- set order_columns = (['numerator'] + declaration.breakdown) | join(', ') %}
    select
        exact.*,
        exact.is_hidden_{{ steps }} as is_hidden,
        case when not exact.is_hidden_{{ steps }} then {{ round_to_base('exact.numerator') }} end as rounded_numerator,
        case when not exact.is_hidden_{{ steps }} then {{ round_to_base('exact.denominator') }} end
            as rounded_denominator
    from
    {%- for step in range(steps, 0, -1) %}
    {%- set relation = declaration.relations[step - 1] %}
    {%- set family = (['birth_year', 'region_level', 'region_code'] + relation.within) | join(', ') %}
    (
        select
            candidates_{{ step }}.*,
            candidates_{{ step }}.is_hidden_{{ step - 1 }}
            or (
                candidates_{{ step }}.is_member_{{ step }}
                and candidates_{{ step }}.hidden_members_{{ step }} = 1
                and candidates_{{ step }}.candidate_rank_{{ step }} = 1
            ) as is_hidden_{{ step }}
        from (
            select
                members_{{ step }}.*,
                sum(case when is_member_{{ step }} and is_hidden_{{ step - 1 }} then 1 else 0 end)
                    over (partition by {{ family }}) as hidden_members_{{ step }},
                row_number() over (
                    partition by {{ family }}, is_member_{{ step }}, is_hidden_{{ step - 1 }}
                    order by case when numerator > 0 then 0 else 1 end, {{ order_columns }}
                ) as candidate_rank_{{ step }}
            from (
                select
                    step_{{ step }}.*,
                    ({{ relation.members }}) as is_member_{{ step }}
                from
    {%- endfor %}
    (
        select
            {{ cells }}.*,
            {%- if declaration.has_values %}
            case
                when statistic = 'share' then {{ is_unsafe_count('numerator', 'denominator') }}
                else {{ is_unsafe_quantile('denominator', 'statistic') }}
            end as is_hidden_0
            {%- else %}
            {{ is_unsafe_count('numerator', 'denominator', declaration.has_complement) }} as is_hidden_0
            {%- endif %}
        from {{ cells }}
    )
    {%- for step in range(1, steps + 1) %}
                as step_{{ step }}
            ) as members_{{ step }}
        ) as candidates_{{ step }}
    )
    {%- endfor %} as exact
{%- endmacro %}
