"""The commands that decide where runs go, and tell what keeps them from it."""
