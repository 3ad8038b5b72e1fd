"""Uploads run logs to a server, from a separate process: the sidecar.

These are stops 5 and 6 of a point's way (`docs/architecture.md`). The trainer starts the sidecar
by `spawn` and holds a `handle` (wake, finish), which reads the `status` page; nothing else of this
package is loaded in the trainer. In the sidecar `process` is the main loop: `watch` detects the
trainer's end and reads its control lines (`control`), `runs` manages each run's directory, and
`upload_thread` drives an `uploader`, which sends what `tail` reads in `batch`es, waits according
to `retry`, and notes its progress in a `marker`. `sampling` measures the machine when
`sample_schedule` says so, and `sidecar_log` records that as one more writer. `files` makes and
hashes files in a child process, `capture` gathers the environment of a run, by `capture_schedule`.
`orphans` finds logs that a dead process left, and `unrecorded_files` makes its files. `by_hand`
runs the same uploader (`weft sync`), and `addresses` finds the server for all of them.
"""
