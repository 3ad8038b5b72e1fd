"""Validates an untrusted archive before its contents are used. Reads one file.

Refuses, with nothing written: files that are not a complete zip, later versions, entries that do
not match the manifest, and contents that do not match its checksums. Bytes are unpacked in pieces,
and never more than the manifest declares.
"""

from __future__ import annotations

import hashlib
import zipfile
import zlib
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final

import msgspec

from weft.errors import ConfigError, CorruptLog, LimitExceeded
from weft.server.services.archive.format import (
    BLOB_NAME,
    COLLECTIONS_NAME,
    FORMAT,
    MANIFEST_NAME,
    MAX_ENTRIES,
    MAX_TEXT_BYTES,
    PROJECT_NAME,
    REPORTS_NAME,
    RUNS_NAME,
    SEGMENT_NAME,
    SWEEPS_NAME,
    TRIALS_NAME,
    VERSION,
    VERSIONS_NAME,
    Manifest,
)
from weft.server.services.archive.lines import at_line
from weft.server.services.upkeep.progress import Phase

_LISTS: Final = (
    PROJECT_NAME,
    RUNS_NAME,
    COLLECTIONS_NAME,
    VERSIONS_NAME,
    SWEEPS_NAME,
    TRIALS_NAME,
)
"""The entries that every archive has."""

_PIECE_BYTES: Final = 1 << 20

_BASE_BYTES: Final = 16 << 20
_EXPANSION: Final = 256
_BASE_VALUES: Final = 3_000_000
"""Most bytes and values of one JSON text, whatever was sent for it. Beyond these, it may have so
many bytes for each packed byte, and one value: a value in memory takes 70 bytes, and deflate packs
a thousand bytes into one."""

_METHODS: Final = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_BROKEN: Final = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, KeyError)


class OpenArchive:
    """An archive whose table of contents was checked."""

    def __init__(self, file: zipfile.ZipFile) -> None:
        self._zip = file
        self.manifest = _read_manifest(file)
        _check_entries(file, self.manifest)

    def check_contents(self, phase: Phase) -> None:
        """Compare every entry with its checksum; CorruptLog if one differs."""
        for name, expected in self.manifest.entries.items():
            digest = hashlib.sha256()
            n_bytes = 0
            for piece in self.read(name):
                digest.update(piece)
                n_bytes += len(piece)
                phase.advance(len(piece))
            if (n_bytes, digest.hexdigest()) != (expected.n_bytes, expected.sha256):
                raise CorruptLog(f"the archive is damaged: {name} is not what was written")

    def has(self, name: str) -> bool:
        """Whether there is an entry that not every archive has."""
        return name in self.manifest.entries

    def read(self, name: str) -> Iterator[bytes]:
        """Read an entry in pieces."""
        n_remaining = self.manifest.entries[name].n_bytes
        with _broken(name), self._zip.open(name) as entry:
            while piece := entry.read(_PIECE_BYTES):
                n_remaining -= len(piece)
                if n_remaining < 0:
                    raise CorruptLog(f"the archive is damaged: {name} is longer than it says")
                yield piece

    def project(self) -> dict[str, Any]:
        """The decoded `project.json`."""
        n_packed_bytes = self._zip.getinfo(PROJECT_NAME).compress_size
        most_bytes = _most_bytes(n_packed_bytes)
        if self.manifest.entries[PROJECT_NAME].n_bytes > most_bytes:
            raise LimitExceeded(f"{PROJECT_NAME} has more than {most_bytes} bytes")
        data = b"".join(self.read(PROJECT_NAME))
        _check_n_values(PROJECT_NAME, data, n_packed_bytes)
        try:
            return msgspec.json.decode(data, type=dict[str, Any])
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise CorruptLog(f"the archive is damaged: {PROJECT_NAME} can't be read") from None

    def lines(self, name: str) -> Iterator[dict[str, Any]]:
        """The decoded lines of an entry, one for each run, collection, version, and so on."""
        n_packed_bytes = self._zip.getinfo(name).compress_size
        most_bytes = _most_bytes(n_packed_bytes)
        begun = bytearray()
        n_lines = 0
        for piece in self.read(name):
            # Search only the new piece: otherwise the cost of a long line would be quadratic.
            first, *others = piece.split(b"\n")
            begun += first
            if len(begun) > most_bytes:
                raise LimitExceeded(f"{name} has a line of more than {most_bytes} bytes")
            for following in others:
                n_lines += 1
                _check_n_values(name, begun, n_packed_bytes)
                yield _decode_line(name, n_lines, bytes(begun))
                begun = bytearray(following)
        if begun:
            raise CorruptLog(f"the archive is damaged: {name} ends within line {n_lines + 1}")

    def check_lines(self, name: str, check: Callable[[dict[str, Any]], None]) -> None:
        """Call `check` for each line of an entry; its errors name the entry and the line."""
        for number, line in enumerate(self.lines(name), 1):
            with at_line(name, number):
                check(line)

    def has_content(self, file: Mapping[str, Any]) -> bool:
        """Whether the content of a file, a row with `sha256` and `n_bytes`, is here in full."""
        entry = self.manifest.entries.get(f"blobs/{file.get('sha256')}")
        return entry is not None and entry.n_bytes == file.get("n_bytes")

    def segments(self) -> dict[str, dict[str, str]]:
        """Names of the history's entries by segment and table, in the order of segments."""
        segments: dict[str, dict[str, str]] = {}
        for name in sorted(self.manifest.entries):
            match = SEGMENT_NAME.fullmatch(name)
            if match is not None:
                segments.setdefault(match[1], {})[match[2]] = name
        return segments

    def extract(self, name: str, path: Path) -> None:
        """Write an entry to a file."""
        with path.open("wb") as file:
            for piece in self.read(name):
                file.write(piece)


