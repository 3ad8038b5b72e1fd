"""Queries over runs and metrics as data: filters, orders, expressions, and their text forms.

Pure: no I/O and no evaluation. The server evaluates them (`weft.server.services.selecting`,
`.charting.expressions`); the SDK, the command line and the W&B gateway write them.
"""
