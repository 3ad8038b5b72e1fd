"""Paths that can name a file of a run."""

from __future__ import annotations

import pytest

from weft.errors import ConfigError
from weft.records.files.file_paths import check_file_path

GOOD = [
    "a", "config.yaml", "media/images/x_0.png", ".hidden", "…/é", "a b/c d", "名前.txt", "x" * 255,
    "/".join("abcdefghijklmnopqrstuvwxyzabcdef"), "console", "nullable.txt", "ab:c", "10:30.log",
    "emoji 👩‍🔬.png", "~root", "%2e%2e", "a..b", "...a",
]  # fmt: skip

BAD = [
    "", "/", "/etc/passwd", "..", "../x", "a/../b", "a/..", ".", "./a", "a/./b", "a//b", "a/",
    "C:/x", "c:x", "a:b", "a\\b", "..\\x", "nul\0byte", "line\nbreak", "tab\t", "\x7f",
    "\u2028", "\x85",
    "gnp\u202eexe", "\u200fx", "lone\ud800", "x" * 256, "é" * 128, "a/" * 32 + "a", "x/" * 600,
    "nul", "NUL.txt", "a/con", "Aux.tar.gz", "com1", "LPT9.log", "com¹", "conin$", "trailing.",
    "trailing ", " leading", "a/ b", "\ufffd", "\uffff", "\U0010ffff", "\ufdd0", "...",
]  # fmt: skip


@pytest.mark.parametrize("path", GOOD)
def test_good_paths_are_taken_as_they_are(path: str) -> None:
    assert check_file_path(path) == path


@pytest.mark.parametrize("path", BAD)
def test_bad_paths_are_refused_and_named(path: str) -> None:
    with pytest.raises(ConfigError, match="file path") as caught:
        check_file_path(path)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("path", [None, 5, b"bytes", ["a"]])
def test_what_is_no_text_is_refused(path: object) -> None:
    with pytest.raises(ConfigError, match="must be a string"):
        check_file_path(path)
