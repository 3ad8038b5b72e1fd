"""The cache of downloaded contents: what is kept, what goes, and what was overwritten."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weft.sdk.artifacts.fetching.cache import LEAST_BYTES, DownloadCache
from weft.sdk.setup.settings import Settings


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def content(number: int, n_bytes: int = LEAST_BYTES) -> bytes:
    return number.to_bytes(4, "big") * (n_bytes // 4)


def keep(cache: DownloadCache, folder: Path, data: bytes, name: str = "file") -> Path:
    path = folder / name
    path.write_bytes(data)
    cache.keep(sha256(data), path)
    return path


def test_an_entry_is_the_file_itself_and_stays_when_that_is_deleted(tmp_path: Path) -> None:
    cache = DownloadCache(tmp_path / "cache", 10**6)
    path = keep(cache, tmp_path, content(1))
    (entry,) = cache.entries()
    assert entry.path.samefile(path)
    assert cache.folder.stat().st_mode & 0o077 == 0 or os.name == "nt"
    path.unlink()
    assert cache.take(sha256(content(1)), tmp_path / "again")
    assert (tmp_path / "again").read_bytes() == content(1)
    assert not (tmp_path / "again").samefile(entry.path), "else writing to one changes the other"


def test_what_was_overwritten_is_not_given_out(tmp_path: Path) -> None:
    cache = DownloadCache(tmp_path / "cache", 10**6)
    path = keep(cache, tmp_path, content(1))
    with path.open("r+b") as file:
        file.write(b"x")
    assert not cache.take(sha256(content(1)), tmp_path / "again")
    assert not (tmp_path / "again").exists()
    assert cache.entries() == []
    assert path.exists()


def test_a_use_leaves_the_time_of_change_of_the_file(tmp_path: Path) -> None:
    cache = DownloadCache(tmp_path / "cache", 10**6)
    path = tmp_path / "file"
    path.write_bytes(content(1))
    os.utime(path, (1e9, 1e9))
    cache.keep(sha256(content(1)), path)
    assert cache.take(sha256(content(1)), tmp_path / "again")
    assert path.stat().st_mtime == 1e9
    assert cache.entries()[0].used_secs > 1.7e9


@pytest.mark.parametrize("n_bytes", [LEAST_BYTES - 4, 10**6 + 4])
def test_small_contents_and_those_above_the_bound_are_not_kept(
    tmp_path: Path, n_bytes: int
) -> None:
    cache = DownloadCache(tmp_path / "cache", 10**6)
    keep(cache, tmp_path, content(1, n_bytes))
    assert cache.entries() == []
    assert not cache.take(sha256(content(1, n_bytes)), tmp_path / "again")


def test_what_was_used_longest_ago_goes_first(tmp_path: Path) -> None:
    cache = DownloadCache(tmp_path / "cache", 5 * LEAST_BYTES)
    for number in range(5):
        keep(cache, tmp_path, content(number), f"{number}")
        entry = cache.folder / sha256(content(number))[:2] / sha256(content(number))
        os.utime(entry, (1e9 + number, 1e9))
    assert cache.trim() == 0
    assert cache.take(sha256(content(0)), tmp_path / "used")
    keep(cache, tmp_path, content(9), "9")
    assert cache.trim() == 2 * LEAST_BYTES
    left = {entry.path.name for entry in cache.entries()}
    assert left == {sha256(content(number)) for number in (0, 3, 4, 9)}
    assert cache.clean(LEAST_BYTES) == 3 * LEAST_BYTES
    assert {entry.path.name for entry in cache.entries()} == {sha256(content(9))}


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(1, 4), st.booleans()), max_size=40))
def test_it_never_stays_larger_than_its_bound(
    tmp_path_factory: pytest.TempPathFactory, contents: list[tuple[int, int, bool]]
) -> None:
    folder = tmp_path_factory.mktemp("bound")
    for at, (number, size, is_counted_anew) in enumerate(contents):
        cache = DownloadCache(folder / "cache", 10 * LEAST_BYTES)  # as if by another process
        if is_counted_anew:
            (cache.folder / "size").unlink(missing_ok=True)
        data = content(number, size * LEAST_BYTES)
        keep(cache, folder, data, f"{at}")
        cache.trim()
        assert sum(entry.n_bytes for entry in cache.entries()) <= 10 * LEAST_BYTES
        assert cache.take(sha256(data), folder / "taken")
        assert (folder / "taken").read_bytes() == data


def test_the_setting_takes_sizes_with_units() -> None:
    assert Settings(cache_size="5GB").cache_size == 5 * 10**9
    assert Settings(cache_size=0).cache_size == 0
    with pytest.raises(ValueError, match=r"cache_size: invalid size: 'lots'"):
        Settings(cache_size="lots")
