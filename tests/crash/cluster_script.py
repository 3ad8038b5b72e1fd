"""A script that logs through a proxy until it finds a file `enough`.

Each row and each printed line has its number; the number of rows is printed last.
"""

import itertools
import pathlib
import sys
import time

import weft

run_id, pause_secs = sys.argv[1], float(sys.argv[2])
run = weft.init(project="cluster", id=run_id)
for i in itertools.count():
    run.log({"i": i, "value": (i * 7919) % 1000 / 10})
    if i % 10 == 0:
        print(f"line {i}")
    time.sleep(pause_secs)
    if pathlib.Path("enough").exists():
        break
run.finish()
pathlib.Path(f"{run_id}.n_rows").write_text(str(i + 1))
