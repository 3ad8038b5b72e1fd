"""Makes the files of a run from its spool, in a child process of the sidecar. Does I/O.

`file_maker` makes the files of all runs, `run_files` those of one: `spool_queue` has the spool
files, `existing_files` what is only hashed (`saved` and `unannounced` tell which are due),
`file_records` the records. `worker_pool` has several workers. `worker` is that child: it encodes
one job at a time, with the encoders in `encoders`. `worker_process` is its other end, in the
process that sends the run: it starts the child when there is work, restarts a killed one, and ends
an idle one.
"""
