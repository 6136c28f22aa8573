-- How much each file brought in, and the share of its persons whom GBAPERSOONTAB knows.
select
    register_name,
    file_year,
    register_rows,
    persons,
    linked_persons,
    share_linked
from {{ ref('int_quality__register_coverage') }}
