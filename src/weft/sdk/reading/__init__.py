"""`weft.Api`: what runs recorded, read back and changed; a point's last step in Python.

`api` takes paths such as `local/mnist/ab12cd34` (`paths`), asks `weft.client.questions`, and hands
out what a server has as objects (`stored`), in lists that come page by page (`pages`), and rows
and tables (`rows`). `directory_server` lets a bare directory be asked like a server.
"""
