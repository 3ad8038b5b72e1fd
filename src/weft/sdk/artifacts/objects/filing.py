"""Puts the files of media and tables into an artifact that is being made. Does I/O.

Files are named by their contents, so media that several tables or objects have are stored once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Final

from weft.records.files.artifacts import ManifestEntry
from weft.sdk.artifacts.files.hashing import hash_of
from weft.sdk.artifacts.making.draft_files import DraftFiles
from weft.sdk.artifacts.making.placing import copy_content
from weft.sdk.media.media import Media, Origin, Payload
from weft.sync.files.encoders import encoder_of

MEDIA_FOLDER: Final = "media/"

_TOKEN_CHARS: Final = 20
"""As many digits of the hash as W&B's names have."""


class ArtifactFiling:
    """`weft.sdk.media.media.Filing` of an artifact."""

    owner: None = None

    def __init__(self, draft: DraftFiles) -> None:
        self._draft = draft
        self._paths: dict[int, tuple[Payload, str]] = {}
        """Payloads and their paths by the payloads' ids: an image may be in thousands of cells."""

    def add(self, payloads: Mapping[str, Payload]) -> dict[str, str]:
        paths: dict[str, str] = {}
        for name, payload in payloads.items():
            earlier = self._paths.get(id(payload))
            paths[name] = self._add(payload) if earlier is None else earlier[1]
            self._paths[id(payload)] = payload, paths[name]
        return paths

    def add_at(self, path: str, payload: Payload) -> None:
        """See `Filing.add_at`; a file that has the path is replaced."""
        self._write(_content_of(payload), path)

    def add_json(self, path: str, content: bytes) -> None:
        """Put a JSON file at a path; a file that has it is replaced."""
        self.add_at(path, Payload("", "", "bytes", buffers=[content]))

    def note(self, item: Media) -> None:
        """See `Filing.note`: an artifact's files are made at once."""

    def _add(self, payload: Payload) -> str:
        if payload.origin is not None:
            return self._refer(payload, payload.origin)
        if payload.source is not None:
            return self._copy(payload, payload.source)
        content = _content_of(payload)
        path = _path_of(payload, hashlib.sha256(content).hexdigest())
        if path not in self._draft.by_path:
            self._write(content, path)
        return path

    def _copy(self, payload: Payload, source: Path) -> str:
        scratch = self._draft.scratch_path()
        copy_content(source, str(scratch))
        path = _path_of(payload, hash_of(scratch))
        if path in self._draft.by_path:
            scratch.unlink()
        else:
            scratch.replace(self._draft.new_path(path))
            self._note(path)
        return path

    def _write(self, content: memoryview, path: str) -> None:
        self._draft.new_path(path).write_bytes(content)
        self._note(path)

    def _note(self, path: str) -> None:
        source = self._draft.new_path(path)
        self._draft.add_file(source, path, "immutable", overwrite=True, is_ours=True)

    def _refer(self, payload: Payload, origin: Origin) -> str:
        checksum = origin.checksum or hashlib.sha256(origin.address.encode()).hexdigest()
        path = _path_of(payload, checksum)
        if path not in self._draft.by_path:
            self._draft.add_entry(
                ManifestEntry(
                    path, origin.n_bytes, reference=origin.address, checksum=origin.checksum
                )
            )
        return path


def _content_of(payload: Payload) -> memoryview:
    """The content of a payload that is in memory."""
    raw = b"".join(bytes(memoryview(buffer).cast("B")) for buffer in payload.buffers)
    encoded = BytesIO()
    encoder_of(payload.encoder)(memoryview(raw), payload.options, encoded)
    return encoded.getbuffer()


def _path_of(payload: Payload, sha256: str) -> str:
    token = "".join(char for char in sha256 if char.isalnum())[:_TOKEN_CHARS]
    return f"{MEDIA_FOLDER}{payload.folder}/{token}{payload.extension}"
