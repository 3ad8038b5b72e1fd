"""`weft clean` on real caches of `weft ui`: what is removed, in which order, and what stays."""

from __future__ import annotations

import os
from pathlib import Path

from weft.runlog.holder import LOCK_NAME, cache_directory
from weft.runlog.lock import FileLock
from weft_command import run_weft


def made_cache(name: str, used_secs: int) -> Path:
    path = cache_directory() / "ui" / name
    path.mkdir(parents=True)
    (path / LOCK_NAME).write_bytes(b"")
    (path / "metadata.db").write_bytes(b"x" * 1000)
    for file in path.iterdir():
        os.utime(file, (used_secs, used_secs))
    return path


def test_caches_used_longest_ago_go_first_and_those_in_use_stay() -> None:
    newest, oldest, held = (
        made_cache(name, at) for name, at in (("n", 300), ("o", 100), ("h", 50))
    )
    other = cache_directory() / "ui" / "notes"
    other.mkdir()
    (other / "text").write_text("mine")
    lock = FileLock(held / LOCK_NAME)
    assert lock.acquire()
    shown = run_weft("clean")
    assert shown.exit_code == 0, shown
    assert "3 caches, 3.0 kB" in shown.stdout
    tried = run_weft("clean", "--max-size", "2kB", "--dry-run", "--json").report
    assert tried["removed"] == [str(oldest)]
    assert oldest.is_dir()

    done = run_weft("clean", "--max-size", "2kB", "--json").report
    assert (done["removed"], done["n_freed_bytes"]) == ([str(oldest)], 1000)
    assert not oldest.exists()
    assert newest.is_dir()
    emptied = run_weft("clean", "--max-size", "0")
    assert not newest.exists()
    assert held.is_dir()
    assert "1.0 kB are in use and stay" in emptied.stderr
    lock.release()
    assert run_weft("clean", "--max-size", "0").exit_code == 0
    assert [path.name for path in (cache_directory() / "ui").iterdir()] == ["notes"]


def test_a_size_that_is_none_is_refused() -> None:
    done = run_weft("clean", "--max-size", "much")
    assert done.exit_code == 2
    assert "invalid size: 'much'; write it as 500MB or 5GB" in done.stderr
