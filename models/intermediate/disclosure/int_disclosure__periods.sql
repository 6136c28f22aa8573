-- Times that add up to a longer one, for each population of which tables show both.
{%- set regiobeeld = range(var('regiobeeld_first_year') | int, (var('regiobeeld_last_year') | int) + 1) | list %}
{%- set first = var('kennisnotitie_first_year') | int %}
{%- set middle = var('kennisnotitie_first_period_last_year') | int %}
{%- set last = var('kennisnotitie_last_year') | int %}
{%- set periods = [
    ('regiobeeld_births', 'all', regiobeeld),
    ('kennisnotitie_births', 'all', range(first, last + 1) | list),
    ('kennisnotitie_births', 'first_period', range(first, middle + 1) | list),
    ('kennisnotitie_births', 'last_period', range(middle + 1, last + 1) | list),
] %}
{#- A child counts once in each life year: a range of them is a number of child-years. -#}
{%- for code, last_life_year in first_life_years().items() %}
{%- do periods.append(('kennisnotitie_children', code, range(last_life_year + 1) | list)) %}
{%- endfor %}
{%- for population, total_time, part_times in periods %}
{%- set outer_last = loop.last %}
{%- for part_time in part_times %}
select
    '{{ population }}' as population,
    '{{ total_time }}' as total_time,
    '{{ part_time }}' as part_time
{%- if not (loop.last and outer_last) %}
union all
{%- endif %}
{%- endfor %}
{%- endfor %}