@contextmanager
def open_archive(path: Path) -> Generator[OpenArchive]:
    """Open an archive and check its table of contents."""
    with path.open("rb") as file:
        opened = _open_zip(file)
        with opened:
            yield OpenArchive(opened)


def _open_zip(file: IO[bytes]) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(file)
    except (*_BROKEN, ValueError) as error:
        raise CorruptLog(f"not a weft archive: {error}") from None


def _read_manifest(file: zipfile.ZipFile) -> Manifest:
    if len(file.infolist()) > MAX_ENTRIES:
        raise LimitExceeded(f"an archive has at most {MAX_ENTRIES} entries")
    with _broken(MANIFEST_NAME):
        info = file.getinfo(MANIFEST_NAME)
        if info.compress_type not in _METHODS or info.flag_bits & 1:
            raise CorruptLog("not a weft archive: its manifest is compressed")
        with file.open(info) as entry:
            most_bytes = _most_bytes(info.compress_size)
            data = entry.read(most_bytes + 1)
    if len(data) > most_bytes:
        raise LimitExceeded("the archive's manifest is too large")
    _check_n_values(MANIFEST_NAME, data, info.compress_size)
    try:
        head = msgspec.json.decode(data, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise CorruptLog("not a weft archive: its manifest can't be read") from None
    if head.get("format") != FORMAT:
        raise CorruptLog("not a weft archive: its manifest says so")
    version = head.get("version")
    if isinstance(version, int) and version > VERSION:
        raise ConfigError(
            f"weft {head.get('weft')} wrote this archive (version {version}); this weft reads up "
            f"to {VERSION}: import it with that weft or a later one"
        )
    try:
        return msgspec.convert(head, Manifest)
    except msgspec.ValidationError as error:
        raise CorruptLog(f"the archive's manifest is not valid: {error}") from None


def _most_bytes(n_packed_bytes: int) -> int:
    """Most bytes of a JSON text, by the packed bytes of its entry."""
    return min(MAX_TEXT_BYTES, _BASE_BYTES + _EXPANSION * n_packed_bytes)


def _check_n_values(name: str, text: bytes | bytearray, n_packed_bytes: int) -> None:
    """Refuse a JSON text of too many values before they are made."""
    most = _BASE_VALUES + n_packed_bytes
    if len(text) > most and text.count(b",") + text.count(b"[") > most:
        raise LimitExceeded(f"{name} has more than {most:,} values in one text")


def _check_entries(file: zipfile.ZipFile, manifest: Manifest) -> None:
    infos = {info.filename: info for info in file.infolist()}
    if len(infos) != len(file.infolist()):
        raise CorruptLog("the archive is damaged: two of its entries have the same name")
    if set(infos) - {MANIFEST_NAME} != set(manifest.entries):
        raise CorruptLog("the archive is damaged: its entries are not those of its manifest")
    for name in _LISTS:
        if name not in infos:
            raise CorruptLog(f"the archive is damaged: it lacks {name}")
    for name, expected in manifest.entries.items():
        info = infos[name]
        is_known = name in _LISTS or name == REPORTS_NAME
        blob = BLOB_NAME.fullmatch(name)
        if not (is_known or SEGMENT_NAME.fullmatch(name) or blob):
            raise CorruptLog(f"the archive is damaged: an entry has no name of weft's: {name!a}")
        if blob and blob[1] != expected.sha256:
            raise CorruptLog(f"the archive is damaged: {name} has a different name")
        if info.compress_type not in _METHODS or info.flag_bits & 1:
            raise CorruptLog(f"the archive is damaged: {name} is compressed in a different way")
        if info.file_size != expected.n_bytes or expected.n_bytes < 0:
            raise CorruptLog(f"the archive is damaged: {name} is not as long as it says")
        # Deflate expands one byte to at most about a thousand.
        if info.file_size > 1100 * info.compress_size + 1100:
            raise CorruptLog(f"the archive is damaged: {name} is not as long as it says")


def _decode_line(name: str, number: int, line: bytes) -> dict[str, Any]:
    try:
        return msgspec.json.decode(line, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise CorruptLog(f"the archive is damaged: {name}, line {number}: not JSON") from None


@contextmanager
def _broken(name: str) -> Generator[None]:
    try:
        yield
    except _BROKEN as error:
        raise CorruptLog(f"the archive is damaged: {name} can't be read: {error}") from None
