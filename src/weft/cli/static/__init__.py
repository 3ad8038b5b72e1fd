"""`weft export --view` and `--static`: views of a workspace, and whole projects, as HTML files."""
