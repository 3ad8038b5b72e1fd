"""Reads the contents that a server lacks from a run's files. Does I/O."""

from __future__ import annotations

import os
from collections.abc import Callable
from hashlib import sha256
from io import BufferedIOBase, FileIO, RawIOBase
from pathlib import Path

from weft.client.file_part import FilePart
from weft.errors import ConfigError, CorruptLog
from weft.records.files.artifacts import ARTIFACTS_FOLDER, token_of
from weft.records.files.file_paths import check_file_path
from weft.runlog.reader import open_file
from weft.wire.files.contents import LackedContent


class ContentFiles:
    """The files of a run, as far as a server asks for their contents.

    `lose` gets each content that can't be read, and the reason.
    """

    def __init__(self, folder: Path, lose: Callable[[LackedContent, str], None]) -> None:
        self._folder = folder
        self._lose = lose

    def part(
        self,
        lacked: LackedContent,
        position: int,
        most_bytes: int,
        file: RawIOBase | BufferedIOBase | None = None,
    ) -> FilePart | None:
        """Bytes of a content from a position on, of its file if that is open already.

        None if they can't be read.
        """
        opened = file or self._open(lacked)
        if opened is None:
            return None
        start = lacked.start + position
        n_bytes = min(most_bytes, lacked.n_bytes - position)
        if os.fstat(opened.fileno()).st_size < start + n_bytes:
            self._lose(lacked, "it was cut before it was sent")
            if file is None:
                opened.close()
            return None
        return FilePart(opened, start, n_bytes)

    def read(self, lacked: LackedContent) -> bytes | None:
        """A whole content. None if it can't be read."""
        file = self._open(lacked)
        if file is None:
            return None
        with file:
            try:
                file.seek(lacked.start)
                return file.read(lacked.n_bytes)
            except OSError as error:
                self._lose(lacked, (error.strerror or str(error)).lower())
                return None

    def hash_of(self, lacked: LackedContent) -> str | None:
        """The SHA-256 of what a content's file has now. None if it can't be read."""
        file = self._open(lacked)
        if file is None:
            return None
        with file:
            part = FilePart(file, lacked.start, lacked.n_bytes)
            digest = sha256()
            try:
                for piece in part.pieces():
                    digest.update(piece)
            except OSError:
                self._lose(lacked, part.fault or "it can't be read")
                return None
        return digest.hexdigest()

    def has_other_size(self, lacked: LackedContent) -> bool:
        """Whether a content's file is there with another number of bytes."""
        try:
            return (self._folder / lacked.path).stat().st_size != lacked.start + lacked.n_bytes
        except OSError:
            return False

    def _open(self, lacked: LackedContent) -> FileIO | None:
        try:
            check_file_path(lacked.path)  # a server gets no other file of this user
            return open(open_file(self._folder / lacked.path), "rb", buffering=0)
        except FileNotFoundError:
            self._lose(lacked, self._why_missing(lacked))
        except OSError as error:
            self._lose(lacked, (error.strerror or str(error)).lower())
        except (ConfigError, CorruptLog):
            self._lose(lacked, "it is not a regular file")
        return None

    def _why_missing(self, lacked: LackedContent) -> str:
        token = token_of(lacked.path)
        if token and not (self._folder / ARTIFACTS_FOLDER / token).exists():
            return "the copies of its artifact were removed when another server had stored it"
        return "it was deleted before it was sent"
