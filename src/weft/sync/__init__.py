"""Uploads run logs to a server, from a separate process: the sidecar.

These are steps 3 and 4 of a point's path. The trainer starts the sidecar by `spawn` and holds a
`handle` (wake, finish), which reads the `status` page; nothing else of this package is loaded in
the trainer. In the sidecar `process` is the main loop: `watch` detects the trainer's end and reads
its control lines (`control`), `runs` manages each run's directory, and `upload_thread` drives an
`uploader`, which sends what `tail` reads in `batch`es, waits according to `retry`, and notes its
progress in a `marker`. `sampling` measures the machine and `sidecar_log` records that as one more
writer. `orphans` finds logs that a dead process left. `command` runs the same uploader by hand
(`weft sync`), and `address` finds the server for all of them.
"""
