{# The lists of columns that the Kennisnotitie's tables go through, each in one place. #}

{% macro vulnerability_factors() %}
    {#- The 31 factors of the model, as columns of int_vulnerability__factors. -#}
    {{ return([
        'age_class', 'origin_class', 'parity', 'asylum', 'education', 'household_income', 'income_source',
        'debts', 'contract', 'working_hours', 'one_parent_family', 'marital_status', 'divorce',
        'household_size', 'youth_support', 'total_care_costs', 'gp_costs', 'hospital_costs', 'medication',
        'addiction_care', 'mental_health_care', 'intellectual_disability', 'crime_suspect', 'crime_victim',
        'detention', 'home_ownership', 'moves', 'loss_of_relative', 'motor_vehicle', 'gp_nearby',
        'liveability'
    ]) }}
{% endmacro %}

{% macro survey_indicators() %}
    {#- The 11 answers of the health monitor, as columns of int_health_monitor__respondents. -#}
    {{ return([
        'perceived_health', 'restricted_by_health', 'long_term_illness', 'anxiety_depression_risk',
        'control_over_life', 'body_mass_index', 'loneliness', 'difficulty_with_income', 'physical_activity',
        'excessive_drinking', 'smoking'
    ]) }}
{% endmacro %}

{% macro background_characteristics() %}
    {#- The 20 characteristics of Table 1; columns of int_kennisnotitie__profiles with background_ before them. -#}
    {{ return([
        'age', 'country_of_origin', 'education', 'one_parent_family', 'income_quintile', 'income_source',
        'contract', 'working_hours', 'urbanity', 'debts', 'many_medicines', 'anxiety_depression_medication',
        'mental_health_care', 'not_married', 'divorced', 'youth_help', 'youth_protection',
        'high_total_costs', 'high_gp_costs', 'high_hospital_costs'
    ]) }}
{% endmacro %}

{% macro care_types_of_children() %}
    {#-
        The kinds of care of the children, as columns of int_care_costs__child_years with _euro after them and uses_
        before them: gp is with the registration fee, gp_net without it.
    -#}
    {{ return(['total', 'hospital', 'gp', 'gp_net', 'pharmacy', 'paramedical', 'dental']) }}
{% endmacro %}

{% macro birth_outcomes() %}
    {#-
        The 12 birth outcomes that the weighting makes alike (KN:L243); columns of int_weighting__birth_outcomes with
        has_ before them. Their places are the bits of a covariate pattern.
    -#}
    {{ return([
        'preterm_birth', 'low_weight_for_gestation', 'referral', 'low_apgar', 'caesarean', 'hospital_birth',
        'haemorrhage', 'episiotomy', 'intensive_care', 'congenital_anomaly', 'epidural', 'severe_rupture'
    ]) }}
{% endmacro %}

{% macro first_life_years() %}
    {#- The ranges of life years of which the costs are added up: code -> last life year. -#}
    {%- set ranges = {} -%}
    {%- for last_life_year in var('last_life_years_of_totals') -%}
        {%- do ranges.update({'0-' ~ last_life_year: last_life_year | int}) -%}
    {%- endfor -%}
    {{ return(ranges) }}
{% endmacro %}
