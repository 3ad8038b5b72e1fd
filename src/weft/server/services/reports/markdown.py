"""Reports as Markdown, with values as they were when the report was published. Pure.

Links to pages of weft begin with a slash, as in reports: the address of the server is not there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from weft.server.services.access.paths import ProjectPath
from weft.server.services.reports.markdown_text import (
    Fields,
    address,
    code_span,
    escaped,
    longer_fence,
    plain_text,
    text_markdown,
)
from weft.wire.reports.images import get_report_image
from weft.wire.reports.reports import Report

Values = Mapping[str, Mapping[str, Any]]
"""By run (`entity/project/run`): its name, and its values by column."""

NAME: Final = "name"

_ALERTS: Final = {"info": "NOTE", "success": "TIP", "warning": "WARNING", "danger": "CAUTION"}
_BREAK_IN_CELL: Final = "<br>"
_HEADING_END: Final = re.compile(r"(^|\s)(#+\s*)$")
"""Signs that would end a heading and be no part of it."""

_TIGHT_LIST: Final = re.compile(r"(?:[-*]|1[.)]) \S")
"""A list that may follow a line of text: another one would be a part of that text."""

_NO_VALUE: Final = "(not stored)"
_SMALL: Final = 1e-3
_EXPONENT: Final = re.compile(r"e\+?(-?)0*(?=\d)")


def markdown_of(path: ProjectPath, report: Report, values: Values) -> str:
    """The file of a report: its title, its description, its blocks."""
    document = report.document
    writer = _Writer(path, report.id, document.blocks, values)
    parts = [f"# {_one_line(escaped(document.title.strip() or 'Untitled report'))}"]
    if document.description.strip():
        parts.append("\n".join(escaped(line) for line in document.description.strip().split("\n")))
    return "\n\n".join([*parts, *writer.blocks(document.blocks)]) + "\n"


def image_address(path: ProjectPath, report: str, sha256: str) -> str:
    """The address of an image of a report on its server.

    >>> image_address(ProjectPath("lab", "digits"), "ab12", "0" * 64)[:42]
    '/api/v1/projects/lab/digits/reports/ab12/i'
    """
    names = (path.entity, path.project, report, sha256)
    return get_report_image.call(*names).path


class _Writer:
    """Writes the blocks of a report."""

    def __init__(
        self, path: ProjectPath, report: str, document: Sequence[Fields], values: Values
    ) -> None:
        self._path = path
        self._report = report
        self._document = document
        self._values = values

    def blocks(self, blocks: Iterable[Any]) -> list[str]:
        """Each block as Markdown; blocks without content are left out."""
        texts: list[str] = []
        is_other_list = False
        before: Fields = {}
        for block in blocks:
            if not isinstance(block, Mapping):
                continue
            # a list that follows a list would continue it
            follows = block.get("kind") == "list" and before.get("kind") == "list"
            is_other_list = follows and not is_other_list
            text = self._list(block, is_other_list) if is_other_list else self._block(block)
            if text:
                texts.append(text)
                before = block
        return texts

    def _joined(self, fields: Fields) -> str:
        return "\n\n".join(self.blocks(_items(fields, "blocks")))

    def _text(self, pieces: Iterable[Any], line_break: str = "\\\n") -> str:
        return text_markdown(pieces, self._value, line_break)

    def _block(self, block: Fields) -> str:
        match block.get("kind"):
            case "paragraph":
                return self._text(_items(block, "text"))
            case "heading":
                level = min(max(_whole(block.get("level"), 1), 1), 6)
                text = _HEADING_END.sub(r"\1\\\2", self._text(_items(block, "text"), " "))
                return f"{'#' * level} {text}".rstrip()
            case "list":
                return self._list(block)
            case "quote":
                return _prefixed(self._joined(block), "> ")
            case "callout":
                alert = _ALERTS.get(str(block.get("tone")), "NOTE")
                blocks = _items(block, "blocks")
                is_text = bool(blocks) and blocks[0].get("kind") == "paragraph"
                gap = "\n" if is_text else "\n\n"
                return _prefixed(f"[!{alert}]{gap}{self._joined(block)}".rstrip(), "> ")
            case "code":
                return _fenced(str(block.get("code", "")), str(block.get("language") or ""))
            case "table":
                return self._table(_items(block, "rows"))
            case "collapsible":
                summary = self._text(_items(block, "summary"), " ")
                state = " open" if block.get("open") is True else ""
                head = f"<details{state}>\n<summary>{summary}</summary>"
                return f"{head}\n\n{self._joined(block)}\n\n</details>"
            case "columns":
                columns = [self._joined(column) for column in _items(block, "columns")]
                return "\n\n".join(column for column in columns if column)
            case "divider":
                return "---"
            case "math":
                latex = str(block.get("latex", ""))
                fence = longer_fence("$", latex, 2)
                return f"{fence}\n{latex}\n{fence}"
            case _:
                return self._object(block)

    def _object(self, block: Fields) -> str:
        match block.get("kind"):
            case "image":
                return self._image(block)
            case "video":
                url = str(block.get("url", ""))
                return _captioned(f"[Video]({address(url)})", block)
            case "contents":
                return self._contents()
            case "card":
                return self._card(block)
            case "grid":
                return self._grid(block)
            case kind:
                return f"*(A block of the kind {code_span(str(kind))}.)*"

    def _list(self, block: Fields, is_other: bool = False) -> str:
        """A list; `is_other`: with other signs than the list before it."""
        style = block.get("style")
        number = _whole(block.get("start"), 1)
        lines: list[str] = []
        for item in _items(block, "items"):
            bullet, end = ("*", ")") if is_other else ("-", ".")
            marker = f"{number}{end} " if style == "ordered" else f"{bullet} "
            number += 1
            check = ("[x] " if item.get("checked") is True else "[ ] ") if style == "check" else ""
            parts = self.blocks(_items(item, "blocks"))
            nested = [entry.get("kind") == "list" for entry in _items(item, "blocks")]
            # a list that follows its item's line is tight
            is_tight = len(parts) == 2 and nested[-1] and _TIGHT_LIST.match(parts[1])
            body = ("\n" if is_tight else "\n\n").join(parts)
            first, *rest = body.split("\n")
            lines.append(f"{marker}{check}{first}".rstrip())
            lines += [f"{' ' * len(marker)}{line}" if line else "" for line in rest]
        return "\n".join(lines)

    def _table(self, rows: Sequence[Fields]) -> str:
        texts = [self._row(row) for row in rows]
        width = max((len(row) for row in texts), default=0)
        if not width:
            return ""
        lines = [_table_line([*row, *[""] * (width - len(row))]) for row in texts]
        return "\n".join([lines[0], _table_line(["---"] * width), *lines[1:]])

    def _row(self, row: Fields) -> list[str]:
        cells: list[str] = []
        for cell in _items(row, "cells"):
            texts = [
                text_markdown(_items(block, "text"), self._value, _BREAK_IN_CELL, is_cell=True)
                if block.get("kind") == "paragraph"
                else self._block(block).replace("\n", _BREAK_IN_CELL)
                for block in _items(cell, "blocks")
            ]
            cells.append(_BREAK_IN_CELL.join(text for text in texts if text))
            cells += [""] * (min(_whole(cell.get("colspan"), 1), 1000) - 1)
        return cells

    def _image(self, block: Fields) -> str:
        alt = _one_line(escaped(str(block.get("alt", ""))))
        url, sha256 = block.get("url"), block.get("sha256")
        if isinstance(sha256, str):
            url = image_address(self._path, self._report, sha256)
        if isinstance(url, str):
            return _captioned(f"![{alt}]({address(url)})", block)
        return _captioned(f"*(Image{f': {alt}' if alt else ''})*", block)

    def _contents(self) -> str:
        lines = [
            f"{'  ' * (level - 1)}- [{escaped(text)}](#{_slug(text)})"
            for level, text in _headings(self._document)
        ]
        return "\n".join(lines)

    def _card(self, block: Fields) -> str:
        of, path, key = block.get("of"), str(block.get("path", "")), block.get("key")
        names = path.split("/")
        project, name = "/".join(names[:2]), "/".join(names[2:])
        run = self._values.get(path, {})
        run_name = str(run.get(NAME, name))
        match of:
            case "metric" | "table" if isinstance(key, str):
                value = run.get(f"summary.{key}")
                text = f"{key} of {run_name}"
                shown = "" if value is None else f": {value_text(value)}"
                return f"[{escaped(text)}]({address(f'/{project}/runs/{name}')}){shown}"
            case "run" | "metric" | "table":
                return f"[{escaped(run_name)}]({address(f'/{project}/runs/{name}')})"
            case "runs":
                return f"[Runs of {escaped(project)}]({address(f'/{project}/runs')})"
            case "sweep" | "report":
                return f"[{escaped(name)}]({address(f'/{project}/{of}s/{name}')})"
            case _:
                return f"{escaped(str(of))} {code_span(path)}"

    def _grid(self, block: Fields) -> str:
        panels = block.get("panels")
        entries = panels if isinstance(panels, Mapping) else {}
        order = [str(name) for name in block.get("panelOrder") or [] if name in entries]
        ids = dict.fromkeys([*order, *sorted(entries)])
        link = address(f"/{self._path}/reports/{self._report}#{block.get('id', '')}")
        lines = [f"[Panels]({link}):", ""]
        for panel_id in ids:
            panel = entries[panel_id]
            if not isinstance(panel, Mapping):
                continue
            keys = ", ".join(code_span(str(key)) for key in panel.get("keys") or [])
            title = escaped(str(panel.get("title") or ""))
            named = f"{title}: {keys}" if title and keys else title or keys
            kind = str(panel.get("kind", "panel"))
            lines.append(f"- {named} ({kind})" if named else f"- {kind}")
        return "\n".join(lines) if len(lines) > 2 else lines[0].rstrip(":")

    def _value(self, piece: Fields) -> str:
        """The text of a live value."""
        value = self._values.get(str(piece.get("run")), {}).get(str(piece.get("key")))
        return _NO_VALUE if value is None else value_text(value, piece.get("format"))


def value_text(value: Any, look: Any = None) -> str:
    """A value as a report's page writes it: with `look` digits after the point, `all`, `exp`, or
    as many digits as tell numbers of its size apart.

    >>> value_text(0.98765, 2), value_text(12), value_text(0.00012)
    ('0.99', '12', '1.20e-4')
    """
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, int | float) or look == "all":
        return str(value)
    size = abs(value)
    if look == "exp" or (look is None and 0 < size < _SMALL):
        return _EXPONENT.sub(r"e\1", f"{value:.2e}")
    if isinstance(look, int):
        return f"{value:,.{min(max(look, 0), 20)}f}"
    if float(value).is_integer():
        return f"{value:,.0f}"
    return f"{value:,.{1 if size >= 1000 else 2 if size >= 100 else 4}f}"


def _items(fields: Any, name: str) -> Sequence[Fields]:
    items = fields.get(name) if isinstance(fields, Mapping) else None
    return [item for item in items if isinstance(item, Mapping)] if isinstance(items, list) else []


def _whole(value: Any, default: int) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else default


def _headings(blocks: Iterable[Fields]) -> Iterable[tuple[int, str]]:
    for block in blocks:
        if block.get("kind") == "heading" and (text := plain_text(_items(block, "text"))):
            yield min(max(_whole(block.get("level"), 1), 1), 6), text
        for name in ("blocks", "columns", "items"):
            yield from _headings(_items(block, name))


def _slug(text: str) -> str:
    return re.sub(r"[^\w]+", "-", text.lower()).strip("-")


def _prefixed(text: str, prefix: str) -> str:
    return "\n".join(f"{prefix}{line}" if line else prefix.rstrip() for line in text.split("\n"))


def _fenced(code: str, language: str) -> str:
    fence = longer_fence("`", code, 3)
    return f"{fence}{_one_line(language)}\n{code}\n{fence}"


def _table_line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _captioned(text: str, block: Fields) -> str:
    caption = _one_line(escaped(str(block.get("caption") or "")))
    return f"{text}\\\n*{caption}*" if caption else text


def _one_line(text: str) -> str:
    return " ".join(text.split())
