"""The version of weft. The wheel takes it from here; `docs/releasing.md` says when it changes."""

VERSION = "0.2.0"
