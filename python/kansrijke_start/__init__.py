"""From CBS registers to publication-safe tables on children's first years."""

__version__ = "0.1.0"
