"""From the run log to a server, in a process of its own.

Steps 3 and 4 of a point's way. The trainer starts it by `spawn` and holds a `handle` (wake,
finish), which reads the `status` page; nothing else of this package is loaded there. In the
sidecar `process` is the main loop: `watch` sees the trainer's end and its control lines
(`control`), `runs` looks after each run's directory, `upload_thread` drives an `uploader`, which
sends what `tail` reads, in `batch`es, waits as `retry` says, and notes in a `marker` how far it
is. `sampler` measures the machine and `system_log` records it as one more writer. `takeup` finds
logs that a dead process left. `command` is the same uploader run by hand (`weft sync`), and
`where` finds the server for all of them.
"""
