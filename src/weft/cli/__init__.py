"""The `weft` command, which `main` declares with the `*_commands` of each subject.

The options are there; each command is implemented in its own module.
"""
