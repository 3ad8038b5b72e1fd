"""Sends logs and contents to one server, each once whatever fails.

`uploader` decides what is sent when, `sending` makes the requests through `server_connection`.
`tail` reads a log, `upload_state` tells how far its upload is, `batch` when its new bytes are due,
`retry` when to try again, and `marker` keeps how much was sent. `content_sender` sends contents of
files in requests (`content_requests`, `content_files`): `contents` what the server lacks,
`contents_ahead` chunks of a file that is still being cut. `staged_artifacts` removes copies that a
server has, `offset` compares its clock with ours.
"""
