"""`weft.Api`: runs read back from a server, the last step of a point's way in Python.

`api` receives a path such as `local/mnist/ab12cd34`, asks `weft.client`, and hands out a
`stored_run`. Does network I/O.
"""
