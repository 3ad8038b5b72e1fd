"""Shapes of artifacts, their files, and registries."""
