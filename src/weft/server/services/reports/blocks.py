"""Blocks as JSON of the nodes of a report's text. Pure.

Readers get what is made here, so it is safe to show: without links that run scripts. And it is
total: a page may have stored attributes that are not as expected, which then get their defaults.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, cast

from weft.errors import CorruptLog
from weft.server.services.reports.nodes import BREAK, LISTS, Node, Text, node_of, objects_of
from weft.wire.reports.blocks import Block, Inline
from weft.wire.reports.inline import MARKS, is_safe_link

Contents = Callable[[str, str], Mapping[str, Any] | None]
"""The content of an object by its kind and id; None if the document has none."""


def block_of(node: Node, contents: Contents) -> Block:
    """The block of a node."""
    attributes = node.attributes
    block = _block_of(node, contents)
    id_ = attributes.get("id")
    head = {"id": id_} if isinstance(id_, str) else {}
    return head | block | _extra_of(attributes)


def _extra_of(attributes: Mapping[str, Any]) -> dict[str, Any]:
    extra = attributes.get("extra")
    return cast("dict[str, Any]", extra) if isinstance(extra, dict) else {}


def _block_of(node: Node, contents: Contents) -> Block:
    attributes, children = node.attributes, node.children
    match node.name:
        case "heading":
            level = _int(attributes.get("level"), 1, 6, 1)
            return {"kind": "heading", "level": level, "text": text_of(children)}
        case "bulletList" | "orderedList" | "taskList":
            return _list_of(node, contents)
        case "blockquote":
            return {"kind": "quote", "blocks": _blocks_of(children, contents)}
        case "callout":
            tone = _str(attributes.get("tone"), "info")
            return {"kind": "callout", "tone": tone, "blocks": _blocks_of(children, contents)}
        case "codeBlock":
            code = "".join(piece["text"] for piece in text_of(children) if "text" in piece)
            return {"kind": "code", "code": code} | _if_str("language", attributes)
        case "table":
            rows = [_row_of(row, contents) for row in _named(children, "tableRow")]
            return {"kind": "table", "rows": rows}
        case "details":
            return _collapsible_of(node, contents)
        case "columns":
            columns = [_column_of(column, contents) for column in _named(children, "column")]
            return {"kind": "columns", "columns": columns}
        case "horizontalRule":
            return {"kind": "divider"}
        case "block":
            kind = _str(attributes.get("kind"), "unknown")
            id_ = attributes.get("id")
            content = contents(kind, id_) if isinstance(id_, str) else None
            return {"kind": kind, **_safe(content or {})}
        case _:
            return {"kind": "paragraph", "text": text_of(children)}


def clean_document(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document of a version from an archive, with links that are safe; CorruptLog if it is
    malformed.
    """
    try:
        meta = {key: value for key, value in document.items() if key != "blocks"}
        blocks = [_clean(block) for block in document["blocks"]]
    except (KeyError, TypeError, AttributeError, ValueError, RecursionError):
        raise CorruptLog("the document of a version is malformed") from None
    return (
        {"schema": 1, "title": "", "description": "", "width": "readable"}
        | meta
        | {"blocks": blocks}
    )


def _clean(block: Block) -> Block:
    contents = {id_: content for id_, _, content in objects_of(block)}
    return block_of(node_of(block), lambda _, id_: contents.get(id_))


def _list_of(node: Node, contents: Contents) -> Block:
    style = LISTS[node.name]
    items: list[dict[str, Any]] = []
    for child in node.children:
        if isinstance(child, Text):
            continue
        item: dict[str, Any] = {"blocks": _blocks_of(child.children, contents)}
        if style == "check":
            item["checked"] = child.attributes.get("checked") is True
        items.append(item | _extra_of(child.attributes))
    block: Block = {"kind": "list", "style": style, "items": items}
    start = _int(node.attributes.get("start"), 0, 10**9, 1)
    return block | ({"start": start} if style == "ordered" and start != 1 else {})


def _row_of(row: Node, contents: Contents) -> dict[str, Any]:
    cells = [_cell_of(cell, contents) for cell in row.children if isinstance(cell, Node)]
    return {"cells": cells} | _extra_of(row.attributes)


