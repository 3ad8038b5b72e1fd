"""Writes an imported run as a run log of weft. Does I/O.

The log is a function of its source: the same source gives the same bytes, and a source that has
grown gives a longer log that begins with them. So a server that has the log takes nothing twice,
and only the new part of a longer log.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any, BinaryIO, Final, cast

from weft.errors import LimitExceeded
from weft.records.limits import (
    MAX_FRAME_BYTES,
    MAX_KEY_BYTES,
    MAX_MICROS,
    MAX_NESTING,
    MAX_ROW_KEYS,
    MAX_SCHEMAS,
    MAX_TEXT_BYTES,
)
from weft.records.record import Console, Key, Record, Row, Schema, System
from weft.runlog.format import Header, encode_frame, encode_header, encode_payload
from weft.sdk.values.scalars import valid_text
from weft.wandb_format.trees import plain

_ALPHABET: Final = "0123456789abcdefghijklmnopqrstuvwxyz"
_MACHINE: Final = "imported"
"""No machine has this id, so that no process here counts as the run's."""


def writer_id_of(*parts: str) -> str:
    """The writer id of a source: 12 characters that depend on all parts.

    >>> writer_id_of("ab12cd34", "run-ab12cd34.wandb")
    'ua0xweac6nuo'
    """
    digest = sha256("\0".join(parts).encode(errors="replace")).digest()
    number = int.from_bytes(digest, "big")
    chars: list[str] = []
    for _ in range(12):
        number, digit = divmod(number, len(_ALPHABET))
        chars.append(_ALPHABET[digit])
    return "".join(chars)


def imported_header(
    run_id: str,
    writer_id: str,
    *,
    start_micros: int,
    host: str,
    version: str,
    parent_writer: str | None = None,
) -> Header:
    """The header of an imported log, of a process that began at `start_micros`.

    `version` is what wrote the source.
    """
    return Header(
        run_id=run_id,
        writer_id=writer_id,
        parent_writer=parent_writer,
        wall_micros=start_micros,
        boot_micros=0,
        host=host,
        machine_id=_MACHINE,
        boot_id=_MACHINE,
        pid=0,
        pid_start=0,
        mode="offline",
        version=version,
        labels={"process": "main" if parent_writer is None else "system"},
    )


class ImportedLog:
    """A run log that is being written.

    `last_micros` is the latest time of a record, since the header's anchor; `left_out` counts
    values left out or cut, by the reason.
    """

    def __init__(self, header: Header, file: BinaryIO) -> None:
        """Begin a log in an open file."""
        self.header = header
        self.last_micros = 0
        self.n_rows = 0
        self.n_samples = 0
        self.n_lines = 0
        self.left_out: Counter[str] = Counter()
        self._file = file
        self._keys: dict[str, int] = {}
        self._schemas: dict[tuple[str, ...], int] = {}
        self._n_schemas = 0
        file.write(encode_header(header))

    def micros(self, wall_micros: int | None) -> int:
        """A time since the anchor; the previous record's if it is None or out of range."""
        if wall_micros is None:
            return self.last_micros
        since = wall_micros - self.header.wall_micros
        if not 0 <= since <= MAX_MICROS:
            return self.last_micros
        self.last_micros = max(self.last_micros, since)
        return since

    def append(self, record: Record) -> None:
        """Write a record."""
        payload = encode_payload(record)
        if len(payload) > MAX_FRAME_BYTES:
            raise LimitExceeded(f"a record of more than {MAX_FRAME_BYTES >> 20} MiB")
        self._file.write(encode_frame(payload))

    def add_row(
        self, values: Mapping[str, Any], step: int | float, wall_micros: int | None
    ) -> None:
        """Write a row; nested values become keys joined with dots."""
        if self._add(Row, values, step, wall_micros):
            self.n_rows += 1

    def add_sample(self, values: Mapping[str, Any], wall_micros: int | None) -> None:
        """Write a sample of the machine."""
        if self._add(System, values, self.n_samples, wall_micros):
            self.n_samples += 1

    def add_line(self, stream: str, number: int, text: str, wall_micros: int | None) -> None:
        """Write a line of console output; it replaces an earlier text of the line."""
        self.append(Console(stream, number, self.micros(wall_micros), text))
        self.n_lines = max(self.n_lines, number + 1)

    def _add(
        self,
        kind: type[Row] | type[System],
        values: Mapping[str, Any],
        step: int | float,
        wall_micros: int | None,
    ) -> bool:
        flat: dict[str, Any] = {}
        self._flatten(flat, "", values, 1)
        names = tuple(sorted(flat))
        payload_of = kind(
            self._schema(names), self.micros(wall_micros), step, [flat[name] for name in names]
        )
        try:
            self.append(payload_of)
        except LimitExceeded as error:
            self.left_out[f"rows: {error}"] += 1
            return False
        return True

    def _flatten(
        self, flat: dict[str, Any], prefix: str, values: Mapping[str, Any], depth: int
    ) -> None:
        for name, value in values.items():
            key = valid_text(prefix + name)
            if not name or len(key.encode()) > MAX_KEY_BYTES or len(flat) >= MAX_ROW_KEYS:
                self.left_out["values whose key is invalid"] += 1
            elif isinstance(value, dict) and value and "_type" not in value:
                if depth > MAX_NESTING:
                    self.left_out[f"values nested more than {MAX_NESTING} deep"] += 1
                else:
                    inner = cast("dict[str, Any]", value)
                    self._flatten(flat, f"{key}.", inner, depth + 1)
            else:
                flat[key] = self.value(value)

    def value(self, value: Any, depth: int = 1, most_bytes: int = MAX_TEXT_BYTES) -> Any:
        """A value of JSON as records have it. What is too deep or too long is cut, and counted."""
        kind = cast("type[Any]", type(value))
        if kind is str:
            return self._text(value, most_bytes)
        if kind is list or kind is dict:
            if depth >= MAX_NESTING:
                self.left_out[f"values nested more than {MAX_NESTING} deep"] += 1
                return None
            if kind is list:
                return [self.value(inner, depth + 1, most_bytes) for inner in value]
            return {
                valid_text(key): self.value(inner, depth + 1, most_bytes)
                for key, inner in value.items()
                if key
            }
        return plain(value)

    def _text(self, text: str, most_bytes: int) -> str:
        text = valid_text(text)
        if len(text) * 4 <= most_bytes or len(text.encode()) <= most_bytes:
            return text
        self.left_out[f"ends of texts of more than {most_bytes >> 20} MiB"] += 1
        return text.encode()[: most_bytes - 16].decode(errors="ignore") + "… [cut]"

    def _schema(self, names: Sequence[str]) -> int:
        existing = self._schemas.get(tuple(names))
        if existing is not None:
            return existing
        if len(self._schemas) >= MAX_SCHEMAS:
            self._schemas.clear()
        for name in names:
            if name not in self._keys:
                self._keys[name] = len(self._keys)
                self.append(Key(self._keys[name], name))
        number = self._n_schemas
        self._n_schemas += 1
        self._schemas[tuple(names)] = number
        self.append(Schema(number, [self._keys[name] for name in names]))
        return number
