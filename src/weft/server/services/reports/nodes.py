"""Nodes of a report's text, between the Yjs document and JSON. Pure.

The Yjs document has TipTap's names of nodes and marks, so that its extensions edit it. A `Node` is
such a node as a value; `node_of` makes it of a block in JSON, `blocks.block_of` is the way back.
Both ways keep what they don't know: unknown keys of a block are its node's attribute `extra`,
those of a piece of text the mark `span`, and a block that is no text is the node `block`, whose
content is in a map of the document, by its id.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, Final, NamedTuple, cast

from weft.wire.reports.blocks import TEXT_BLOCKS, Block, Inline
from weft.wire.reports.checks import shape_fields
from weft.wire.reports.inline import MARKS


class Span(NamedTuple):
    """Characters with the same marks, by name with their attributes."""

    text: str
    marks: Mapping[str, Mapping[str, Any]]


class Text(NamedTuple):
    """The characters between two nodes."""

    spans: tuple[Span, ...]


class Node(NamedTuple):
    """A node with its attributes and what is in it."""

    name: str
    attributes: Mapping[str, Any]
    children: tuple[Node | Text, ...]


NODES: Final = frozenset(
    {
        *("paragraph", "heading", "bulletList", "orderedList", "taskList", "listItem"),
        *("taskItem", "blockquote", "callout", "codeBlock", "table", "tableRow", "tableCell"),
        *("tableHeader", "details", "detailsSummary", "detailsContent", "columns", "column"),
        *("horizontalRule", "hardBreak", "block", "inline"),
    }
)
"""The nodes of schema 1. A server refuses others, as it could not keep them in JSON."""

OWN_ATTRIBUTES: Final = frozenset(
    {
        *("extra", "checked", "open", "language", "start", "colspan", "rowspan", "colwidth"),
        *("width", "tone", "level"),
    }
)
"""The attributes that JSON tells. Others, which an editor has set, stay as they are."""

MARK_NAMES: Final = frozenset({*MARKS, "link", "span"})

BLOCK: Final = "block"

LISTS: Final = {"bulletList": "bullet", "orderedList": "ordered", "taskList": "check"}
_LIST_NODES: Final = {style: name for name, style in LISTS.items()}
BREAK: Final = "hardBreak"


def node_of(block: Block) -> Node:
    """The node of a block, whose JSON was checked."""
    kind: str = block["kind"]
    if kind not in TEXT_BLOCKS:
        return Node(BLOCK, _present(id=block.get("id"), kind=kind), ())
    name, attributes, children = _text_node(kind, block)
    extra = _extra(block, ("id", "kind", *shape_fields(kind)))
    return Node(name, _present(id=block.get("id"), **attributes, extra=extra), tuple(children))


def objects_of(block: Block) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Id, kind and content of the objects in a block, and of itself if it is one."""
    if block["kind"] not in TEXT_BLOCKS:
        content = {key: value for key, value in block.items() if key not in {"id", "kind"}}
        yield block["id"], block["kind"], content
        return
    for part in _parts(block):
        for child in part["blocks"]:
            yield from objects_of(child)


def _parts(block: Block) -> Iterable[Mapping[str, Any]]:
    match block["kind"]:
        case "list":
            return block["items"]
        case "table":
            return [cell for row in block["rows"] for cell in row["cells"]]
        case "columns":
            return block["columns"]
        case "quote" | "callout" | "collapsible":
            return [block]
        case _:
            return ()


