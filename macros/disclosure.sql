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

{% macro is_unsafe_cell(declaration) -%}
    {#- The primary rule of the cell, by its breakdown. -#}
    {%- set rules = {
        'count': is_unsafe_count('numerator', 'denominator'),
        'count_without_complement': is_unsafe_count('numerator', 'denominator', false),
        'quantile': is_unsafe_quantile('denominator', 'statistic'),
    } -%}
    {#- Only cells of this rule have the column. -#}
    {%- do rules.update({'costs': '(' ~ rules.count ~ ' or coalesce(2 * largest_share > 1, false))'}) -%}
    case
        {%- if declaration.can_be_missing %}
        when is_missing then false
        {%- endif %}
        {%- for rule in declaration.primary %}
        when {{ rule.cells }} then {{ rules[rule.rule] }}
        {%- endfor %}
        else true
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
    {%- set declaration = cell_tables()[table] -%}
    {%- set relations = declaration.relations * declaration.passes -%}
    {%- set steps = relations | length -%}
    {%- set order_columns = (['numerator'] + declaration.breakdown) | join(', ') %}
    with step_0 as (
        select
            {{ cells }}.*,
            {{ is_unsafe_cell(declaration) }} as is_hidden_0
        from {{ cells }}
    )
    {%- for relation in relations %}
    {%- set step = loop.index %}
    {%- set kind = relation.get('kind', 'sum') %}
    {%- set before = 'is_hidden_' ~ (step - 1) %}
    {%- set member = 'is_member_' ~ step %}
    {%- set family = (['birth_year', 'region_level', 'region_code'] + relation.get('within', [])) | join(', ') %},
    members_{{ step }} as (
        select
            step_{{ step - 1 }}.*,
            ({{ relation.members }}){{ ' and not is_missing' if declaration.can_be_missing }} as {{ member }}
        from step_{{ step - 1 }}
    ),
    families_{{ step }} as (
        select
            members_{{ step }}.*,
            sum(case when {{ member }} and {{ before }}
            {{- ' and ' ~ relation.head if kind == 'head' }} then 1 else 0 end)
                over (partition by {{ family }}) as hidden_members_{{ step }}
            {%- if kind == 'sum' %},
            row_number() over (
                partition by {{ family }}, {{ member }}, {{ before }}
                order by case when numerator > 0 then 0 else 1 end, {{ order_columns }}
            ) as candidate_rank_{{ step }}
            {%- endif %}
        from members_{{ step }}
    ),
    step_{{ step }} as (
        select
            families_{{ step }}.*,
            {%- if kind == 'sum' %}
            {{ before }}
            or ({{ member }} and hidden_members_{{ step }} = 1 and candidate_rank_{{ step }} = 1) as is_hidden_{{ step }}
            {%- else %}
            {{ before }} or ({{ member }} and hidden_members_{{ step }} > 0) as is_hidden_{{ step }}
            {%- endif %}
        from families_{{ step }}
    )
    {%- endfor %}
    select
        step_{{ steps }}.*,
        is_hidden_{{ steps }} as is_hidden,
        case when not is_hidden_{{ steps }} then {{ round_to_base('numerator') }} end as rounded_numerator,
        case when not is_hidden_{{ steps }} then {{ round_to_base('denominator') }} end as rounded_denominator
    from step_{{ steps }}
{%- endmacro %}
