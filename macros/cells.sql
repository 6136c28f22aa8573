{# The tables of exact cells: what they are made of, and how births are spread over regions. #}

{% macro cell_tables() %}
    {#-
        The declaration of every publication table: one entry a table, from which the cells, the disclosure control
        and the comparison with the published figures are made. An entry holds what differs from these defaults:
        `schema`        of the mart; none for cells that serve the comparison only.
        `cells`         what the name of the model of exact cells begins with.
        `population`    the births or deliveries that the table counts (tables of one population are tied through the
                        cells that they share).
        `breakdown`     dimensions beside year and region.
        `levels`        region levels.
        `cells_at`      for a level that does not have every cell: the condition on the breakdown of those it has.
        `first_year`    var of the first year of birth; none where the years are a dimension of the breakdown.
        `last_year`     var of the last year of birth.
        `is_pooled`     whether the years taken together (null) are rows too.
        `primary`       the rule by which a cell hides itself, by condition on the breakdown (first that holds):
                        count (also for its complement, and nearly all of a small group), count_without_complement
                        (denominator - numerator is no group of births), quantile, or costs (count, and a total of which
                        one child has more than half).
        `can_be_missing` whether a cell can have no number at all (column is_missing), which hides nothing.
        `has_values`    whether cells carry a value with its standard error beside the counts.
    -#}
    {%- set defaults = {
        'schema': 'regiobeeld', 'cells': 'int_regiobeeld__', 'population': 'regiobeeld_births',
        'breakdown': [], 'levels': [], 'cells_at': {},
        'first_year': 'regiobeeld_first_year', 'last_year': 'regiobeeld_last_year', 'is_pooled': false,
        'primary': [{'cells': 'true', 'rule': 'count'}], 'can_be_missing': false, 'has_values': false,
    } -%}
    {%- set declared = {
        'births': {
            'levels': ['country', 'municipality', 'borough'],
            'primary': [{'cells': 'true', 'rule': 'count_without_complement'}],
        },
        'family_profile': {
            'breakdown': ['characteristic', 'category', 'statistic'],
            'levels': ['country', 'municipality'],
            'is_pooled': true,
            'has_values': true,
            'primary': [
                {'cells': "statistic = 'share'", 'rule': 'count'},
                {'cells': 'true', 'rule': 'quantile'},
            ],
        },
        'risk_factors': {
            'breakdown': ['risk_factor', 'part'],
            'levels': ['country', 'municipality', 'borough'],
        },
        'risk_factor_counts': {
            'breakdown': ['number_of_risk_factors'],
            'levels': ['country', 'municipality', 'borough', 'area', 'district'],
        },
        'risk_growth_decomposition': {
            'breakdown': ['definition', 'component'],
            'levels': ['country', 'municipality', 'borough'],
        },
        'birth_events': {
            'breakdown': ['event', 'counted'],
            'levels': ['country', 'municipality', 'borough'],
            'cells_at': {'borough': "event = 'picu'"},
            'can_be_missing': true,
            'primary': [
                {'cells': "counted = 'children'", 'rule': 'count'},
                {'cells': 'true', 'rule': 'count_without_complement'},
            ],
        },
        'birth_events_by_risk': {
            'breakdown': ['event', 'has_risk_factor'],
            'levels': ['country', 'municipality'],
            'can_be_missing': true,
        },
        'maternity_care_use': {
            'population': 'maternity_care_deliveries',
            'breakdown': ['hospital_stay', 'maternity_care_class', 'statistic'],
            'levels': ['country', 'municipality', 'borough', 'area', 'district', 'neighbourhood'],
            'cells_at': {
                'area': "hospital_stay = 'without'",
                'district': "hospital_stay = 'without'",
                'neighbourhood':
                    "hospital_stay = 'without' and maternity_care_class in ('below_24h', 'at_least_24h')",
            },
            'has_values': true,
        },
        'maternity_care_by_background': {
            'population': 'maternity_care_deliveries_without_stay',
            'breakdown': ['background', 'category', 'maternity_care_class', 'direction'],
            'levels': ['country', 'municipality'],
        },
        'psychosocial_care': {
            'population': 'psychosocial_care_children',
            'breakdown': ['cohort', 'age_window', 'condition', 'maternity_care_class'],
            'levels': ['country', 'municipality'],
            'first_year': none,
            'is_pooled': true,
        },
        'risk_definitions_compared': {
            'breakdown': ['clustering', 'number_of_risk_factors'],
            'levels': ['country', 'municipality'],
            'first_year': 'regiobeeld_population_first_year',
        },
        'exclusions': {
            'schema': none, 'population': 'all_births',
            'breakdown': ['exclusion'],
            'levels': ['country', 'municipality'],
        },
    } -%}
    {%- set kennisnotitie = {
        'schema': 'kennisnotitie', 'cells': 'int_kennisnotitie__', 'population': 'kennisnotitie_births',
        'first_year': 'kennisnotitie_first_year', 'last_year': 'kennisnotitie_last_year', 'levels': ['country'],
        'can_be_missing': true,
    } -%}
    {%- set declared_kennisnotitie = {
        'vulnerability_by_year': {
            'is_pooled': true,
        },
        'vulnerability_by_region': {
            'breakdown': ['period'],
            'levels': ['ggd_region', 'municipality'],
            'cells_at': {
                'ggd_region': "period = 'year' and birth_year is not null",
                'municipality': "period <> 'year' and birth_year is null",
            },
            'is_pooled': true,
        },
        'factor_trends': {
            'breakdown': ['kind', 'characteristic', 'category'],
            'levels': ['country', 'ggd_region'],
            'can_be_missing': false,
        },
        'background_characteristics': {
            'breakdown': ['parent', 'vulnerable', 'characteristic', 'category', 'basis'],
            'first_year': none,
            'is_pooled': true,
        },
        'other_parent_unknown': {
            'breakdown': ['vulnerable'],
            'first_year': none,
            'is_pooled': true,
        },
        'care_use_and_costs': {
            'population': 'kennisnotitie_children',
            'breakdown': ['life_year', 'care_type', 'vulnerable'],
            'first_year': none,
            'is_pooled': true,
            'has_values': true,
            'primary': [{'cells': 'true', 'rule': 'costs'}],
        },
        'total_costs_first_years': {
            'population': 'kennisnotitie_children',
            'breakdown': ['life_years', 'vulnerable'],
            'first_year': none,
            'is_pooled': true,
            'has_values': true,
            'primary': [{'cells': 'true', 'rule': 'costs'}],
        },
        'cost_differences': {
            'schema': none, 'population': 'kennisnotitie_children',
            'breakdown': ['life_years', 'care_type', 'difference'],
            'first_year': none,
            'is_pooled': true,
            'has_values': true,
        },
        'care_adjusted': {
            'population': 'kennisnotitie_children',
            'breakdown': ['life_years', 'care_type', 'vulnerable', 'adjustment'],
            'first_year': none,
            'is_pooled': true,
            'has_values': true,
            'primary': [{'cells': 'true', 'rule': 'costs'}],
        },
        'adjusted_differences': {
            'schema': none, 'population': 'kennisnotitie_children',
            'breakdown': ['life_years', 'care_type', 'adjustment', 'difference'],
            'first_year': none,
            'is_pooled': true,
            'has_values': true,
        },
        'weighting_balance': {
            'population': 'kennisnotitie_children',
            'breakdown': ['covariate', 'level', 'estimand', 'is_weighted'],
            'first_year': none,
            'is_pooled': true,
            'can_be_missing': false,
        },
        'weighting_summary': {
            'population': 'kennisnotitie_children',
            'breakdown': ['estimand', 'vulnerable'],
            'first_year': none,
            'is_pooled': true,
            'can_be_missing': false,
        },
        'special_education': {
            'population': 'kennisnotitie_children',
            'breakdown': ['vulnerable'],
            'cells_at': {
                'country': 'birth_year + ' ~ var('special_education_age') ~ ' <= ' ~ var('last_education_year'),
            },
        },
        'youth_care': {
            'population': 'kennisnotitie_children',
            'breakdown': ['youth_help', 'age', 'birth_order', 'vulnerable'],
            'cells_at': {'country': 'birth_year + cast(age as integer) <= ' ~ var('last_youth_care_year')},
        },
        'youth_protection': {
            'population': 'kennisnotitie_children',
            'breakdown': ['age', 'birth_order', 'vulnerable'],
            'cells_at': {'country': 'birth_year + cast(age as integer) <= ' ~ var('last_youth_care_year')},
        },
        'latent_classes': {
            'population': 'respondents',
            'breakdown': ['item', 'item_value', 'class'],
            'first_year': none,
            'is_pooled': true,
            'can_be_missing': false,
        },
        'model_figures': {
            'schema': none, 'population': 'respondents',
            'breakdown': ['model_figure'],
            'first_year': none,
            'is_pooled': true,
            'has_values': true,
        },
    } -%}
    {%- for table, declaration in declared_kennisnotitie.items() -%}
        {%- set entry = kennisnotitie.copy() -%}
        {%- do entry.update(declaration) -%}
        {%- do declared.update({table: entry}) -%}
    {%- endfor -%}
    {%- set tables = {} -%}
    {%- for table, declaration in declared.items() -%}
        {%- set entry = defaults.copy() -%}
        {%- do entry.update(declaration) -%}
        {%- do tables.update({table: entry}) -%}
    {%- endfor -%}
    {{ return(tables) }}
{% endmacro %}

{% macro sql_list(values) -%}
    {%- for value in values -%}'{{ value }}'{{ ', ' if not loop.last }}{%- endfor -%}
{%- endmacro %}

{% macro birth_years(first_year, last_year) -%}
    {%- for year in range(var(first_year) | int, (var(last_year) | int) + 1) %}
    select cast({{ year }} as integer) as birth_year
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
{%- endmacro %}

{% macro psychosocial_cohort_years(cohort) -%}
    {%- set name = {'main': 'psychosocial', 'sensitivity': 'psychosocial_sensitivity'}[cohort] -%}
    birth_year between {{ var(name ~ '_first_year') | int }} and {{ var(name ~ '_last_year') | int }}
{%- endmacro %}

{% macro shown_region(places, level) -%}
    {#- Code of the region of a level in which a place is shown: of the residual borough, that next to it. -#}
    {%- set joins = var('residual_borough_joins') -%}
    {%- if level in joins -%}
    case
        when {{ places }}.borough_code = '{{ var('residual_borough_code') }}' then '{{ joins[level] }}'
        else {{ places }}.{{ level }}_code
    end
    {%- else -%}
    {{ places }}.{{ level }}_code
    {%- endif -%}
{%- endmacro %}

{% macro births_by_region(births, regions, table) -%}
    {#- Below the city, a birth in Amsterdam without a published region of that level belongs to its region `other`. -#}
    {%- set declaration = cell_tables()[table] -%}
    {%- set city_code = var('city_municipality_code') -%}
    {%- set copies = ([false] if declaration.first_year else []) + ([true] if declaration.is_pooled else []) -%}
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
        {%- elif level in ['municipality', 'ggd_region'] %}
        births.{{ level }}_code as region_code
    from {{ births }} as births
    inner join {{ regions }} as regions
        on births.{{ level }}_code = regions.region_code and regions.region_level = '{{ level }}'
        {%- else %}
        coalesce(regions.region_code, 'other') as region_code
    from {{ births }} as births
    left join {{ regions }} as regions
        on {{ shown_region('births', level) }} = regions.region_code and regions.region_level = '{{ level }}'
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
    from (
    {%- if declaration.first_year %}{{ birth_years(declaration.first_year, declaration.last_year) }}{% endif %}
    {%- if declaration.first_year and declaration.is_pooled %}
    union all
    {%- endif %}
    {%- if declaration.is_pooled %}
    select cast(null as integer) as birth_year
    {%- endif %}
    ) as years
    cross join {{ regions }} as regions
    where regions.region_level in ({{ sql_list(declaration.levels) }})
{%- endmacro %}

{% macro is_cell_of_level(table, alias) -%}
    {#- Whether a table has a cell at the level of its row: some levels hold a part of the breakdown only. -#}
    {%- set cells_at = cell_tables()[table].cells_at -%}
    {%- if not cells_at -%}
    true
    {%- else -%}
    case {{ alias }}.region_level
        {%- for level, condition in cells_at.items() %}
        when '{{ level }}' then {{ condition }}
        {%- endfor %}
        else true
    end
    {%- endif -%}
{%- endmacro %}

{% macro breakdown_key(columns, alias=none) -%}
    {%- set prefix = alias ~ '.' if alias else '' -%}
    {%- if not columns -%}''{%- endif -%}
    {%- for column in columns -%}
    '{{ column }}=' || {{ prefix }}{{ column }}{{ " || ';' || " if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{% macro count_cells(births, regions, table, cells, counted='counted') -%}
    {#- A row for every combination of the dimensions, also when nobody is in it: the shape does not follow the data. -#}
    {%- set breakdown = cell_tables()[table].breakdown -%}
    {#- Cells that are a part of something else than all births. -#}
    {%- set parts = [] -%}
    {%- for cell in cells if cell | length > breakdown | length + 1 -%}
        {%- do parts.append(cells.index(cell) + 1) -%}
    {%- endfor -%}
    select
        frame.birth_year,
        frame.region_level,
        frame.region_code,
        frame.region_name,
        {%- for column in breakdown %}
        cells.{{ column }},
        {%- endfor %}
        cast(coalesce(case cells.cell_number
            {%- for cell in cells %}
            when {{ loop.index }} then {{ counted }}.cell_{{ loop.index }}
            {%- endfor %}
        end, 0) as bigint) as numerator,
        {%- if parts %}
        cast(coalesce(case cells.cell_number
            {%- for number in parts %}
            when {{ number }} then {{ counted }}.whole_{{ number }}
            {%- endfor %}
            else {{ counted }}.births
        end, 0) as bigint) as denominator
        {%- else %}
        cast(coalesce({{ counted }}.births, 0) as bigint) as denominator
        {%- endif %}
    from ({{ cell_frame(regions, table) }}) as frame
    cross join (
        {%- for cell in cells %}
        select
            {%- for column in breakdown %}
            '{{ cell[loop.index0] }}' as {{ column }},
            {%- endfor %}
            {{ loop.index }} as cell_number
        {%- if not loop.last %}
        union all
        {%- endif %}
        {%- endfor %}
    ) as cells
    left join {{ counted }}
        on
            frame.birth_year is not distinct from {{ counted }}.cell_year
            and frame.region_level = {{ counted }}.region_level
            and frame.region_code = {{ counted }}.region_code
    where {{ is_cell_of_level(table, 'frame') }}
{%- endmacro %}

{% macro count_conditions(births, regions, table, cells) -%}
    {%- set places = cell_tables()[table].breakdown | length -%}
    select
        cell_year,
        region_level,
        region_code,
        count(*) as births
        {%- for cell in cells %},
        {%- if cell[places].startswith('sum(') %}
        {{ cell[places] }} as cell_{{ loop.index }}
        {%- else %}
        count(case when {{ cell[places] }} then 1 end) as cell_{{ loop.index }}
        {%- endif %}
        {%- if cell | length > places + 1 %},
        count(case when {{ cell[places + 1] }} then 1 end) as whole_{{ loop.index }}
        {%- endif %}
        {%- endfor %}
    from ({{ births_by_region(births, regions, table) }}) as births_by_region
    group by cell_year, region_level, region_code
{%- endmacro %}

{% macro labels_of(dimension) -%}
    {#- A label names a var between square brackets; its value stands there in the table. -#}
    {%- set named = [
        'income_threshold_percent', 'maternity_care_middle_from_hours', 'maternity_care_high_from_hours',
        'psychosocial_first_year', 'psychosocial_last_year',
        'psychosocial_sensitivity_first_year', 'psychosocial_sensitivity_last_year',
        'kennisnotitie_first_year', 'kennisnotitie_first_period_last_year', 'kennisnotitie_last_year',
        'background_medicines', 'stillbirth_minimum_weeks',
    ] -%}
    {%- set label = namespace(sql='label_nl') -%}
    {%- for name in named -%}
        {%- set label.sql = "replace(" ~ label.sql ~ ", '[" ~ name ~ "]', '" ~ var(name) ~ "')" -%}
    {%- endfor -%}
    select
        code,
        {{ label.sql }} as label
    from {{ ref('labels') }}
    where dimension = '{{ dimension }}'
{%- endmacro %}
