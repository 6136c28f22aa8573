"""From the build database to the files that may leave."""
