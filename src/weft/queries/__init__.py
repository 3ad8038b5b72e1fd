"""What can be asked of runs and metrics, as data: filters, orders, expressions; their text forms.

Pure: no I/O, no numbers crunched. The server evaluates them (`weft.server.services.selecting`,
`.expressions`); the SDK, the command line and the W&B gateway write them.
"""