def _text_node(kind: str, block: Block) -> tuple[str, dict[str, Any], Iterable[Node | Text]]:
    match kind:
        case "heading":
            return "heading", {"level": block["level"]}, _inline_nodes(block.get("text", ()))
        case "list":
            style: str = block["style"]
            start = block.get("start", 1)
            items = [_item_node(item, style) for item in block["items"]]
            attributes = {"start": start} if style == "ordered" and start != 1 else {}
            return _LIST_NODES[style], attributes, items
        case "quote":
            return "blockquote", {}, _nodes_of(block["blocks"])
        case "callout":
            tone = block.get("tone", "info")
            return "callout", {"tone": tone}, _nodes_of(block["blocks"])
        case "code":
            code: str = block["code"]
            spans = (Text((Span(code, {}),)),) if code else ()
            return "codeBlock", {"language": block.get("language")}, spans
        case "table":
            return "table", {}, [_row_node(row) for row in block["rows"]]
        case "collapsible":
            summary = Node("detailsSummary", {}, tuple(_inline_nodes(block["summary"])))
            content = Node("detailsContent", {}, tuple(_nodes_of(block["blocks"])))
            return "details", {"open": block.get("open") or None}, [summary, content]
        case "columns":
            return "columns", {}, [_column_node(column) for column in block["columns"]]
        case "divider":
            return "horizontalRule", {}, ()
        case _:
            return "paragraph", {}, _inline_nodes(block.get("text", ()))


def _nodes_of(blocks: Iterable[Block]) -> list[Node]:
    return [node_of(block) for block in blocks]


def _item_node(item: Mapping[str, Any], style: str) -> Node:
    is_check = style == "check"
    checked = bool(item.get("checked")) if is_check else None
    extra = _extra(item, ("blocks", "checked"))
    return Node(
        "taskItem" if is_check else "listItem",
        _present(checked=checked, extra=extra),
        tuple(_nodes_of(item["blocks"])),
    )


def _row_node(row: Mapping[str, Any]) -> Node:
    extra = _extra(row, ("cells",))
    return Node("tableRow", _present(extra=extra), tuple(map(_cell_node, row["cells"])))


def _cell_node(cell: Mapping[str, Any]) -> Node:
    extra = _extra(cell, ("blocks", "header", "colspan", "rowspan", "widths"))
    attributes = _present(
        colspan=cell.get("colspan", 1),
        rowspan=cell.get("rowspan", 1),
        colwidth=cell.get("widths"),
        extra=extra,
    )
    name = "tableHeader" if cell.get("header") else "tableCell"
    return Node(name, attributes, tuple(_nodes_of(cell["blocks"])))


def _column_node(column: Mapping[str, Any]) -> Node:
    extra = _extra(column, ("blocks", "width"))
    attributes = _present(width=column.get("width"), extra=extra)
    return Node("column", attributes, tuple(_nodes_of(column["blocks"])))


def _inline_nodes(pieces: Iterable[Inline]) -> Iterator[Node | Text]:
    nodes = (node for piece in pieces for node in _piece_nodes(piece))
    for is_span, group in groupby(nodes, lambda node: isinstance(node, Span)):
        if is_span:
            yield Text(tuple(cast("Iterable[Span]", group)))
        else:
            yield from cast("Iterable[Node]", group)


def _piece_nodes(piece: Inline) -> Iterator[Node | Span]:
    if "kind" in piece:
        data = {key: value for key, value in piece.items() if key != "kind"}
        yield Node("inline", {"kind": piece["kind"], "data": data}, ())
        return
    marks: dict[str, Mapping[str, Any]] = {}
    span = {key: value for key, value in piece.items() if key not in {"text", "marks", "link"}}
    unknown = [mark for mark in piece.get("marks", ()) if mark not in MARKS]
    if unknown:
        span["marks"] = unknown
    for mark in piece.get("marks", ()):
        if mark in MARKS:
            marks[mark] = {}
    if piece.get("link") is not None:
        marks["link"] = {"href": piece["link"]}
    if span:
        marks["span"] = {"data": span}
    for number, line in enumerate(piece["text"].split("\n")):
        if number:
            yield Node(BREAK, {}, ())
        if line:
            yield Span(line, marks)


def _extra(value: Mapping[str, Any], own_keys: Sequence[str]) -> dict[str, Any] | None:
    return {key: item for key, item in value.items() if key not in own_keys} or None


def _present(**attributes: Any) -> dict[str, Any]:
    return {name: value for name, value in attributes.items() if value is not None}
