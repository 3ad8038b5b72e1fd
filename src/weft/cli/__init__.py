"""The `weft` command. `main` declares it; each command is implemented in its own module."""
