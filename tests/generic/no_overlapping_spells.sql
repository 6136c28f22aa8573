{% test no_overlapping_spells(model, entity, valid_from, valid_to, largest_share=0) %}
with spells as (

    select
        {{ entity }} as entity,
        {{ valid_from }} as begins_on,
        {{ valid_to }} as ends_on,
        lead({{ valid_from }}) over (
            partition by {{ entity }}
            order by {{ valid_from }}, {{ valid_to }}
        ) as next_begins_on
    from {{ model }}

),

-- Two spells that begin on one day overlap, also when the first one has no days: so no key occurs twice either.
counted as (

    select
        count(*) as all_spells,
        count(case when entity is null or begins_on is null then 1 end) as spells_of_nobody_or_without_begin,
        count(
            case
                when
                    entity is not null
                    and begins_on is not null
                    and next_begins_on is not null
                    and (ends_on is null or ends_on > next_begins_on or begins_on = next_begins_on)
                    then 1
            end
        ) as overlapping_spells
    from spells

)

select
    all_spells,
    spells_of_nobody_or_without_begin,
    overlapping_spells
from counted
where spells_of_nobody_or_without_begin + overlapping_spells > {{ largest_share }} * all_spells
{% endtest %}
