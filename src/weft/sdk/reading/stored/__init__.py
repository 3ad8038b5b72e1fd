"""A server's stored things as Python objects: projects, runs, files, their summaries, users.

Made by `weft.sdk.reading.api` and by each other. Each object fetches missing data from the server
and sends changes to it. Does network I/O.
"""
