"""Blocks of a report: W&B's by `type`, and weft's by kind. Pure.

A block of W&B that weft has no kind for is an object that holds it whole, of the kind
`wandb-TYPE`; one of weft's that W&B has no type for is a block of the type `weft-block`, which
W&B's client stores whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, Final, cast

from weft.errors import ConfigError, CorruptLog, LimitExceeded
from weft.server.services.reports import clean_document
from weft.wandb_gateway.reports.exact_json import (
    UNEXPECTED,
    as_stored,
    read_exact_or_none,
    write_exact,
    write_sorted,
)
from weft.wandb_gateway.reports.foreign import MEMBER, noted, restored
from weft.wandb_gateway.reports.grids import block_of_grid, grid_of, is_grid
from weft.wandb_gateway.reports.inline import children_of_pieces, pieces_of, plain_text_of
from weft.wire.reports.checks import DocumentCheck
from weft.wire.reports.inline import is_safe_link

Json = dict[str, Any]

ID: Final = "weftId"
"""The key with a block's id of weft's, in specs that clients do not see."""

WEFT_BLOCK: Final = "weft-block"

_WHOLE_PREFIX: Final = "wandb-"
_TEXT_ITEM: Final = frozenset({"paragraph", "default"})
_HIDDEN: Final = "collapsedChildren"
_VOID: Final[Sequence[Json]] = ({"text": ""},)


def block_of(source: Mapping[str, Any], new_id: Iterator[str]) -> Json:
    """The block of weft for one of W&B's; ids come from the source, else from `new_id`."""
    own = {key: value for key, value in source.items() if key != ID}
    id_ = source.get(ID) or next(new_id)
    try:
        content = _known_block(own, new_id)
    except UNEXPECTED:
        content = None
    block = None if content is None else _as_read({**content, "id": id_})
    return _whole(own, id_) if block is None else _noted(block, own)


def _as_read(block: Json) -> Json | None:
    """A block as it will be read from a draft; None if weft does not take it."""
    try:
        stored = as_stored(block)
        DocumentCheck().check_block(stored)
        (read,) = clean_document({"blocks": [stored]})["blocks"]
    except (ConfigError, CorruptLog, LimitExceeded):
        return None
    return read


def _noted(block: Json, own: Json) -> Json:
    """A block with its foreign parts; the blocks in it have their own."""
    if block["kind"] == "collapsible" and own.get("type") == "heading":
        own = {**own, _HIDDEN: []}
        ours = _known_source(block)
    else:
        ours = source_of_block(block, hides_ids=True)
    complete = noted(block, ours, own)
    return block if complete is block else _as_read(complete) or _whole(own, block["id"])


def source_of_block(block: Mapping[str, Any], *, hides_ids: bool) -> Json:
    """The block as W&B's client writes it; not `hides_ids`: with the ids of weft's."""
    source = _source_of(block, hides_ids=hides_ids)
    return source if hides_ids else {**source, ID: block["id"]}


def _source_of(block: Mapping[str, Any], *, hides_ids: bool) -> Json:
    kind: str = block["kind"]
    if kind == "grid" and _as_markdown(block) is None:
        return block_of_grid(block)
    whole = read_exact_or_none(block.get("json")) if kind.startswith(_WHOLE_PREFIX) else None
    if isinstance(whole, dict):
        return cast("Json", whole)
    ours = _known_source(block)
    if ours is None:
        content = {key: value for key, value in block.items() if key != "id"}
        return {"type": WEFT_BLOCK, "content": write_sorted(content), "children": list(_VOID)}
    restored_source = restored(block, ours)
    if kind == "collapsible":
        children = [source_of_block(child, hides_ids=hides_ids) for child in block["blocks"]]
        restored_source[_HIDDEN] = children
    return restored_source


