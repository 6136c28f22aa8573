{#
    The linked system of disclosure control, made from what the models of exact cells declare of themselves
    (config.meta.cells in their yml): which births each of their numbers counts, and what adds up to what.
#}

{% macro linked_tables() %}
    {#- Publication tables with the declaration of their cells: table -> meta, in the order of cell_tables. -#}
    {%- set found = {} -%}
    {%- set nodes = (graph | default({})).get('nodes', {}) -%}
    {%- for table, declaration in cell_tables().items() if declaration.schema -%}
        {%- set node = nodes.get('model.kansrijke_start.' ~ declaration.cells ~ table ~ '_cells') -%}
        {%- if node is not none and execute -%}
            {%- if 'cells' not in node.config.meta -%}
                {{ exceptions.raise_compiler_error(node.name ~ " is published and declares no cells (config.meta.cells)") }}
            {%- endif -%}
            {%- do found.update({table: node.config.meta.cells}) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(found) }}
{% endmacro %}

{% macro rendered_name(template) -%}
    {#- A template as SQL text: {column} is the row's code, {var:name} a var; a null year is all of them together. -#}
    {%- set parts = [] -%}
    {%- for piece in modules.re.split('([{][^}]+[}])', template) if piece -%}
        {%- if piece == '{birth_year}' -%}
            {%- do parts.append("coalesce(cast(birth_year as varchar), 'all')") -%}
        {%- elif piece.startswith('{var:') -%}
            {%- do parts.append("'" ~ var(piece[5:-1]) ~ "'") -%}
        {%- elif piece.startswith('{') -%}
            {%- do parts.append(piece[1:-1]) -%}
        {%- else -%}
            {%- do parts.append("'" ~ piece ~ "'") -%}
        {%- endif -%}
    {%- endfor -%}
    {{ parts | join(' || ') }}
{%- endmacro %}

{% macro has_codes(where) -%}
    {#- A row with these codes of the breakdown: column -> code or list of codes. -#}
    {%- set conditions = [] -%}
    {%- for column, codes in (where or {}).items() -%}
        {%- set codes = [codes] if codes is string else codes -%}
        {%- do conditions.append(column ~ ' in (' ~ sql_list(codes) ~ ')') -%}
    {%- endfor -%}
    {{ conditions | join(' and ') or 'true' }}
{%- endmacro %}

{% macro cell_id(population, set_name, time) -%}
    '{{ population }}|' || {{ set_name }} || '|' || {{ time }} || '|' || region_level || ':' || region_code
{%- endmacro %}

{% macro named_cell(declared, number, part) -%}
    {#- The cell of a numerator, denominator or complement of a row; null when it counts nothing of the system. -#}
    {%- set of = number.get(part) -%}
    {%- set default_time = declared.get('time', '{birth_year}') -%}
    {%- if part == 'complement' and of is none and number.get('numerator') -%}
        {{ cell_id(
            number.get('denominator_population', declared.population),
            rendered_name('not ' ~ number.numerator ~ ' of ' ~ number.denominator),
            rendered_name(number.get('denominator_time', default_time))
        ) }}
    {%- elif of is none or of == 'none' -%}
        cast(null as varchar)
    {%- else -%}
        {%- set as_part = 'denominator' if part == 'complement' else part -%}
        {{ cell_id(
            number.get(as_part ~ '_population', declared.population), rendered_name(of),
            rendered_name(number.get(as_part ~ '_time', default_time))
        ) }}
    {%- endif -%}
{%- endmacro %}

{% macro linked_rows(table, declared, cells) -%}
    {#- The rows of a publication table with the cells that their numbers show and the rule by which they may hide. -#}
    {%- set declaration = cell_tables()[table] %}
    {%- set rules = declaration.primary | map(attribute='rule') | list %}
    select
        '{{ declaration.schema }}' as schema_name,
        '{{ table }}' as table_name,
        birth_year,
        region_level,
        region_code,
        {{ breakdown_key(declaration.breakdown) }} as breakdown_key,
        numerator,
        denominator,
        {%- for part in ['numerator', 'denominator', 'complement', 'with'] %}
        case
            {%- for number in declared.numbers %}
            when {{ has_codes(number.get('where')) }}
                then {{ named_cell(declared, number, part) }}
            {%- endfor %}
        end as {{ 'follows' if part == 'with' else part }}_cell,
        {%- endfor %}
        case
            {%- for number in declared.numbers %}
            when {{ has_codes(number.get('where')) }} then cast({{ number.get('price', 1) }} as double)
            {%- endfor %}
        end as price,
        case
            {%- for primary in declaration.primary %}
            when {{ primary.cells }} then '{{ primary.rule }}'
            {%- endfor %}
        end as rule,
        {{ 'statistic' if 'quantile' in rules else 'cast(null as varchar)' }} as statistic,
        {{ 'largest_share' if 'costs' in rules else 'cast(null as double)' }} as largest_share
    from {{ cells }}
    {%- if declaration.can_be_missing %}
    where not is_missing
    {%- endif %}
{%- endmacro %}

{% macro split_population(name, population) -%}
    {#- A name of another population is written population::set. -#}
    {{ return(name.split('::') if '::' in name else [population, name]) }}
{%- endmacro %}

{% macro linked_sums(table, declared, cells) -%}
    {#- Members of the sums that a table declares: total -1, parts +1, a rest +1; one sum for each code of `per`. -#}
    {%- set state = namespace(first=true) -%}
    {%- for sum in declared.get('sums', []) %}
    {%- set number = loop.index %}
    {%- set sum_name = namespace(sql="'" ~ table ~ ' ' ~ number ~ "'") %}
    {%- for column in sum.get('per', []) %}
    {%- set sum_name.sql = sum_name.sql ~ " || ';' || " ~ column %}
    {%- endfor %}
    {%- set members = [] %}
    {%- for total in sum.total %}{%- do members.append([total, -1, false]) %}{%- endfor %}
    {%- for part in sum.parts %}{%- do members.append([part, 1, false]) %}{%- endfor %}
    {%- if sum.get('rest') %}{%- do members.append([none, 1, sum.rest == 'possible']) %}{%- endif %}
    {%- for template, coefficient, is_possible in members %}
    {%- set named = split_population(template or '', declared.population) %}
    {{ 'union all' if not state.first }}
    {%- set state.first = false %}
    select distinct
        {{ sum_name.sql }} as sum_name,
        {{ sum_name.sql }} as family,
        cast(null as varchar) as region_level,
        '{{ named[0] }}' as population,
        {% if template is none %}'~rest of ' || {{ sum_name.sql }}{% else %}{{ rendered_name(named[1]) }}{% endif %} as set_name,
        cast({{ coefficient }} as integer) as coefficient,
        {{ 'true' if is_possible else 'false' }} as is_possible
    from {{ cells }}
    where {{ has_codes(sum.get('where')) }}
    {%- endfor %}
    {%- endfor %}
{%- endmacro %}

{% macro linked_crosses(table, declared) -%}
    {#-
        Members of the sums behind a cross of flags: each set is the sum of the combinations in it, at the levels named.
    -#}
    {%- set state = namespace(first=true) -%}
    {%- for cross in declared.get('cross', []) %}
    {%- set name = table ~ ' cross ' ~ loop.index %}
    {%- for level in cross.levels %}
    {%- for set_name, condition in [[cross.total, 'true']] + cross.sets.items() | list %}
    {{ 'union all' if not state.first }}
    {%- set state.first = false %}
    select
        '{{ name }}: {{ set_name }}' as sum_name,
        '{{ name }}' as family,
        '{{ level }}' as region_level,
        '{{ declared.population }}' as population,
        '{{ set_name }}' as set_name,
        cast(-1 as integer) as coefficient,
        false as is_possible
    union all
    select
        '{{ name }}: {{ set_name }}' as sum_name,
        '{{ name }}' as family,
        '{{ level }}' as region_level,
        '{{ declared.population }}' as population,
        '~{{ name }} ' || {{ cross.dimensions.keys() | join(" || ',' || ") }} as set_name,
        cast(1 as integer) as coefficient,
        false as is_possible
    from (
        select
            *,
            {%- for flag, sql in cross.flags.items() %}
            {{ sql }} as {{ flag }}{{ ',' if not loop.last }}
            {%- endfor %}
        from
        {%- for dimension, codes in cross.dimensions.items() %}
            (
                {%- for code in codes %}
                select '{{ code }}' as {{ dimension }}{{ ' union all' if not loop.last }}
                {%- endfor %}
            ) as of_{{ dimension }}{{ ' cross join' if not loop.last }}
        {%- endfor %}
    ) as combinations
    where {{ condition }}
    {%- endfor %}
    {%- endfor %}
    {%- endfor %}
{%- endmacro %}
