"""The training script that `test_kill_rounds` kills: logs rows and notes each that returned.

Some rows have an image; between rows lines are printed, files saved and artifacts logged.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import numpy as np

import weft
from weft.sdk.media.image import Image

PROJECT = "kills"


def value_of(i: int) -> float:
    """The value of row `i`; not a round number, so a mixed-up row shows."""
    return (i * 2654435761 % 1000003) / 7.0


def has_image(i: int) -> bool:
    """Whether row `i` has an image."""
    return i % 50 == 7


def pixels_of(i: int) -> np.ndarray:
    """The image of row `i`."""
    return np.random.default_rng(i).integers(0, 256, (16, 12, 3), np.uint8)


def line_after(i: int) -> tuple[str, str] | None:
    """Stream and text of the line that is printed after row `i`; some are long."""
    if i % 5 != 3:
        return None
    filling = "é·" * (2000 if i % 500 == 3 else i % 60)
    return ("stderr" if i % 2 else "stdout"), f"line after row {i} {filling}"


def file_after(i: int) -> tuple[str, bytes] | None:
    """Name and content of the file that is saved after row `i`; every tenth is large."""
    if i % 200 != 30:
        return None
    content = f"after row {i}\n".encode()
    return f"saved/{i}.txt", content * (200_000 if i % 2000 == 1030 else 100)


def artifact_after(i: int) -> dict[str, bytes] | None:
    """The files of the artifact that is logged after row `i`; one of them is in every version."""
    if i % 400 != 110:
        return None
    large = b"%d" % i * (300_000 if i % 2000 == 510 else 20)
    return {"same.txt": b"in all versions", f"sub/{i}.txt": b"after row %d" % i, "own.bin": large}


def main() -> None:
    run_id, returned_path, n_rows = sys.argv[1], sys.argv[2], int(sys.argv[3])
    folder = Path(returned_path).parent / f"{run_id}-work"
    folder.mkdir()
    returned = os.open(returned_path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    run = weft.init(project=PROJECT, id=run_id, config={"n_rows": n_rows})
    for i in range(n_rows):
        row = {"i": i, "value": value_of(i), "text": f"row {i}"}
        if has_image(i):
            row["image"] = Image(pixels_of(i))
        run.log(row)
        os.write(returned, b"%d\n" % i)
        if printed := line_after(i):
            stream, text = printed
            print(text, file=getattr(sys, stream))
            os.write(returned, b"printed %d\n" % i)
        if saved := file_after(i):
            path = folder / saved[0]
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(saved[1])
            run.save(path, base_path=folder, policy="now")
            path.unlink()
            os.write(returned, b"saved %d\n" % i)
        if logged := artifact_after(i):
            artifact = weft.Artifact(f"{run_id}-{i}", "dataset")
            for name, content in logged.items():
                with artifact.new_file(name, "xb") as file:
                    file.write(content)
            run.log_artifact(artifact)
            os.write(returned, b"logged %d\n" % i)
        if i % 5 == 0:
            time.sleep(0.001)
    run.finish()


if __name__ == "__main__":
    main()