def _cell_of(cell: Node, contents: Contents) -> dict[str, Any]:
    attributes = cell.attributes
    value: dict[str, Any] = {"blocks": _blocks_of(cell.children, contents)}
    if cell.name == "tableHeader":
        value["header"] = True
    for name in ("colspan", "rowspan"):
        span = _int(attributes.get(name), 1, 100, 1)
        if span != 1:
            value[name] = span
    widths = attributes.get("colwidth")
    if isinstance(widths, list) and all(
        isinstance(width, (int, float)) for width in cast("list[Any]", widths)
    ):
        value["widths"] = widths
    return value | _extra_of(attributes)


def _collapsible_of(node: Node, contents: Contents) -> Block:
    summary = [
        piece
        for child in _named(node.children, "detailsSummary")
        for piece in text_of(child.children)
    ]
    blocks = [
        block
        for child in _named(node.children, "detailsContent")
        for block in _blocks_of(child.children, contents)
    ]
    is_open = {"open": True} if node.attributes.get("open") is True else {}
    return {"kind": "collapsible", "summary": summary, "blocks": blocks} | is_open


def _column_of(column: Node, contents: Contents) -> dict[str, Any]:
    value: dict[str, Any] = {"blocks": _blocks_of(column.children, contents)}
    width = column.attributes.get("width")
    if isinstance(width, (int, float)) and not isinstance(width, bool):
        value["width"] = width
    return value | _extra_of(column.attributes)


def _named(children: Iterable[Node | Text], name: str) -> Iterator[Node]:
    for child in children:
        if isinstance(child, Node) and child.name == name:
            yield child


def _blocks_of(children: Iterable[Node | Text], contents: Contents) -> list[Block]:
    return [block_of(child, contents) for child in children if isinstance(child, Node)]


def text_of(children: Iterable[Node | Text]) -> list[Inline]:
    """The text in a node, as JSON. Adjacent characters with the same marks are one run; links
    that could run a script are left out.
    """
    pieces: list[Inline] = []
    for child in children:
        if isinstance(child, Text):
            for text, marks in child.spans:
                _add_text(pieces, text, _marks_of(marks))
        elif child.name == BREAK:
            last = pieces[-1] if pieces and "text" in pieces[-1] else {}
            _add_text(pieces, "\n", {key: last[key] for key in last if key != "text"})
        else:
            data = child.attributes.get("data")
            content = cast("Mapping[str, Any]", data) if isinstance(data, dict) else {}
            pieces.append(
                {"kind": _str(child.attributes.get("kind"), "unknown"), **_safe(content)}
            )
    return pieces


def _add_text(pieces: list[Inline], text: str, rest: dict[str, Any]) -> None:
    if pieces and "text" in pieces[-1]:
        last = {key: value for key, value in pieces[-1].items() if key != "text"}
        if last == rest:
            pieces[-1]["text"] += text
            return
    pieces.append({"text": text, **rest})


def _marks_of(marks: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The keys of a run of text but for `text`."""
    rest: dict[str, Any] = {}
    span = marks.get("span", {}).get("data")
    data = dict(cast("Mapping[str, Any]", span)) if isinstance(span, dict) else {}
    names = [*(mark for mark in MARKS if mark in marks), *data.pop("marks", ())]
    if names:
        rest["marks"] = names
    link = marks.get("link", {}).get("href")
    if isinstance(link, str) and is_safe_link(link):
        rest["link"] = link
    data.pop("text", None)
    return rest | data


def _safe(content: Mapping[str, Any]) -> dict[str, Any]:
    """The content of an object without links that could run a script, and without an id or kind of
    its own.
    """
    return {
        key: value
        for key, value in content.items()
        if key not in {"id", "kind"}
        and (key != "url" or (isinstance(value, str) and is_safe_link(value)))
    }


def _int(value: Any, least: int, most: int, default: int) -> int:
    if isinstance(value, (int, float)) and not isinstance(value, bool) and least <= value <= most:
        return int(value)
    return default


def _str(value: Any, default: str) -> str:
    return value if isinstance(value, str) else default


def _if_str(name: str, attributes: Mapping[str, Any]) -> dict[str, str]:
    value = attributes.get(name)
    return {name: value} if isinstance(value, str) else {}
