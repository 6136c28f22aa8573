-- How much each register brought in, and the share of its persons whom GBAPERSOONTAB knows.
select
    register_name,
    file_year,
    cast(register_rows as bigint) as register_rows,
    cast(persons as bigint) as persons,
    cast(linked_persons as bigint) as linked_persons,
    case when persons > 0 then round(cast(linked_persons as double) / persons, 6) end as share_linked
from {{ ref('int_quality__register_coverage') }}
