"""Writes a workspace's curves as TensorBoard's event files; runs in TensorBoard's environment.

python tensorboard_page_worker.py FOLDER N_RUNS N_KEYS N_ROWS NAME...
"""

from __future__ import annotations

import sys
from pathlib import Path

from tensorboardX.event_file_writer import EventsWriter
from tensorboardX.proto.event_pb2 import Event
from tensorboardX.proto.summary_pb2 import Summary

from workspace_curves import curves, run_id


def main() -> None:
    folder, names = Path(sys.argv[1]), sys.argv[5:]
    n_runs, n_keys, n_rows = map(int, sys.argv[2:5])
    for number in range(n_runs):
        run_folder = folder / run_id(number)
        run_folder.mkdir(parents=True)
        writer = EventsWriter(str(run_folder / "events"))
        for step, row in enumerate(curves(number, n_runs, n_keys, n_rows).tolist()):
            values = [
                Summary.Value(tag=name, simple_value=value)
                for name, value in zip(names, row, strict=True)
            ]
            writer.write_event(
                Event(wall_time=step / 100, step=step, summary=Summary(value=values))
            )
        writer.close()


if __name__ == "__main__":
    main()
