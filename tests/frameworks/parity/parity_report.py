"""A script's view of a library, as JSON: for the scripts that run once with each of two.

A script asks `see(name, call)` for each thing that it compares. What the call returns is noted
with its types, what it raises by all names under which the script could catch it. `rows(run)`
reads what a run's history holds from the run's own log.

Used by `*_script.py` beside this file; `test_frameworks_wandb_parity.py` starts them, sets
`PARITY_RESULTS` to the file for the answer, and compares.
"""

from __future__ import annotations

import json
import os
import struct
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

_seen: dict[str, Any] = {}
_CATCHABLE = ("Error", "UsageError", "CommError")
_BUILTIN = (TypeError, ValueError, KeyError, AttributeError, KeyboardInterrupt)
_BLOCK_BYTES = 32768
_FILE_HEADER_BYTES = 7


def see(name: str, call: Callable[[], Any], *, kinds: bool = True) -> Any:
    """Note what a call returns or raises; hands back what it returned, or None.

    Args:
        kinds: whether `2` and `2.0` are two things. The official client's own process writes
            either as `2`, so what has gone through it can't be compared by kind.
    """
    if name in _seen:
        raise AssertionError(f"two things are called {name!r}")
    result = None
    try:
        result = call()
        _seen[name] = {"value": described(result, kinds=kinds)}
    except Exception as error:
        _seen[name] = {"raises": _names_of(error), "message": f"{type(error).__name__}: {error}"}
    Path(os.environ["PARITY_RESULTS"]).write_text(json.dumps(_seen))
    return result


def described(value: Any, *, kinds: bool = True) -> Any:
    """A value as JSON that tells types apart: `1` from `1.0` and `True`, a list from a tuple.

    >>> described({"a": (1, 2.0)})
    {'dict': {'a': ['tuple', ['int', '1'], ['float', '2.0']]}}
    """
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, (int, float)):
        return [type(value).__name__, repr(value)] if kinds else ["number", repr(float(value))]
    if isinstance(value, (list, tuple)):
        kind = "list" if isinstance(value, list) else "tuple"
        return [kind, *(described(item, kinds=kinds) for item in value)]
    if hasattr(value, "keys"):
        names = sorted(value.keys(), key=str)
        return {"dict": {str(name): described(value[name], kinds=kinds) for name in names}}
    return {"object": type(value).__name__}


def _names_of(error: BaseException) -> list[str]:
    library: Any = sys.modules[os.environ["PARITY_LIBRARY"]]
    named = [name for name in _CATCHABLE if isinstance(error, getattr(library, name))]
    return named + [kind.__name__ for kind in _BUILTIN if isinstance(error, kind)]


def rows(directory: str) -> list[dict[str, Any]]:
    """The history of a finished run, in the order in which it was written: all but the times.

    Args:
        directory: the run's `sync_dir`.
    """
    if os.environ["PARITY_LIBRARY"] == "weft":
        return _weft_rows(directory)
    return [row for record in _official_records(directory) if (row := _official_row(record))]


def _weft_rows(directory: str) -> list[dict[str, Any]]:
    from sdk_script import log_rows, logs_in

    return log_rows(logs_in(Path(directory))[0])


def _official_row(record: Any) -> dict[str, Any] | None:
    if record.WhichOneof("record_type") != "history":
        return None
    row: dict[str, Any] = {}
    for item in record.history.item:
        name = item.key or ".".join(item.nested_key)
        row[name] = json.loads(item.value_json)
    for typed in [name.removesuffix("._type") for name in row if name.endswith("._type")]:
        # Histograms and the like are one value, which is taken apart for the file.
        parts = [name for name in row if name.startswith(f"{typed}.")]
        row[typed] = {name.removeprefix(f"{typed}."): row.pop(name) for name in parts}
    return {name: value for name, value in row.items() if name not in {"_timestamp", "_runtime"}}


def _official_records(directory: str) -> list[Any]:
    """All records; its process may still be writing them when `finish()` has returned."""
    from wandb.proto import wandb_internal_pb2

    (path,) = Path(directory).glob("*.wandb")
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        records: list[Any] = []
        for payload in _payloads(path.read_bytes()):
            record = wandb_internal_pb2.Record()
            record.ParseFromString(payload)
            records.append(record)
        if records and records[-1].WhichOneof("record_type") in {"exit", "footer"}:
            return records
        time.sleep(0.01)
    raise TimeoutError(f"{path} has no end")


def _payloads(data: bytes) -> Iterator[bytes]:
    """The records of a `.wandb` file: LevelDB's log format after a header of 7 bytes."""
    position, parts = _FILE_HEADER_BYTES, b""
    while position + 7 <= len(data):
        left_in_block = _BLOCK_BYTES - position % _BLOCK_BYTES
        if left_in_block < 7:
            position += left_in_block
            continue
        _crc, length, kind = struct.unpack_from("<IHB", data, position)
        if position + 7 + length > len(data):
            return  # it is being written
        parts += data[position + 7 : position + 7 + length]
        position += 7 + length
        if kind in {1, 4}:  # whole, or the last part
            yield parts
            parts = b""
