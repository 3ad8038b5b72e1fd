"""`weft.Api`: reads back and changes what runs recorded; a point's last step in Python.

`api` takes paths such as `local/mnist/ab12cd34` (`paths`), calls `weft.client.api_client`, and
returns what a server has as objects (`stored`), lists fetched page by page (`pages`), and rows
and tables (`rows`). `directory_server` lets callers query a bare directory like a server.
"""
