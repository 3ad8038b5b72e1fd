"""Libraries that an environment of scripts may lack, and the package of the server. Imports them.

`optional` imports what is not among weft's requirements, or says how to install it. `zstd` is the
standard library's module, also for versions of Python that lack it.
"""
