"""Fetches the files of a version, several at once, and checks each. Does network and disk I/O."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Final

from weft.client.artifact_client import ArtifactClient
from weft.errors import CommError, ConfigError, UsageError
from weft.records.file_paths import check_file_path
from weft.sdk.artifacts.draft import local_path
from weft.wire.artifacts import ArtifactFile

N_THREADS: Final = 8
"""How many files are fetched at once."""

_PIECE_BYTES: Final = 1 << 20
_AHEAD: Final = 256
"""How many files wait for a thread: a list of all takes more memory."""


def download_files(
    client: ArtifactClient,
    files: Iterable[ArtifactFile],
    root: Path,
    *,
    keep_references: bool = False,
) -> int:
    """Fetch files into a folder, each whole or not at all; those that are there stay.

    Args:
        keep_references: leave files that are kept elsewhere where they are.

    Returns:
        How many bytes were fetched or copied.

    Raises:
        ConfigError: a path leads out of the folder.
        CommError: the server can't be reached, or a content is damaged there.
        OSError: a file can't be written.
    """
    n_bytes = 0
    left = iter(files)
    with ThreadPoolExecutor(N_THREADS, thread_name_prefix="weft-download") as pool:
        while some := list(islice(left, _AHEAD)):
            wanted = [one for one in some if one.state != "reference" or not keep_references]
            n_bytes += sum(pool.map(partial(_fetch, client, root), wanted))
    return n_bytes


def hash_of(path: Path) -> str:
    """The SHA-256 of a local file, in hexadecimal digits.

    Raises:
        OSError: it can't be read.
    """
    digest = hashlib.sha256()
    with path.open("rb", buffering=0) as file:
        while piece := file.read(_PIECE_BYTES):
            digest.update(piece)
    return digest.hexdigest()


def _fetch(client: ArtifactClient, root: Path, file: ArtifactFile) -> int:
    target = root / check_file_path(file.path)
    if not target.resolve().is_relative_to(root.resolve()):
        raise ConfigError(f"{file.path!r} would be outside {str(root)!r}: a folder is a link")
    if _is_there(file, target):
        return 0
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        if file.state == "reference":
            _copy_reference(file, draft)
        else:
            _write_checked(file, draft, client.download(file.url or ""))
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
    return file.n_bytes


def _is_there(file: ArtifactFile, target: Path) -> bool:
    if not target.is_file() or target.is_symlink() or not file.sha256:
        return False
    return target.stat().st_size == file.n_bytes and hash_of(target) == file.sha256


def _write_checked(file: ArtifactFile, draft: Path, pieces: Iterator[bytes]) -> None:
    digest = hashlib.sha256()
    with draft.open("wb") as writing:
        for piece in pieces:
            digest.update(piece)
            writing.write(piece)
    if digest.hexdigest() != file.sha256:
        raise CommError(
            f"{file.path} is not what was stored: it is damaged on the server "
            "(`weft server check` names all that is)"
        )


def _copy_reference(file: ArtifactFile, draft: Path) -> None:
    source = local_path(file.reference or "")
    if source is None:
        raise UsageError(
            f"{file.path} is kept at {file.reference}, which this version of weft can't fetch: "
            "read it there, or pass allow_missing_references=True"
        )
    shutil.copyfile(source, draft)
    if file.checksum and hash_of(draft) != file.checksum:
        raise CommError(f"{file.reference} was changed since the artifact was logged")
