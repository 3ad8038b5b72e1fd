"""What a server keeps, as Python objects: projects, runs, files, their summaries, users.

Made by `weft.sdk.reading.api` and by each other; each asks the server for what it lacks and tells
it what was changed. Does network I/O.
"""
