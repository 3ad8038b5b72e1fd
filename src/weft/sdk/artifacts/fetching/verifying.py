"""Compares a folder, and the places of references, with a version. Does disk and network I/O."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from weft.errors import NotFound
from weft.sdk.artifacts.fetching.download import N_THREADS
from weft.sdk.artifacts.files.addresses import local_path
from weft.sdk.artifacts.files.hashing import hash_of
from weft.sdk.artifacts.remote.stores import is_known, kind_of, store_of
from weft.wire.artifacts.files import ArtifactFile


def faults_of(name: str, folder: Path, files: Sequence[ArtifactFile]) -> Iterator[str]:
    """Yield a sentence for each file of a version that differs.

    CommError if the place of a reference can't be reached.
    """
    expected = {file.path: file for file in files}
    for path in sorted(folder.rglob("*")):
        below = path.relative_to(folder).as_posix()
        if path.is_file() and below not in expected:
            yield f"{below} does not belong to {name}"

    def look(file: ArtifactFile) -> str | None:
        return _fault(name, folder, file)

    with ThreadPoolExecutor(N_THREADS, thread_name_prefix="weft-verify") as pool:
        yield from (fault for fault in pool.map(look, files) if fault is not None)


def _fault(name: str, folder: Path, file: ArtifactFile) -> str | None:
    path = folder / file.path
    if file.state == "reference":
        return _reference_fault(file)
    if not path.is_file():
        return f"{file.path} of {name} is missing in {folder}"
    return None if hash_of(path) == file.sha256 else f"{file.path} is not as it is in {name}"


def _reference_fault(file: ArtifactFile) -> str | None:
    """The change of a file outside of weft. None without a change, or without a way to see it."""
    address = file.reference or ""
    source = local_path(address)
    if source is not None:
        if not source.is_file():
            return f"{file.path} is gone: {address}"
        is_same = not file.checksum or hash_of(source) == file.checksum
        return None if is_same else f"{file.path} was changed: {address}"
    if not file.checksum or not is_known(address):
        return None
    store = store_of(kind_of(address))
    assert store is not None
    try:
        present = store.file_at(address)
    except NotFound:
        return f"{file.path} is gone: {address}"
    is_same = (present.checksum, present.n_bytes) == (file.checksum, file.n_bytes)
    return None if is_same else f"{file.path} was changed: {address}"
