"""The states of an artifact: `Draft`, then `Logged`, then `Stored`, over one `Description`.

draft        being made
logged       in a run's log; asks the server for its version
sending      the progress of its files to the server
stored       a version on a server
description  the description, which the states hand on
"""
