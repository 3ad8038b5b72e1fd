"""Files that a pattern of `save()` names."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from weft.sdk.recording.matching import files_inside, files_named

RUN = "weft/run-20261123_120000-ab12cd34"


@pytest.fixture
def work(tmp_path: Path) -> Path:
    for path in (
        "a.txt",
        ".hidden.txt",
        ".git/b.txt",
        "sub/b.txt",
        "sub/c.csv",
        "sub/deep/d.txt",
        "weft/notes.txt",
        f"{RUN}/files/own.txt",
        f"{RUN}/files/deep/own.txt",
    ):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(path)
    (tmp_path / "weft" / "latest-run").symlink_to(Path(RUN).name)
    (tmp_path / "loop").symlink_to(".")
    (tmp_path / "sub" / "up").symlink_to("..")
    (tmp_path / "linked").symlink_to("sub")
    return tmp_path


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        (
            "**/*.txt",
            "a.txt linked/b.txt linked/deep/d.txt sub/b.txt sub/deep/d.txt weft/notes.txt",
        ),
        ("sub/**", "sub/b.txt sub/c.csv sub/deep/d.txt"),
        ("*/b.txt", "linked/b.txt sub/b.txt"),
        ("s*/**/deep/*", "sub/deep/d.txt"),
        ("weft/*", "weft/notes.txt"),
        ("weft", "weft/notes.txt"),
        ("*/*/*/own.txt", ""),
        (f"{RUN}/files/*.txt", f"{RUN}/files/own.txt"),
        (f"{RUN}/files", f"{RUN}/files/deep/own.txt {RUN}/files/own.txt"),
        (f"{RUN}/**/own.txt", f"{RUN}/files/deep/own.txt {RUN}/files/own.txt"),
        ("sub/*.txt", "sub/b.txt"),
        (".git", ".git/b.txt"),
    ],
)
def test_patterns_leave_out_run_directories_and_loops(
    work: Path, pattern: str, expected: str
) -> None:
    names = [os.path.relpath(path, work) for path in files_named(work / pattern, glob=True)]
    assert sorted(names) == expected.split()


def test_patterns_find_what_the_script_wrote_among_the_run_s_files(work: Path) -> None:
    files = work / RUN / "files"
    (files / "loop").symlink_to(".")
    assert files_inside(files, "**/*.txt", glob=True) == ["deep/own.txt", "own.txt"]
    assert files_inside(files, "own.txt", glob=False) == ["own.txt"]
    assert files_inside(files, "other.txt", glob=True) == []
