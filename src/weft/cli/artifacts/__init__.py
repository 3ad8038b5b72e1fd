"""`weft artifact` and `weft registry`."""
