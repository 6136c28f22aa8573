{# Code lists: the codes of a group as models read them, and when a code holds. #}

{% macro code_list(seed, groups) -%}
    {#- Groups are named as they stand in the seed; test code_lists_are_filled reads these calls and looks them up. -#}
    {%- set groups = [groups] if groups is string else groups -%}
    (
        select
            code_group,
            code,
            {%- if seed == 'diagnoses' %}
            specialism_code,
            {%- endif %}
            valid_from,
            valid_to
        from {{ ref(seed) }}
        where code_group in ({{ sql_list(groups) }})
    )
{%- endmacro %}

{% macro code_holds_in(codes, year) -%}
    (
        {{ year }} >= coalesce({{ codes }}.valid_from, {{ year }})
        and {{ year }} <= coalesce({{ codes }}.valid_to, {{ year }})
    )
{%- endmacro %}

{% macro code_lists_used() %}
    {#- Every call of code_list in a model, as [model, seed, group]; a group that is no text is [model, seed, none]. -#}
    {%- set pattern = "code_list\\(([^,)]*),?([^)]*(?:var\\([^)]*\\))?)" -%}
    {%- set found = [] -%}
    {%- for node in (graph | default({})).get('nodes', {}).values() | sort(attribute='unique_id') -%}
        {%- if node.resource_type == 'model' -%}
            {%- for call in modules.re.findall(pattern, node.raw_code) -%}
                {%- set groups = [] -%}
                {%- for word in modules.re.findall("var\\(\\s*['\"](\\w+)['\"]", call[1]) -%}
                    {%- do groups.append(var(word)) -%}
                {%- endfor -%}
                {%- if not groups -%}
                    {%- do groups.extend(modules.re.findall("['\"](\\w+)['\"]", call[1])) -%}
                {%- endif -%}
                {%- for group in groups or [none] -%}
                    {%- do found.append([node.name, call[0] | trim | trim('\'"'), group]) -%}
                {%- endfor -%}
            {%- endfor -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(found) }}
{% endmacro %}
