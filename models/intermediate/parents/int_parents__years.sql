-- Everything about parents is computed once for each parent and birth year: siblings and twins share it.
select distinct
    parent_id,
    birth_year,
    reference_date
from {{ ref('int_births__parents') }}
