"""Routes of artifacts, their files, and registries."""
