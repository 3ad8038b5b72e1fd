"""No value that a script logs ends its training: media of bad data, and tables of mixed types."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import pytest

from at_length import at_length
from sdk_script import log_rows, run_script

pytestmark = pytest.mark.timeout(120)

BAD = {
    "huge": "weft.Image('huge.png')",
    "empty": "weft.Image(np.zeros((0, 0, 3)))",
    "complex": "weft.Image(np.zeros((4, 4), complex))",
    "nothing": "weft.Image(None)",
    "no_file": "weft.Image('missing.png')",
    "elsewhere": "weft.Image('s3://bucket/a.png')",
    "boxes": "weft.Image(PIXELS, boxes={'a': {'box_data': [{'position': 1}]}})",
    "images": "[weft.Image(None), weft.Image(None)]",
    "video": "weft.Video(np.zeros((3, 3)))",
    "no_video": "weft.Video('missing.mp4')",
    "audio": "weft.Audio(np.zeros((3, 3, 3)), sample_rate=-1)",
    "json": "weft.Audio('json.wav')",
    "truncated": "weft.Audio('truncated.wav')",
    "html": "weft.Html(3)",
    "points": "weft.Object3D(np.zeros((3, 9)))",
    "molecule": "weft.Molecule('missing.pdb')",
    "histogram": "weft.Histogram(np_histogram=([1, 2], [1]))",
    "texts": "weft.Histogram(['a'])",
    "figure": "weft.Plotly(3)",
    "wide": "weft.Table(columns=['a'], data=[[1, 2]])",
    "columns": "weft.Table(columns=3)",
    "matrix": "weft.plot.confusion_matrix(y_true=[1], preds=[1, 2])",
    "line": "weft.plot.line(3, 'x', 'y')",
}

SCRIPT = """
import numpy as np
import weft

PIXELS = np.zeros((4, 4))

def mixed():
    table = weft.Table(columns=["a", "b"], data=[[1, 2], ["x", 3]])
    table.add_data(5, "y")
    table.add_data(1)
    table.add_column("c", [1])
    return table

def broken():
    table = weft.Table(columns=5)
    table.add_data(1, 2)
    return table

with weft.init() as run:
    for step, (key, code) in enumerate(BAD.items()):
        run.log({key: eval(code), "loss": step})
    run.log({"mixed": mixed(), "loss": 100})
    run.log({"broken": broken(), "loss": 101})
    run.log({"some": [weft.Image(PIXELS), weft.Image(None)], "loss": 102})
    cells = [[weft.Image(None)], [weft.Image(PIXELS)]]
    run.log({"cells": weft.Table(columns=["image"], data=cells), "loss": 103})
    print("trained to the end")
try:
    weft.Image(None)
except TypeError:
    print("outside of runs it raises")
"""


def huge_png() -> bytes:
    """A file of 100 bytes that claims 100,000 × 100,000 pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", 100_000, 100_000, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "huge.png").write_bytes(huge_png())
    (tmp_path / "json.wav").write_text('{"not": "a sound"}')
    (tmp_path / "truncated.wav").write_bytes(b"RIFF\x00\x01\x00\x00WAVEjunk")
    return tmp_path


def test_bad_media_leave_their_key_out_with_a_warning(folder: Path) -> None:
    script = run_script(folder, f"BAD = {BAD!r}\n{SCRIPT}")
    assert script.exit_code == 0, script.stderr
    assert script.stdout == "trained to the end\noutside of runs it raises\n"
    for key in (*BAD, "mixed", "broken", "some"):
        assert f"WARNING '{key}' " in script.stderr, key
    assert "has mixed types in column 'a': it holds any type from now on" in script.stderr
    assert "add_data() failed and changed nothing: row 3 of the table has 1 cells" in script.stderr
    (rows,) = filter(None, map(log_rows, folder.glob("weft/run-*/run-*.weft")))
    assert [row["loss"] for row in rows] == [*range(len(BAD)), 100, 101, 102, 103]
    assert all(row.keys() == {"loss", "_step"} for row in rows[: len(BAD)])
    mixed, broken, filled, cells = rows[len(BAD) :]
    assert (mixed["mixed"]["nrows"], "broken" in broken) == (3, False)
    assert filled["some"]["count"] == 1
    assert cells["cells"]["nrows"] == 2


@pytest.mark.parametrize(
    "code", ["weft.Image(None)", "weft.Table(columns=['a'], data=[[1], ['x']])"]
)
@at_length
def test_a_strict_run_raises(tmp_path: Path, code: str) -> None:
    script = run_script(
        tmp_path,
        f"import weft\nwith weft.init(): weft.log({{'a': {code}}})",
        {"WEFT_STRICT": "true"},
    )
    assert script.exit_code == 1
    assert "in <module>" in script.stderr
