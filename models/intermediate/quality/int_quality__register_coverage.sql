-- How much each delivered file holds, and how many of its persons GBAPERSOONTAB knows. Ingest has looked every person
-- up at the door and wrote what it counted in the manifest; counting 150 million rows again would double the build.
select
    register_name,
    cast(file_year as integer) as file_year,
    cast(register_rows as bigint) as register_rows,
    cast(persons as bigint) as persons,
    cast(linked_persons as bigint) as linked_persons,
    case when persons > 0 then round(cast(linked_persons as double) / persons, 6) end as share_linked
from {{ ref('stg_manifest_files') }}
