"""Blocks of reports. Each keeps what its JSON has beyond the attributes of its class."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, cast

from weft.sdk.reports.text import TextLike, from_pieces, to_pieces

Json = dict[str, Any]


def new_block_id() -> str:
    """A random id of a block, a panel or a run set."""
    return os.urandom(6).hex()


@dataclass
class Block:
    """A block of a report.

    Args:
        id: where links to the block end; a block with the same id is changed in place when the
            report is saved again. Defaults to a new one.
    """

    own_keys: ClassVar[tuple[str, ...]] = ()
    """The keys of its JSON that attributes tell. Others are stored unchanged."""

    id: str = field(default="", kw_only=True)

    def __post_init__(self) -> None:
        self.id = self.id or new_block_id()
        self._source: Json = {}
        self._first: Json = {}

    def content(self) -> Json:
        """The JSON of the attributes, but for the id."""
        raise NotImplementedError

    def to_json(self) -> Json:
        """The block as JSON. One that was loaded and not changed is as it was."""
        content = {"id": self.id, **self.content()}
        if self._source and content == self._first:
            return self._source
        others = {key: value for key, value in self._source.items() if key not in self.own_keys}
        return {**others, **content}

    def loaded(self, source: Json) -> Block:
        """Note the JSON that the block was loaded from."""
        self._source = source
        self._first = {"id": self.id, **self.content()}
        return self


@dataclass
class UnknownBlock(Block):
    """A block of a kind that this module has no class for, or with contents that the class can't
    have, as its JSON.
    """

    data: Mapping[str, Any] | None = None

    def content(self) -> Json:
        return {key: value for key, value in (self.data or {}).items() if key != "id"}


@dataclass
class P(Block):
    """A paragraph.

    >>> P("Loss falls.").content()
    {'kind': 'paragraph', 'text': [{'text': 'Loss falls.'}]}
    """

    own_keys = ("text",)
    text: TextLike = ""

    def content(self) -> Json:
        return {"kind": "paragraph", "text": to_pieces(self.text)}


@dataclass
class Heading(Block):
    """A heading of a level from 1 to 6."""

    own_keys = ("text", "level")
    text: TextLike = ""
    level: int = 1

    def content(self) -> Json:
        return {"kind": "heading", "level": self.level, "text": to_pieces(self.text)}


@dataclass
class H1(Heading):
    """A heading of the first level."""

    level: int = field(default=1, init=False)


@dataclass
class H2(Heading):
    """A heading of the second level."""

    level: int = field(default=2, init=False)


@dataclass
class H3(Heading):
    """A heading of the third level."""

    level: int = field(default=3, init=False)


@dataclass
class UnorderedList(Block):
    """A list with bullets; each item is a text."""

    style: ClassVar[str] = "bullet"
    own_keys = ("style", "items")
    items: Sequence[TextLike] = ()

    def content(self) -> Json:
        items = [{"blocks": [_paragraph(item)]} for item in self.items]
        return {"kind": "list", "style": self.style, "items": items}


@dataclass
class OrderedList(UnorderedList):
    """A list with numbers."""

    style: ClassVar[str] = "ordered"


@dataclass
class CheckedListItem:
    """An item of a `CheckedList`."""

    text: TextLike
    checked: bool = False


@dataclass
class CheckedList(Block):
    """A list whose items can be ticked off.

    >>> CheckedList([CheckedListItem("train", checked=True)]).content()["items"][0]["checked"]
    True
    """

    own_keys = ("style", "items")
    items: Sequence[CheckedListItem] = ()

    def content(self) -> Json:
        items = [
            {"blocks": [_paragraph(item.text)], "checked": item.checked} for item in self.items
        ]
        return {"kind": "list", "style": "check", "items": items}


@dataclass
class BlockQuote(Block):
    """A quotation."""

    own_keys = ("blocks",)
    text: TextLike = ""

    def content(self) -> Json:
        return {"kind": "quote", "blocks": [_paragraph(self.text)]}


@dataclass
class CalloutBlock(Block):
    """A text in a box."""

    own_keys = ("blocks", "tone")
    text: TextLike = ""
    tone: str = "info"

    def content(self) -> Json:
        return {"kind": "callout", "tone": self.tone, "blocks": [_paragraph(self.text)]}


@dataclass
class CodeBlock(Block):
    """Code on lines of its own."""

    own_keys = ("code", "language")
    code: str = ""
    language: str | None = "python"

    def content(self) -> Json:
        language = {} if self.language is None else {"language": self.language}
        return {"kind": "code", "code": self.code, **language}


@dataclass
class LatexBlock(Block):
    """A formula on a line of its own."""

    own_keys = ("latex",)
    text: str = ""

    def content(self) -> Json:
        return {"kind": "math", "latex": self.text}


@dataclass
class Image(Block):
    """An image at an address, or of a file.

    Args:
        url: its address. Of another host, readers see a link.
        caption: the text below it.
        path: a PNG, JPEG, GIF or WebP file in place of an address. The report stores it when it
            is saved.

    Attributes:
        sha256: the hash of the image that the report has; None before a file is stored.

    >>> Image(path="roc.png", caption="ROC").to_json()["kind"]
    'image'
    """

    own_keys = ("url", "sha256", "caption")
    url: str = ""
    caption: str = ""
    path: str | os.PathLike[str] | None = field(default=None, kw_only=True)
    sha256: str | None = field(default=None, kw_only=True)

    def content(self) -> Json:
        source = {"url": self.url} if self.path is None and self.sha256 is None else {}
        hashed = {} if self.sha256 is None else {"sha256": self.sha256}
        return {"kind": "image", **source, **hashed} | _unless_empty("caption", self.caption)


@dataclass
class Video(Block):
    """A video at an address."""

    own_keys = ("url", "caption")
    url: str = ""
    caption: str = ""

    def content(self) -> Json:
        return {"kind": "video", "url": self.url} | _unless_empty("caption", self.caption)


@dataclass
class HorizontalRule(Block):
    """A line across the page."""

    def content(self) -> Json:
        return {"kind": "divider"}


@dataclass
class TableOfContents(Block):
    """The headings of the report, as links."""

    def content(self) -> Json:
        return {"kind": "contents"}


def block_from_json(source: Mapping[str, Any]) -> Block:
    """The block of JSON, but for panel grids.

    >>> block_from_json({"id": "a", "kind": "heading", "level": 2, "text": [{"text": "Results"}]})
    H2(id='a', text='Results', level=2)
    """
    block = _known_block(source)
    unknown = UnknownBlock(dict(source), id=str(source.get("id", "")))
    return (block or unknown).loaded(dict(source))


def image_hashes(value: Any) -> list[str]:
    """The hashes of the images among blocks, each once.

    >>> image_hashes([{"kind": "columns", "columns": [[{"kind": "image", "sha256": "ab"}]]}])
    ['ab']
    """
    parts: list[Any] = []
    if isinstance(value, list):
        parts = cast("list[Any]", value)
    elif isinstance(value, dict):
        item = cast("Json", value)
        if item.get("kind") == "image" and "sha256" in item:
            return [item["sha256"]]
        parts = list(item.values())
    return list(dict.fromkeys(sha256 for part in parts for sha256 in image_hashes(part)))


def _known_block(source: Mapping[str, Any]) -> Block | None:
    id_ = str(source["id"])
    match source.get("kind"):
        case "paragraph":
            return P(from_pieces(source.get("text", ())), id=id_)
        case "heading":
            text, level = from_pieces(source.get("text", ())), source["level"]
            classes: dict[int, type[H1 | H2 | H3]] = {1: H1, 2: H2, 3: H3}
            heading = classes.get(level)
            return Heading(text, level, id=id_) if heading is None else heading(text, id=id_)
        case "list":
            return _list(source, id_)
        case "quote":
            text = _only_text(source)
            return None if text is None else BlockQuote(text, id=id_)
        case "callout":
            text = _only_text(source)
            return None if text is None else CalloutBlock(text, source.get("tone", "info"), id=id_)
        case "code":
            return CodeBlock(source["code"], source.get("language"), id=id_)
        case "math":
            return LatexBlock(source["latex"], id=id_)
        case "image" if "url" in source or "sha256" in source:
            return Image(
                source.get("url", ""),
                source.get("caption", ""),
                sha256=source.get("sha256"),
                id=id_,
            )
        case "video" if "url" in source:
            return Video(source["url"], source.get("caption", ""), id=id_)
        case "divider":
            return HorizontalRule(id=id_)
        case "contents":
            return TableOfContents(id=id_)
        case _:
            return None


def _list(source: Mapping[str, Any], id_: str) -> Block | None:
    """A list whose items are each one text; None for another one."""
    items = cast("list[Json]", source["items"])
    texts = [_only_text(item) for item in items]
    if any(text is None for text in texts) or any(
        set(item) - {"blocks", "checked"} for item in items
    ):
        return None
    plain = cast("list[TextLike]", texts)
    match source["style"]:
        case "check":
            checked = [
                CheckedListItem(text, bool(item.get("checked")))
                for text, item in zip(plain, items, strict=True)
            ]
            return CheckedList(checked, id=id_)
        case "ordered":
            return OrderedList(plain, id=id_)
        case _:
            return UnorderedList(plain, id=id_)


def _only_text(part: Mapping[str, Any]) -> TextLike | None:
    """The text of a part that holds one plain paragraph."""
    blocks = cast("list[Json]", part["blocks"])
    if len(blocks) != 1 or set(blocks[0]) - {"kind", "text"} or blocks[0]["kind"] != "paragraph":
        return None
    return from_pieces(blocks[0].get("text", ()))


def _paragraph(text: TextLike) -> Json:
    return {"kind": "paragraph", "text": to_pieces(text)}


def _unless_empty(key: str, value: str) -> Json:
    return {key: value} if value else {}
