{%- set base = var('rounding_base') | int %}
select *
from {{ ref('birth_events') }}
where
    -- Nearest to the exact ratio among whole numbers, or among tenths where there are enough births.
    abs(per_1000 * denominator - 1000 * numerator) * 2
    > denominator * case when {{ base }} * 1000 <= denominator then 0.1 else 1 end + 0.000001 * denominator
    or round(per_1000, case when {{ base }} * 1000 <= denominator then 1 else 0 end) <> per_1000
    or (per_1000 is null) <> (numerator is null or denominator = 0)
    or abs(one_in * numerator - denominator) * 2 > numerator
    or (one_in is null) <> (coalesce(numerator, 0) = 0 or denominator = 0)
    -- A number that is missing is explained; one that is hidden is not missing.
    or (numerator is null and not is_hidden) <> (remark is not null)
