{#
    Weighting: weights from a propensity, weighted means, and how alike the groups are. Sums over rows and nothing
    else, so that every number can be followed; kansrijke_start.weighting gives the same, and the tests hold it.
#}

{% macro by_estimand(estimand, ate, att, overlap) -%}
    {%- set choices = {'ate': ate, 'att': att, 'overlap': overlap} -%}
    {%- if estimand not in choices -%}
        {{ exceptions.raise_compiler_error("estimand is '" ~ estimand ~ "': choose ate or att or overlap") }}
    {%- endif -%}
    {{ choices.get(estimand, 'null') }}
{%- endmacro %}

{% macro propensity_weight(is_exposed, propensity, share_exposed, estimand) -%}
    case
        when {{ is_exposed }}
            then {{ by_estimand(
                estimand,
                share_exposed ~ " / " ~ propensity,
                "cast(1 as double)",
                "1 - " ~ propensity
            ) }}
        else {{ by_estimand(
            estimand,
            "(1 - " ~ share_exposed ~ ") / (1 - " ~ propensity ~ ")",
            propensity ~ " / (1 - " ~ propensity ~ ") * (1 - " ~ share_exposed ~ ") / " ~ share_exposed,
            propensity
        ) }}
    end
{%- endmacro %}

{% macro weight_cap(is_exposed, weight, share, estimand) -%}
    percentile_disc({{ share }}) within group (
        order by {{ by_estimand(
            estimand, weight, "case when not " ~ is_exposed ~ " then " ~ weight ~ " end", weight
        ) }}
    )
{%- endmacro %}

{% macro is_above_cap(is_exposed, weight, cap, estimand) -%}
    ({{ by_estimand(estimand, "", "not " ~ is_exposed ~ " and ", "") }}{{ weight }} > {{ cap }})
{%- endmacro %}

{% macro truncated_weight(is_exposed, weight, cap, estimand) -%}
    case when {{ is_above_cap(is_exposed, weight, cap, estimand) }} then {{ cap }} else {{ weight }} end
{%- endmacro %}

{% macro weighted_mean(value, weight, rows=none) -%}
    {%- set mass = weight if rows is none else rows ~ ' * ' ~ weight -%}
    (sum({{ mass }} * {{ value }}) / sum(case when {{ value }} is not null then {{ mass }} end))
{%- endmacro %}

{% macro weighted_variance(value, weight, rows=none) -%}
    {%- set mass = weight if rows is none else rows ~ ' * ' ~ weight -%}
    (
        (
            sum({{ mass }} * {{ value }} * {{ value }}) / sum({{ mass }})
            - sum({{ mass }} * {{ value }}) / sum({{ mass }}) * sum({{ mass }} * {{ value }}) / sum({{ mass }})
        )
        * sum({{ mass }}) * sum({{ mass }})
        / nullif(sum({{ mass }}) * sum({{ mass }}) - sum({{ mass }} * {{ weight }}), 0)
    )
{%- endmacro %}

{% macro share_variance(share) -%}
    ({{ share }} * (1 - {{ share }}))
{%- endmacro %}

{% macro standardised_difference(mean_exposed, mean_unexposed, variance_exposed, variance_unexposed, estimand) -%}
    case
        when {{ mean_exposed }} = {{ mean_unexposed }} then cast(0 as double)
        else ({{ mean_exposed }} - {{ mean_unexposed }}) / nullif(sqrt({{ by_estimand(
            estimand,
            "(" ~ variance_exposed ~ " + " ~ variance_unexposed ~ ") / 2",
            variance_exposed,
            "(" ~ variance_exposed ~ " + " ~ variance_unexposed ~ ") / 2"
        ) }}), 0)
    end
{%- endmacro %}

{% macro variance_ratio(variance_exposed, variance_unexposed) -%}
    ({{ variance_exposed }} / nullif({{ variance_unexposed }}, 0))
{%- endmacro %}

{% macro effective_sample_size(weight, rows=none) -%}
    {%- set mass = weight if rows is none else rows ~ ' * ' ~ weight -%}
    (sum({{ mass }}) * sum({{ mass }}) / sum({{ mass }} * {{ weight }}))
{%- endmacro %}

{#
    Patterns: the covariates of a birth as one number, by which equal births are taken together. Birth outcomes are bits,
    before them stands the birth year.
#}

{% macro covariate_pattern(birth_year, outcomes) -%}
    ({{ birth_year }} - {{ var('kennisnotitie_first_year') }}) * {{ 2 ** (outcomes | length) }}
    {%- for outcome in outcomes %}
    + case when {{ outcome }} = 1 then {{ 2 ** loop.index0 }} else 0 end
    {%- endfor %}
{%- endmacro %}

{% macro birth_year_of_pattern(pattern) -%}
    ({{ var('kennisnotitie_first_year') }} + floor({{ pattern }} / {{ 2.0 ** (birth_outcomes() | length) }}))
{%- endmacro %}

{% macro pattern_has(pattern, place) -%}
    (mod(cast(floor({{ pattern }} / {{ 2.0 ** place }}) as integer), 2) = 1)
{%- endmacro %}
