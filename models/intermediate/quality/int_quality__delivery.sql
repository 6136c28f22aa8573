-- What the manifest says of the delivery as a whole; one row. Quality tables read it from here, not from staging.
select
    cast(fraction as double) as fraction,
    cast(seed as bigint) as seed,
    cast(scenario as varchar) as scenario,
    cast(is_synthetic as boolean) as is_synthetic
from {{ ref('stg_manifest') }}
