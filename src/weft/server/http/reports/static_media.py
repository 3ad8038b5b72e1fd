"""Answers about media as a static file has them: with the images inside.

All other media are named, with the reason why they are not in the file. Layers over images are
left out: their contents are files of their own. So are media of other steps than the last, which
pages ask for ahead.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import msgspec

from weft.records.files.media_kinds import MEDIA_KINDS
from weft.server.http.reports.static_images import FileImages, ImageOmitted
from weft.server.services.reports import FigureAnswer, pack_figure, unpack_figure

_MEDIA: Final = "media/query"
_JSON: Final = "application/json"
_OF_PANELS: Final = frozenset(name for name, kind in MEDIA_KINDS.items() if kind.panel == "media")
_NOT_IN_FILE: Final = "Not in this file"


def with_images(answers: Iterable[FigureAnswer], images: FileImages) -> list[FigureAnswer]:
    """Answers whose images are inside, as far as the bounds of the file go."""
    return [_shown(answer, images) for answer in answers]


def figure_with_images(content: bytes, images: FileImages) -> bytes:
    """The unpacked content of a figure, with the images of its answers inside."""
    figure = unpack_figure(content)
    answers = with_images(figure.answers, images)
    return pack_figure(answers, figure.run_sets, figure.captured_micros)


def _shown(answer: FigureAnswer, images: FileImages) -> FigureAnswer:
    is_json = answer.media_type.partition(";")[0] == _JSON
    if answer.request.path != _MEDIA or answer.status != 200 or not is_json:
        return answer
    value: dict[str, Any] = msgspec.json.decode(answer.content)
    body = answer.request.body or {}
    if body.get("step") is not None or body.get("columns") is not None:
        value["series"] = []
    for series in value["series"]:
        for item in series["items"]:
            _embed(item, images)
    return answer._replace(content=msgspec.json.encode(value))


def _embed(item: dict[str, Any], images: FileImages) -> None:
    if item["kind"] not in _OF_PANELS:
        # a table or a chart, of which the file has rows
        return
    file: dict[str, Any] = item["file"]
    item["layers"] = []
    if file["state"] != "stored":
        return
    try:
        file["url"] = images.address(file["url"])
    except ImageOmitted as reason:
        file.update({"url": "", "error": f"{_NOT_IN_FILE}: {reason}"})
