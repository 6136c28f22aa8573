{# A definition that a variable chooses; a value that is no choice stops the run with what is possible. #}

{% macro chosen(variable, choices) -%}
    {%- if var(variable) not in choices -%}
        {{ exceptions.raise_compiler_error(
            "var " ~ variable ~ " is '" ~ var(variable) ~ "': choose " ~ choices.keys() | join(' or ')
        ) }}
    {%- endif -%}
    {{ choices.get(var(variable), 'null') }}
{%- endmacro %}
