{% test no_overlapping_spells(model, entity, valid_from, valid_to, largest_share=0) %}
with spells as (

    select
        {{ valid_to }} as ends_on,
        lead({{ valid_from }}) over (
            partition by {{ entity }}
            order by {{ valid_from }}, {{ valid_to }}
        ) as next_begins_on
    from {{ model }}
    where {{ valid_from }} is not null

),

counted as (

    select
        count(*) as all_spells,
        count(
            case when next_begins_on is not null and (ends_on is null or ends_on > next_begins_on) then 1 end
        ) as overlapping_spells
    from spells

)

select
    all_spells,
    overlapping_spells
from counted
where overlapping_spells > {{ largest_share }} * all_spells
{% endtest %}
