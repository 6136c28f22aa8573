{# Questions that quality tables ask of dbt's graph. #}

{% macro ancestors_of(unique_id, apart_from=[]) %}
    {%- set nodes = (graph | default({})).get('nodes', {}) -%}
    {%- set state = namespace(todo=[unique_id], seen=[]) -%}
    {#- Every node is visited once at most; a source has no node here and ends its branch. -#}
    {%- for step in range(10 * (nodes | length)) if state.todo -%}
        {%- set current = state.todo.pop() -%}
        {%- set node = nodes.get(current) -%}
        {%- if node is not none -%}
            {%- for parent in node.depends_on.nodes if parent not in state.seen and parent not in apart_from -%}
                {%- do state.seen.append(parent) -%}
                {%- do state.todo.append(parent) -%}
            {%- endfor -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(state.seen) }}
{% endmacro %}

{% macro marts_resting_on(excluded) %}
    {#-
        For every ancestor of a mart: the marts that rest on it, as [schema, name], in a fixed order. What is hidden in a
        mart rests on all tables together; its numbers do not.
    -#}
    {%- set pattern = 'model.kansrijke_start.int_disclosure__pattern' -%}
    {%- set found = {} -%}
    {%- for node in (graph | default({})).get('nodes', {}).values() | sort(attribute='unique_id') -%}
        {%- if node.resource_type == 'model' and node.fqn[1] == 'marts' and node.name not in excluded -%}
            {%- for ancestor in ancestors_of(node.unique_id, apart_from=[pattern]) -%}
                {%- do found.setdefault(ancestor, []).append([node.schema, node.name]) -%}
            {%- endfor -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(found) }}
{% endmacro %}

{% macro placeholder_columns() %}
    {#-
        Registers and columns of the sources whose description carries an unsure confidence, as
        [source id, register, column (none for the register itself), confidence]. Columns that no staging model reads
        are left out: no number rests on them.
    -#}
    {%- set found = [] -%}
    {%- set readers_by_source = {} -%}
    {%- for node in (graph | default({})).get('nodes', {}).values() -%}
        {%- for parent in node.depends_on.nodes if parent.startswith('source.') -%}
            {%- do readers_by_source.setdefault(parent, []).append(node.raw_code) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- for source in (graph | default({})).get('sources', {}).values() | sort(attribute='unique_id') -%}
        {%- set readers = readers_by_source.get(source.unique_id) -%}
        {%- if readers -%}
            {%- set mark = modules.re.search('Confidence: (placeholder|recalled)', source.description) -%}
            {%- if mark -%}
                {%- do found.append([source.unique_id, source.name, none, mark.group(1)]) -%}
            {%- endif -%}
            {%- for column in source.columns.values() -%}
                {%- set mark = modules.re.search('Confidence: (placeholder|recalled)', column.description) -%}
                {%- if mark and modules.re.search('\\b' ~ column.name ~ '\\b', readers | join(' '), modules.re.I) -%}
                    {%- do found.append([source.unique_id, source.name, column.name, mark.group(1)]) -%}
                {%- endif -%}
            {%- endfor -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(found) }}
{% endmacro %}

{% macro seeds_with_confidence() %}
    {#- Names of the seeds that say of each row how sure it is. -#}
    {%- set found = [] -%}
    {%- for node in (graph | default({})).get('nodes', {}).values() | sort(attribute='unique_id') -%}
        {%- if node.resource_type == 'seed' and 'confidence' in node.columns -%}
            {%- do found.append(node.name) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(found) }}
{% endmacro %}
