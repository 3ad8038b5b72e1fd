"""Sends logs and contents to one server, each once whatever fails.

`uploader` decides what is sent when, through `sending`, its connection. `tail` reads a log,
`batch` says when its new bytes are due, `retry` when to try again, and `marker` keeps how much was
sent. `contents` sends what the server lacks of a run's files.
"""
