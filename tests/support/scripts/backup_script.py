"""The script whose server is backed up: logs images, saved files and versions of an artifact.

    python backup_script.py RUN N_LARGE_BYTES

Goes on until its folder has a file called `enough`. The number of a row tells what it logged, so
that a test can compare.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np

import weft

PROJECT = "p"
ARTIFACT = "data"


def pixels_of(i: int) -> np.ndarray:
    """The image of row `i`."""
    return np.random.default_rng(i).integers(0, 256, (16, 12, 3), np.uint8)


def saved_by(i: int) -> tuple[str, bytes]:
    """Name and content of the file that is saved after row `i`."""
    return f"saved/{i}.txt", f"after row {i}\n".encode() * (i % 7 * 10_000 + 1)


def version_of(i: int, n_large_bytes: int) -> dict[str, bytes]:
    """The files of version `i` of the artifact; two have a large file, nearly the same."""
    files = {
        "same.txt": b"in all versions",
        f"sub/{i}.txt": b"in version %d" % i,
        "own.bin": np.random.default_rng(i).bytes(20_000),
    }
    if i in {0, 5}:
        files["large.bin"] = b"%d" % i + np.random.default_rng(0).bytes(n_large_bytes)
    return files


def main() -> None:
    run_id, n_large_bytes = sys.argv[1], int(sys.argv[2])
    run = weft.init(project=PROJECT, id=run_id)
    i = 0
    while not Path("enough").exists():
        run.log({"i": i, "image": weft.Image(pixels_of(i))})
        name, content = saved_by(i)
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).write_bytes(content)
        run.save(name, base_path=".", policy="now")
        artifact = weft.Artifact(ARTIFACT, "dataset")
        for path, data in version_of(i, n_large_bytes).items():
            with artifact.new_file(path, "xb") as file:
                file.write(data)
        run.log_artifact(artifact)
        i += 1
        time.sleep(0.1)
    run.summary["n_rows"] = i
    run.finish()


if __name__ == "__main__":
    main()
