"""The door: from a CBS delivery to registers as Parquet, all of it checked against the catalogue."""
