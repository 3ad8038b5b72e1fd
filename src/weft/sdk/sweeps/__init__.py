"""Sweeps in a script: `weft.sweep()` creates one, `weft.agent()` runs its parameter sets.

An agent asks a `handing.Handing` for runs: a server (`handing`), or a sweep in the local
directory (`local`), shared by all processes that use it. `agent` calls a function for each,
`programs` starts a program, whose command line `command` makes.
"""
