"""The values of runs that are stored with a version. Pure."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec

from weft.server.services.reports.markdown import NAME

_PART: Final = "values:"
_RUNS: Final = "runs/query"


def is_values_part(part: str) -> bool:
    return part.startswith(_PART)


def stored_values(figures: Iterable[tuple[str, bytes]]) -> Mapping[str, Mapping[str, Any]]:
    """Names and values of runs by their path, of figures by their part."""
    runs: dict[str, dict[str, Any]] = {}
    for part, content in figures:
        project = part.removeprefix(_PART)
        (n_head,) = struct.unpack_from("<I", content)
        at = 4 + n_head
        for answer in msgspec.json.decode(content[4:at])["answers"]:
            end = at + answer["n_bytes"]
            if answer["path"] == _RUNS and answer["status"] == 200:
                columns = answer["body"].get("columns", [])
                for row in msgspec.json.decode(content[at:end])["rows"]:
                    values = dict(zip(columns, row["values"], strict=False))
                    runs[f"{project}/{row['id']}"] = {NAME: row["name"], **values}
            at = end
    return runs
