"""What the registers of a delivery look like: the catalogue and all that is made from it."""
