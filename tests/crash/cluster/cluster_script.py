"""A script that logs through a proxy until it finds a file `enough`.

Each row and each printed line has its number. Every two seconds it saves a file, of which every
twentieth is sent in pieces, and logs every tenth as an artifact. A file's name says what is in it.
The numbers of rows and files are written last.
"""

import hashlib
import itertools
import pathlib
import sys
import time

import weft

FILE_SECS = 2.0
LARGE_BYTES = 17_000_000

run_id, pause_secs = sys.argv[1], float(sys.argv[2])
run = weft.init(project="cluster", id=run_id)
pathlib.Path(run_id).mkdir()
n_files = 0
due = time.monotonic()
for i in itertools.count():
    run.log({"i": i, "value": (i * 7919) % 1000 / 10})
    if i % 10 == 0:
        print(f"line {i}")
    if time.monotonic() >= due:
        n_bytes = LARGE_BYTES if n_files % 20 == 19 else 1 + n_files * 7919 % 300_000
        path = pathlib.Path(run_id, f"{n_files}-{n_bytes}.bin")
        path.write_bytes(hashlib.shake_256(path.name.encode()).digest(n_bytes))
        run.save(str(path), policy="now")
        if n_files % 10 == 9:
            run.log_artifact(str(path), name=run_id, type="data")
        n_files += 1
        due = time.monotonic() + FILE_SECS
    time.sleep(pause_secs)
    if pathlib.Path("enough").exists():
        break
run.finish()
pathlib.Path(f"{run_id}.n_files").write_text(str(n_files))
pathlib.Path(f"{run_id}.n_rows").write_text(str(i + 1))