def _known_block(source: Mapping[str, Any], new_id: Iterator[str]) -> Json | None:
    children = source.get("children")
    match source.get("type"):
        case "paragraph" | "default":
            return {"kind": "paragraph", "text": pieces_of(children)}
        case "heading":
            return _heading_of(source, new_id)
        case "list":
            return _list_of(source)
        case "code-block":
            lines = [plain_text_of(line.get("children")) for line in _objects(children)]
            language = source.get("language")
            named = {"language": language} if isinstance(language, str) else {}
            return {"kind": "code", "code": "\n".join(lines), **named}
        case "latex" if isinstance(source.get("content"), str):
            return {"kind": "math", "latex": source["content"]}
        case "markdown-block" if isinstance(source.get("content"), str):
            return _markdown_grid(source["content"])
        case "callout-block":
            lines = [pieces_of(line.get("children")) for line in _objects(children)]
            return {"kind": "callout", "blocks": [_paragraph(line) for line in lines]}
        case "block-quote":
            return {"kind": "quote", "blocks": [_paragraph(pieces_of(children))]}
        case "image" | "video" as kind if _is_url(source.get("url")):
            caption = plain_text_of(children)[:4096] if kind == "image" else ""
            return {"kind": kind, "url": source["url"]} | ({"caption": caption} if caption else {})
        case "horizontal-rule":
            return {"kind": "divider"}
        case "table-of-contents":
            return {"kind": "contents"}
        case "panel-grid" if is_grid(source):
            return grid_of(source)
        case "weft-block":
            content = read_exact_or_none(source.get("content"))
            is_block = isinstance(content, dict) and "kind" in content
            return cast("Json", content) if is_block else None
        case _:
            return None


def _known_source(block: Mapping[str, Any]) -> Json | None:
    match block["kind"]:
        case "paragraph":
            return {"type": "paragraph", "children": children_of_pieces(block.get("text", ()))}
        case "heading":
            return _source_of_heading(block, block.get("text", ()))
        case "collapsible":
            return _source_of_heading(block, block["summary"])
        case "list":
            return _source_of_list(block)
        case "code":
            return _source_of_code(block)
        case "math":
            content = block["latex"]
            return {"type": "latex", "children": list(_VOID), "content": content, "block": True}
        case "grid":
            content = _as_markdown(block)
            return {"type": "markdown-block", "children": list(_VOID), "content": content}
        case "callout" if (texts := _texts(block)) is not None:
            lines = [{"type": "callout-line", "children": text} for text in texts]
            return {"type": "callout-block", "children": lines}
        case "quote" if (texts := _texts(block)) is not None and len(texts) == 1:
            return {"type": "block-quote", "children": texts[0]}
        case "image" if "url" in block:
            children = [{"text": block.get("caption", "")}]
            return {"type": "image", "children": children, "url": block["url"], "hasCaption": True}
        case "video":
            return {"type": "video", "url": block["url"], "children": list(_VOID)}
        case "divider":
            return {"type": "horizontal-rule", "children": list(_VOID)}
        case "contents":
            return {"type": "table-of-contents", "children": list(_VOID)}
        case _:
            return None


def _heading_of(source: Mapping[str, Any], new_id: Iterator[str]) -> Json | None:
    level = source.get("weftLevel", source.get("level", 1))
    if level not in range(1, 7):
        return None
    text = pieces_of(source.get("children"))
    hidden = source.get(_HIDDEN)
    if hidden is None:
        return {"kind": "heading", "level": int(level), "text": text}
    if not isinstance(hidden, list) or len(_objects(hidden)) != len(cast("list[Any]", hidden)):
        return None
    blocks = [block_of(child, new_id) for child in _objects(hidden)]
    return {"kind": "collapsible", "summary": text, "blocks": blocks, "level": int(level)}


def _source_of_heading(block: Mapping[str, Any], text: Sequence[Json]) -> Json:
    level = block.get("level", 3)
    source: Json = {"type": "heading", "children": children_of_pieces(text)}
    if block["kind"] == "collapsible":
        source[_HIDDEN] = []
    source["level"] = min(level, 3)
    return source | ({"weftLevel": level} if level > 3 else {})


def _list_of(source: Mapping[str, Any]) -> Json:
    items = _objects(source.get("children"))
    style = "ordered" if source.get("ordered") else "bullet"
    if any("checked" in item for item in items):
        style = "check"
    return {"kind": "list", "style": style, "items": [_item_of(item, style) for item in items]}


