{% test publication_safe(model) %}
{%- set measures = [] %}
{%- set keys = [] %}
{%- set pattern = 'rinpersoon|(^|_)(person|birth|child|mother|parent|household|address_object)_id$' %}
{%- for column in (adapter.get_columns_in_relation(model) if execute else []) %}
{%- if modules.re.search(pattern, column.name) %}
{%- do keys.append(column.name) %}
{%- endif %}
{%- if column.dtype | lower in ['bigint', 'double'] %}
{%- do measures.append(column.name) %}
{%- endif %}
{%- endfor %}
{%- set base = var('rounding_base') | int %}
{%- set minimum = var('minimum_cell_count') | int %}
{%- set breaches = ['true' if keys else 'false'] %}
{%- for count in ['numerator', 'denominator'] %}
{%- do breaches.append('(' ~ count ~ ' > 0 and ' ~ count ~ ' < ' ~ (minimum + base // 2) // base * base ~ ')') %}
{%- do breaches.append(count ~ ' % ' ~ base ~ ' != 0') %}
{%- endfor %}
{%- for measure in measures %}
{%- do breaches.append('(is_hidden and ' ~ measure ~ ' is not null)') %}
{%- endfor %}
select *
from {{ model }}
where {{ breaches | join(' or ') }}
{% endtest %}
