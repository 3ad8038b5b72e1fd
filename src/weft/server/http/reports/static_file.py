"""Fills the page that `npm run build` makes for reports and views: one HTML file, with all it
needs inside.

The file has what its maker may see and nothing else: no address of the server, no
key, and of users the author's name.
"""

from __future__ import annotations

import base64
import html
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec

from weft.errors import Unavailable
from weft.server.http.answers.web import BUNDLE
from weft.server.http.reports.static_answers import without_people
from weft.server.http.reports.static_figures import pack_static_figure
from weft.server.services.access import ProjectPath
from weft.server.services.reports import FigureAnswer, pack_figure
from weft.wire.reports.reports import Report

PAGE: Final = BUNDLE / "static" / "report.html"

_TITLE_MARK: Final = "<!-- title -->"
_DATA_MARK: Final = "<!-- data -->"
_PACKED_LEVEL: Final = 9
_RAW_DEFLATE: Final = -15

_encode: Final = msgspec.json.Encoder().encode


class _Page(NamedTuple):
    """The page without a report: the parts around its title and its data."""

    head: str
    middle: str
    tail: str


def static_file(
    path: ProjectPath,
    report: Report,
    figures: Iterable[tuple[str, bytes]],
    images: Mapping[str, str],
    now_micros: int,
) -> Iterator[str]:
    """The parts of the file of a report.

    Args:
        path: the project of the report.
        report: the version.
        figures: content and hash of each of its figures, unpacked.
        images: addresses that hold an image, by those of the document.
        now_micros: the time that the file says it was saved at.

    Raises:
        Unavailable: the web app was not built.
    """
    infos = [msgspec.structs.replace(info, captured_by=None) for info in report.figures]
    shown = msgspec.structs.replace(report, figures=infos, edited_by=None, published_by=None)
    data = {
        "project": _names(path),
        "report": shown,
        "images": images,
        "saved_micros": now_micros,
    }
    title = report.document.title.strip() or "Untitled report"
    return _static_page(title, "weft-report", data, figures)


def static_view(
    path: ProjectPath,
    name: str,
    view: Mapping[str, Any],
    runs: Sequence[Mapping[str, Any]],
    answers: Sequence[FigureAnswer],
    now_micros: int,
) -> Iterator[str]:
    """The parts of the file of a view.

    Args:
        path: the project of the view.
        name: the title of the page.
        view: what the page reads of the view.
        runs: what it shows of each run.
        answers: what its panels draw.
        now_micros: the time that the file says it was saved at.

    Raises:
        Unavailable: the web app was not built.
        LimitExceeded: it would be too large.
    """
    data = {
        "project": _names(path),
        "name": name,
        "view": view,
        "runs": runs,
        "saved_micros": now_micros,
    }
    content = pack_figure(answers, {}, now_micros)
    return _static_page(name or str(path.project), "weft-view", data, [("view", content)])


def _names(path: ProjectPath) -> dict[str, str]:
    return {"entity": path.entity, "project": path.project}


def _static_page(
    title: str, data_id: str, data: Mapping[str, Any], figures: Iterable[tuple[str, bytes]]
) -> Iterator[str]:
    page = _page_of(PAGE, _mtime_ns(PAGE))
    yield page.head
    yield html.escape(title)
    yield page.middle
    yield f'<script type="application/json" id="{data_id}">'
    yield _in_script(_encode(data))
    yield "</script>\n"
    for name, content in figures:
        yield f'<script type="text/plain" data-figure="{name}">'
        yield base64.b64encode(_deflated(pack_static_figure(without_people(content)))).decode()
        yield "</script>\n"
    yield page.tail


def _deflated(content: bytes) -> bytes:
    packer = zlib.compressobj(_PACKED_LEVEL, wbits=_RAW_DEFLATE)
    return packer.compress(content) + packer.flush()


def _in_script(json: bytes) -> str:
    """JSON that ends no element of a page, and begins no comment."""
    return json.decode().replace("<", "\\u003c")


def _mtime_ns(page: Path) -> int:
    try:
        return page.stat().st_mtime_ns
    except FileNotFoundError:
        raise Unavailable(
            "this server has no page for files: its web app is not built, as `make setup` does"
        ) from None


@lru_cache(1)
def _page_of(page: Path, _mtime_ns: int) -> _Page:
    head, _, rest = page.read_text(encoding="utf-8").partition(_TITLE_MARK)
    middle, _, tail = rest.partition(_DATA_MARK)
    return _Page(head, middle, tail)
