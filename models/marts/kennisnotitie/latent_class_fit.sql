select
    cast(classes as integer) as classes,
    cast({{ round_to_base('respondents') }} as bigint) as respondents,
    cast(log_likelihood as double) as log_likelihood,
    cast(parameters as integer) as parameters,
    cast(aic as double) as aic,
    cast(bic as double) as bic,
    cast(abic as double) as abic,
    cast(caic as double) as caic,
    cast(entropy as double) as entropy,
    cast(smallest_class_share as double) as smallest_class_share,
    cast(mean_posterior as double) as mean_posterior,
    cast(starts as integer) as starts,
    cast(starts_at_best as integer) as starts_at_best,
    cast(is_chosen as boolean) as is_chosen
from {{ ref('int_vulnerability__latent_class_fit') }}
