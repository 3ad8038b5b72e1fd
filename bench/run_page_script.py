"""Logs the run of `run_page.py`: numbers, output, images and a table, by the client itself.

python run_page_script.py N_ROWS N_LINES N_IMAGES N_TABLE_ROWS
"""

from __future__ import annotations

import sys

import numpy as np

import weft
from run_page_images import picture

METRICS = [f"train/m{k}" for k in range(9)] + ["train/loss"]


def main() -> None:
    n_rows, n_lines, n_images, n_table_rows = map(int, sys.argv[1:])
    chance = np.random.default_rng(7)
    run = weft.init(project="bench", id="big", name="everything", config={"lr": 0.1, "layers": 12})
    columns: list[str | int] = ["id", "class", "score", "truth", "text"]
    rows = [
        [i, f"class {i % 10}", score, bool(i % 3), f"sample {i}"]
        for i, score in enumerate(chance.random(n_table_rows).tolist())
    ]
    run.log({"predictions": weft.Table(columns=columns, data=rows)}, step=0)
    noise = chance.normal(0, 0.05, (1000, len(METRICS)))
    for step in range(1, n_rows + 1):
        values = (1 / (1 + step / 1000) + noise[step % 1000]).tolist()
        row: dict[str, object] = dict(zip(METRICS, values, strict=True))
        if step % (n_rows // n_images) == 0:
            row["val/image"] = weft.Image(picture(chance), caption=f"step {step}")
        run.log(row, step=step)
        if step % (n_rows // n_lines) == 0:
            print(f"step {step} loss={values[-1]:.6f} lr=0.0003 1.93it/s")
    run.finish()


if __name__ == "__main__":
    main()
