"""The training script that `test_kill_rounds` kills: logs rows and notes each that returned."""

from __future__ import annotations

import os
import sys
import time

import weft

PROJECT = "kills"


def value_of(i: int) -> float:
    """What row `i` holds; not a round number, so a mixed-up row shows."""
    return (i * 2654435761 % 1000003) / 7.0


def main() -> None:
    run_id, returned_path, n_rows = sys.argv[1], sys.argv[2], int(sys.argv[3])
    returned = os.open(returned_path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    run = weft.init(project=PROJECT, id=run_id, config={"n_rows": n_rows})
    for i in range(n_rows):
        run.log({"i": i, "value": value_of(i), "text": f"row {i}"})
        os.write(returned, b"%d\n" % i)
        if i % 5 == 0:
            time.sleep(0.001)
    run.finish()


if __name__ == "__main__":
    main()
