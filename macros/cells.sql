{# The tables of exact cells: what they are made of, and how births are spread over regions. #}

{% macro cell_tables() %}
    {#-
        The declaration of every publication table: one entry a table, from which the cells, the disclosure control
        and the comparison with the published figures are made. `population` names the births that the table counts
        (tables of one population are tied through the cells that they share); `breakdown` are its dimensions beside
        year and region; `levels` its region levels; `relations` the families of cells that add up (members within one
        year, region and `within`); `schema` is that of the mart, none for cells that serve the comparison only; `has_complement` says whether denominator - numerator is itself a group of births.
    -#}
    {{ return({
        'births': {
            'schema': 'regiobeeld', 'population': 'regiobeeld_births', 'breakdown': [],
            'levels': ['country', 'municipality', 'borough'],
            'is_pooled': false, 'has_complement': false, 'has_values': false, 'relations': [],
        },
        'family_profile': {
            'schema': 'regiobeeld', 'population': 'regiobeeld_births',
            'breakdown': ['characteristic', 'category', 'statistic'],
            'levels': ['country', 'municipality'],
            'is_pooled': true, 'has_complement': true, 'has_values': true,
            'relations': [{'within': ['characteristic'], 'members': "statistic = 'share'"}],
        },
        'risk_factors': {
            'schema': 'regiobeeld', 'population': 'regiobeeld_births', 'breakdown': ['risk_factor', 'part'],
            'levels': ['country', 'municipality', 'borough'],
            'is_pooled': false, 'has_complement': true, 'has_values': false,
            'relations': [{'within': ['risk_factor'], 'members': "risk_factor = 'debt'"}],
        },
        'risk_factor_counts': {
            'schema': 'regiobeeld', 'population': 'regiobeeld_births', 'breakdown': ['number_of_risk_factors'],
            'levels': ['country', 'municipality', 'borough', 'area', 'district'],
            'is_pooled': false, 'has_complement': true, 'has_values': false,
            'relations': [
                {'within': [], 'members': "number_of_risk_factors in ('1+', '1', '2', '3+')"},
                {'within': [], 'members': "number_of_risk_factors in ('3+', '3', '4')"},
            ],
        },
        'risk_growth_decomposition': {
            'schema': 'regiobeeld', 'population': 'regiobeeld_births', 'breakdown': ['definition', 'component'],
            'levels': ['country', 'municipality', 'borough'],
            'is_pooled': false, 'has_complement': true, 'has_values': false,
            'relations': [{'within': ['definition'], 'members': "component <> 'none'"}],
        },
        'exclusions': {
            'schema': none, 'population': 'all_births', 'breakdown': ['exclusion'],
            'levels': ['country', 'municipality'],
            'is_pooled': false, 'has_complement': true, 'has_values': false, 'relations': [],
        },
    }) }}
{% endmacro %}

{% macro sql_list(values) -%}
    {%- for value in values -%}'{{ value }}'{{ ', ' if not loop.last }}{%- endfor -%}
{%- endmacro %}

{% macro regiobeeld_years() -%}
    {%- for year in range(var('regiobeeld_first_year') | int, (var('regiobeeld_last_year') | int) + 1) %}
    select cast({{ year }} as integer) as birth_year
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
{%- endmacro %}

{% macro births_by_region(births, regions, table) -%}
    {#- Below the city, a birth in Amsterdam without a published region of that level belongs to its region `other`. -#}
    {%- set declaration = cell_tables()[table] -%}
    {%- set city_code = var('city_municipality_code') -%}
    {%- set copies = [false, true] if declaration.is_pooled else [false] -%}
    {%- for pooled in copies %}
    {%- set outer_last = loop.last %}
    {%- for level in declaration.levels %}
    select
        births.*,
        {{ 'cast(null as integer)' if pooled else 'births.birth_year' }} as cell_year,
        '{{ level }}' as region_level,
        {%- if level == 'country' %}
        'NL' as region_code
    from {{ births }} as births
        {%- elif level == 'municipality' %}
        births.municipality_code as region_code
    from {{ births }} as births
    inner join {{ regions }} as regions
        on births.municipality_code = regions.region_code and regions.region_level = 'municipality'
        {%- else %}
        coalesce(regions.region_code, 'other') as region_code
    from {{ births }} as births
    left join {{ regions }} as regions
        on births.{{ level }}_code = regions.region_code and regions.region_level = '{{ level }}'
    where births.municipality_code = '{{ city_code }}'
        {%- endif %}
    {%- if not (loop.last and outer_last) %}
    union all
    {%- endif %}
    {%- endfor %}
    {%- endfor %}
{%- endmacro %}

{% macro cell_frame(regions, table) -%}
    {%- set declaration = cell_tables()[table] -%}
    select
        years.birth_year,
        regions.region_level,
        regions.region_code,
        regions.region_name
    from ({{ regiobeeld_years() }}
    {%- if declaration.is_pooled %}
    union all
    select cast(null as integer) as birth_year
    {%- endif %}
    ) as years
    cross join {{ regions }} as regions
    where regions.region_level in ({{ sql_list(declaration.levels) }})
{%- endmacro %}

{% macro breakdown_key(columns) -%}
    {%- if not columns -%}''{%- endif -%}
    {%- for column in columns -%}
    '{{ column }}=' || {{ column }}{{ " || ';' || " if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{% macro count_cells(births, regions, table, cells) -%}
    {#- A row for every combination of the dimensions, also when nobody is in it: the shape does not follow the data. -#}
    {%- set breakdown = cell_tables()[table].breakdown -%}
    select
        cells.birth_year,
        cells.region_level,
        cells.region_code,
        cells.region_name,
        {%- for column in breakdown %}
        cells.{{ column }},
        {%- endfor %}
        cast(coalesce(cells.numerator, 0) as bigint) as numerator,
        cast(coalesce(cells.denominator, 0) as bigint) as denominator
    from (
        {%- for cell in cells %}
        select
            frame.birth_year,
            frame.region_level,
            frame.region_code,
            frame.region_name,
            {%- for column in breakdown %}
            '{{ cell[loop.index0] }}' as {{ column }},
            {%- endfor %}
            counted.cell_{{ loop.index }} as numerator,
            counted.births as denominator
        from ({{ cell_frame(regions, table) }}) as frame
        left join counted
            on
                frame.birth_year is not distinct from counted.cell_year
                and frame.region_level = counted.region_level
                and frame.region_code = counted.region_code
        {%- if not loop.last %}
        union all
        {%- endif %}
        {%- endfor %}
    ) as cells
{%- endmacro %}

{% macro count_conditions(births, regions, table, cells) -%}
    select
        cell_year,
        region_level,
        region_code,
        count(*) as births
        {%- for cell in cells %},
        count(case when {{ cell[-1] }} then 1 end) as cell_{{ loop.index }}
        {%- endfor %}
    from ({{ births_by_region(births, regions, table) }}) as births_by_region
    group by cell_year, region_level, region_code
{%- endmacro %}

{% macro labels_of(dimension) -%}
    select
        code,
        replace(label_nl, '[income_threshold_percent]', '{{ var("income_threshold_percent") }}') as label
    from {{ ref('labels') }}
    where dimension = '{{ dimension }}'
{%- endmacro %}
