"""Media in scripts: what `log()` puts into the row, and the files that are made of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import PIL.Image
import pytest

from at_length import at_length, case_at_length
from media_files import made_files
from sdk_script import latest_run, log_rows, logs_in, run_script, run_well

SETUP = """
import numpy as np
import PIL.Image
import weft

run = weft.init(project="media")
pixels = np.arange(60, dtype=np.uint8).reshape(4, 5, 3)
"""


def logged(folder: Path, code: str) -> tuple[dict[str, Any], dict[str, Path]]:
    """Run a script; return its first row and the files of its run by their paths."""
    run_well(folder, f"{SETUP}\n{code}\nrun.finish()")
    return log_rows(logs_in(folder)[0])[0], made_files(latest_run(folder))


def test_an_image_of_a_row_is_a_file(tmp_path: Path) -> None:
    row, files = logged(tmp_path, "run.log({'val': {'x': weft.Image(pixels)}}, step=7)")
    reference = row["val.x"]
    assert reference["_type"] == "image-file"
    assert (reference["width"], reference["height"]) == (5, 4)
    assert [*files] == [reference["path"]]
    assert reference["path"].startswith("media/images/val.x_7_")
    with PIL.Image.open(files[reference["path"]]) as image:
        assert [*image.tobytes()] == [*range(60)]


@pytest.mark.parametrize(
    "value",
    [
        case_at_length("[weft.Image(pixels), weft.Image(pixels)]"),
        case_at_length("(PIL.Image.fromarray(pixels), PIL.Image.fromarray(pixels))"),
        "[PIL.Image.fromarray(pixels), weft.Image(pixels)]",
    ],
)
def test_lists_of_images_are_one_value(tmp_path: Path, value: str) -> None:
    row, files = logged(tmp_path, f"run.log({{'x': {value}}})")
    assert row["x"]["_type"] == "images/separated"
    assert row["x"]["count"] == 2
    assert {*files} == {*row["x"]["filenames"]}


@at_length
def test_a_list_of_different_media_keeps_each(tmp_path: Path) -> None:
    row, files = logged(
        tmp_path,
        "run.log({'x': [PIL.Image.fromarray(pixels), weft.Html('<p>'), weft.Histogram([1]), 3]})",
    )
    assert [item["_type"] for item in row["x"][:3]] == ["image-file", "html-file", "histogram"]
    assert row["x"][3] == 3
    assert len(files) == 2


@at_length
def test_an_image_of_pillow_is_an_image_at_any_depth(tmp_path: Path) -> None:
    row, files = logged(
        tmp_path,
        "picture = PIL.Image.fromarray(pixels)\n"
        "run.log({'a': picture, 'b': {'c': picture}, 'd': [[picture], 1]})",
    )
    assert row["a"]["_type"] == row["b.c"]["_type"] == "image-file"
    assert row["d"][0]["_type"] == "images/separated"
    assert len(files) == 3


def test_an_image_that_can_not_be_drawn_leaves_the_rest_of_the_row(tmp_path: Path) -> None:
    script = run_script(
        tmp_path,
        SETUP + "picture = PIL.Image.fromarray(pixels)\npicture.close()\n"
        "run.log({'a': picture, 'b': 2})\nrun.finish()",
    )
    assert script.exit_code == 0
    assert log_rows(logs_in(tmp_path)[0])[0]["b"] == 2
    assert "a" not in log_rows(logs_in(tmp_path)[0])[0]
    assert "'a' holds a weft.Image that can't be stored: " in script.stderr


@at_length
def test_images_of_pillow_are_no_inputs(tmp_path: Path) -> None:
    """In the config they stay what they were before: text, with a warning."""
    script = run_script(tmp_path, SETUP + "run.config.x = PIL.Image.fromarray(pixels)")
    assert script.exit_code == 0
    assert "'x' is of type Image" in script.stderr
