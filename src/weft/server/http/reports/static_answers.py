"""Answers of panels as a static file has them: without people and machines.

Panels ask for whole runs, of which a comparison shows who started them, and where. A file names no
users but those that its text names, or by whom its panels are grouped.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from weft.server.services.reports import FigureAnswer, pack_figure, unpack_figure

_JSON: Final = "application/json"
_LISTS: Final = ("runs", "runs/query")
_PEOPLE: Final = ("user", "host", "edited_by", "stopped_by", "locked_by", "notes_by")
_EMPTY: Final[Mapping[str, Any]] = {**dict.fromkeys(_PEOPLE), "warnings": []}


def without_people(content: bytes) -> bytes:
    """The unpacked content of a figure without those fields of its runs that no file has."""
    figure = unpack_figure(content)
    answers = [_shown(answer) for answer in figure.answers]
    return pack_figure(answers, figure.run_sets, figure.captured_micros)


def _shown(answer: FigureAnswer) -> FigureAnswer:
    path = answer.request.path.partition("?")[0]
    is_run = path.startswith("runs/") and path not in (*_LISTS, "runs/groups")
    if answer.status != 200 or not answer.media_type.startswith(_JSON):
        return answer
    if not is_run and path not in _LISTS:
        return answer
    value: dict[str, Any] = msgspec.json.decode(answer.content)
    runs = [value] if is_run else value.get("runs") or []
    if not runs:
        return answer
    for run in runs:
        run.update((name, empty) for name, empty in _EMPTY.items() if name in run)
    return answer._replace(content=msgspec.json.encode(value))
