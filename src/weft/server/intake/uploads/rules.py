"""The rules that a log's records must follow, or they are refused [RL40]. Pure.

`decode` counts the records refused here and accepts everything around them. `columns` checks rows,
a whole column at a time; only their objects are checked here.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final, cast

from weft.errors import ConfigError, CorruptLog
from weft.records.files.artifacts import (
    MAX_ALIASES,
    check_alias,
    check_artifact_name,
    check_artifact_type,
    check_manifest_path,
    parse_artifact_path,
    parse_link_target,
)
from weft.records.files.file_paths import check_file_path
from weft.records.ids import SHA256_PATTERN
from weft.records.limits import (
    MAX_FILE_BYTES,
    MAX_FILE_ERROR_BYTES,
    MAX_FRAME_BYTES,
    MAX_ID_BYTES,
    MAX_KEY_BYTES,
    MAX_MICROS,
    MAX_NESTING,
    MAX_NUMBER,
    MAX_ROW_KEYS,
    MAX_SOURCES,
    MAX_TEXT_BYTES,
)
from weft.records.record import (
    Artifact,
    Config,
    File,
    Key,
    LostMedia,
    MetricDefinition,
    Record,
    Run,
    Schema,
    Summary,
)
from weft.records.value import INT64_MAX, INT64_MIN

_MAX_PATH_SEGMENTS: Final = 32
_TIMES: Final = frozenset({"micros", "first_micros", "last_micros", "start_micros"})


def check_record(record: Record) -> None:
    """Check a record that is not a row; CorruptLog names the rule that it breaks."""
    for name in record.__struct_fields__:
        value = getattr(record, name)
        if type(value) is int:
            check_micros(value) if name in _TIMES else _check_int(value)
    match record:
        case Key(key_id=key_id, name=name):
            _check_number("key", key_id)
            _check_text(f"the name of key {key_id}", name)
        case Schema(schema_id=schema_id, key_ids=key_ids):
            _check_number("schema", schema_id)
            if len(key_ids) > MAX_ROW_KEYS:
                raise CorruptLog(f"schema {schema_id} has more than {MAX_ROW_KEYS} keys")
        case Config() | Summary():
            for path, value in record.values:
                _check_path(path)
                check_value(value, max_text_bytes=MAX_FRAME_BYTES)
            for path in record.removed:
                _check_path(path)
        case Run(fork_step=fork_step, sources=sources):
            if len(sources) > MAX_SOURCES:
                raise CorruptLog(f"a run has more than {MAX_SOURCES} sources")
            for step in (fork_step, *(last_step for _, _, last_step in sources)):
                _check_step(step)
        case File():
            _check_file(record)
        case Artifact():
            _check_artifact(record)
        case LostMedia(paths=paths):
            for path in paths:
                _check_text("the path of a lost file", path)
        case MetricDefinition(name=name):
            _check_text("the name of a metric", name)
        case _:
            pass


def check_micros(micros: int) -> None:
    """Check a time, which counts from the log's anchor and is never negative [RL22]."""
    if not 0 <= micros <= MAX_MICROS:
        raise CorruptLog(f"a time is out of range: {micros} µs")


def check_value(value: Any, *, max_text_bytes: int = MAX_TEXT_BYTES, depth: int = 0) -> None:
    """Check a value and everything in it [RL25], nested in `depth` arrays and maps; CorruptLog if
    it is invalid.

    >>> check_value({"a": [1, None, "text"]})
    >>> check_value([b"bytes"])
    Traceback (most recent call last):
    weft.errors.CorruptLog: a value is of the kind bytes, which no value has
    """
    match value:
        case None | bool() | float():
            return
        case int():  # pyrefly: ignore[unreachable-match-case]
            _check_int(value)
        case str():
            if 4 * len(value) > max_text_bytes and len(value.encode()) > max_text_bytes:
                raise CorruptLog(f"a text is longer than {max_text_bytes} bytes")
        case list() | dict():
            if depth >= MAX_NESTING:
                raise CorruptLog(f"a value is nested more than {MAX_NESTING} deep")
            if isinstance(value, dict):
                pairs = cast("dict[Any, Any]", value)
                if not all(type(key) is str for key in pairs):
                    raise CorruptLog("a map has a key that is not text")
                value = pairs.values()
            for inner in cast("Sequence[Any]", value):
                check_value(inner, max_text_bytes=max_text_bytes, depth=depth + 1)
        case _:
            kind = type(value).__name__
            raise CorruptLog(f"a value is of the kind {kind}, which no value has")


def _check_file(file: File) -> None:
    try:
        check_file_path(file.path)
    except ConfigError as error:
        raise CorruptLog(str(error)) from None
    if file.error is not None:
        if not 0 < len(file.error.encode()) <= MAX_FILE_ERROR_BYTES:
            raise CorruptLog(f"the error of a file must have 1 to {MAX_FILE_ERROR_BYTES} bytes")
        if file.n_bytes or file.sha256:
            raise CorruptLog("a file has an error, and a size or hash as well")
    elif not 0 <= file.n_bytes <= MAX_FILE_BYTES:
        raise CorruptLog(f"a file can't have {file.n_bytes} bytes; the limit is {MAX_FILE_BYTES}")
    elif not SHA256_PATTERN.fullmatch(file.sha256):
        raise CorruptLog(f"a SHA-256 must be 64 lower-case hex digits: {file.sha256[:80]!r}")


def _check_artifact(record: Artifact) -> None:
    try:
        if record.action == "use":
            parse_artifact_path(record.name)
            if record.manifest:
                check_manifest_path(record.manifest)
            return
        if record.action == "link":
            parse_link_target(record.target)
            if record.manifest:
                check_manifest_path(record.manifest)
            else:
                parse_artifact_path(record.name)
        elif record.action in {"log", "part"}:
            check_artifact_name(record.name)
            check_artifact_type(record.artifact_type)
            check_manifest_path(record.manifest)
        else:
            raise CorruptLog(f"an artifact has the unknown action {record.action[:80]!r}")
        if len(record.distributed_id) > MAX_ID_BYTES:
            raise CorruptLog(f"a distributed id has more than {MAX_ID_BYTES} characters")
        if record.action == "part" and not record.distributed_id:
            raise CorruptLog("a part of an artifact has no distributed id")
        if len(record.aliases) > MAX_ALIASES:
            raise CorruptLog(f"an artifact has more than {MAX_ALIASES} aliases")
        for alias in record.aliases:
            check_alias(alias)
    except ConfigError as error:
        raise CorruptLog(str(error)) from None


def _check_int(value: int) -> None:
    if not INT64_MIN <= value <= INT64_MAX:
        raise CorruptLog(f"an int is beyond 64 bits: {value}")


def _check_step(step: float | None) -> None:
    if isinstance(step, float) and not math.isfinite(step):
        raise CorruptLog(f"a step is not a finite number: {step}")
    if isinstance(step, int):
        _check_int(step)


def _check_number(name: str, number: int) -> None:
    if not 0 <= number <= MAX_NUMBER:
        raise CorruptLog(f"{name} {number} has an invalid number")


def _check_text(name: str, text: str) -> None:
    if not text or len(text.encode()) > MAX_KEY_BYTES:
        raise CorruptLog(f"{name} must have 1 to {MAX_KEY_BYTES} bytes")


def _check_path(path: Sequence[str]) -> None:
    if not 1 <= len(path) <= _MAX_PATH_SEGMENTS:
        raise CorruptLog(f"a path must have 1 to {_MAX_PATH_SEGMENTS} segments, not {len(path)}")
    for segment in path:
        _check_text("a segment of a path", segment)
