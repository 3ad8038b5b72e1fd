"""`weft import` and `weft export`: archives of whole projects, and runs of W&B."""
