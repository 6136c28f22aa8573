-- A warning and no failure: the build goes on and leaves neonatal death of these years empty, with a remark.
{{ config(severity='warn') }}
select
    birth_year,
    births
from {{ ref('int_births__date_precision') }}
where
    is_birth_day_masked
    and birth_year between {{ var('regiobeeld_first_year') }} and {{ var('regiobeeld_last_year') }}
