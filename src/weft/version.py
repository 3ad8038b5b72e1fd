"""Which version of weft this is."""

VERSION = "0.1.0"