def _item_of(item: Mapping[str, Any], style: str) -> Json:
    """An item: text, or paragraphs and lists."""
    blocks: list[Json] = []

    def is_block(child: Mapping[str, Any]) -> bool:
        return child.get("type") in _TEXT_ITEM or child.get("type") == "list"

    for are_blocks, group in groupby(_objects(item.get("children")), is_block):
        children = list(group)
        if not are_blocks:
            blocks.append(_paragraph(pieces_of(children)))
            continue
        for child in children:
            is_list = child["type"] == "list"
            text = {} if is_list else _paragraph(pieces_of(child.get("children")))
            blocks.append(_list_of(child) if is_list else text)
    checked = {"checked": item.get("checked") is True} if style == "check" else {}
    return {"blocks": blocks or [_paragraph([])], **checked}


def _source_of_list(block: Mapping[str, Any]) -> Json | None:
    style = block["style"]
    items: list[Json] = []
    for item in block["items"]:
        children = _children_of_item(item["blocks"])
        if children is None:
            return None
        source: Json = {"type": "list-item", "children": children}
        if style == "ordered":
            source["ordered"] = True
        if style == "check":
            source["checked"] = bool(item.get("checked"))
        items.append(source)
    ordered = {"ordered": True} if style == "ordered" else {}
    return {"type": "list", "children": items, **ordered}


def _children_of_item(blocks: Sequence[Json]) -> list[Json] | None:
    children: list[Json] = []
    for block in blocks:
        if block["kind"] == "paragraph":
            text = children_of_pieces(block.get("text", ()))
            children.append({"type": "paragraph", "children": text})
        elif block["kind"] == "list" and (nested := _source_of_list(block)) is not None:
            children.append(nested)
        else:
            return None
    return children


def _source_of_code(block: Mapping[str, Any]) -> Json:
    language = block.get("language")
    own_language = {} if language is None else {"language": language}
    line = {"type": "code-line", "children": [{"text": block["code"]}], **own_language}
    return {"type": "code-block", "children": [line], **own_language}


def _markdown_grid(text: str) -> Json:
    """A block of Markdown is a grid of one text panel, which weft can draw."""
    height = min(_HEAD_PX + _LINE_PX * (text.count("\n") + 1), _MOST_PX)
    panel = {"kind": "markdown", "options": {"text": text}, "span": 12, "height": height}
    return {"kind": "grid", "runSets": {}, "panels": {"text": panel}, _MARKDOWN: True}


_MARKDOWN: Final = f"{MEMBER}Markdown"

_HEAD_PX: Final = 64
_LINE_PX: Final = 24
_MOST_PX: Final = 600
"""Heights of a text panel, which scrolls."""


def _as_markdown(block: Mapping[str, Any]) -> str | None:
    """The text of a grid that stands for a block of Markdown; None of another grid."""
    panels = list(cast("dict[str, Json]", block.get("panels", {})).values())
    if not block.get(_MARKDOWN) or len(panels) != 1 or panels[0]["kind"] != "markdown":
        return None
    return panels[0].get("options", {}).get("text", "")


def _texts(block: Mapping[str, Any]) -> list[list[Json]] | None:
    """The children of plain paragraphs in a block; None if it has other blocks."""
    blocks = cast("list[Json]", block["blocks"])
    if any(child["kind"] != "paragraph" for child in blocks):
        return None
    return [children_of_pieces(child.get("text", ())) for child in blocks]


def _paragraph(pieces: list[Json]) -> Json:
    return {"kind": "paragraph", "text": pieces}


def _whole(source: Json, id_: str) -> Json:
    name = str(source.get("type") or "block")[:50]
    return {"id": id_, "kind": f"{_WHOLE_PREFIX}{name}", "json": write_exact(source)}


def _is_url(value: Any) -> bool:
    return isinstance(value, str) and is_safe_link(value)


def _objects(value: Any) -> list[Json]:
    items = cast("list[Any]", value) if isinstance(value, list) else []
    return [cast("Json", item) for item in items if isinstance(item, Mapping)]
