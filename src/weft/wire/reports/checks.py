"""Checks that JSON is a report: shapes of known blocks, ids, links, and limits of sizes. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, cast

import msgspec

from weft.errors import ConfigError, LimitExceeded
from weft.wire.reports.blocks import OBJECT_BLOCKS, TEXT_BLOCKS, Block, Inline
from weft.wire.reports.inline import INLINE_KINDS, MAX_TEXT_CHARS, TextRun, is_safe_link

SCHEMA: Final = 1
"""Number of the schema of text blocks: of nodes and marks in the Yjs document. A page that knows
only a lower number than the document's may not write, as it would delete what it doesn't know."""

MAX_DOCUMENT_BYTES: Final = 4 << 20
"""Largest document, as JSON."""

MAX_OBJECT_BYTES: Final = 512 << 10
"""Largest block of panels, image or card, as JSON."""

MAX_EXTRA_BYTES: Final = 64 << 10
"""Most bytes of unknown keys of a block or a piece of text."""

MAX_BLOCKS: Final = 20_000
"""Most blocks, with those inside of others. A report of 200 pages has 3,000."""

MAX_DEPTH: Final = 16
"""Deepest nesting of blocks. A list in a list takes two levels."""

MAX_META_BYTES: Final = 64 << 10
MAX_TITLE_CHARS: Final = 512
MAX_DESCRIPTION_CHARS: Final = 4096

_ID: Final = re.compile("[A-Za-z0-9_-]{1,64}")
_URL_KEYS: Final = ("url", "link")


class DocumentCheck:
    """Counts and checks the blocks of one document.

    >>> DocumentCheck().check_blocks([{"id": "a", "kind": "paragraph", "text": [{"text": "x"}]}])
    >>> DocumentCheck().check_blocks([{"id": "a", "kind": "heading", "level": 9}])
    Traceback (most recent call last):
    weft.errors.ConfigError: block 'a' is invalid: Expected `int` <= 6 - at `$.level`
    """

    def __init__(self) -> None:
        self._ids: set[str] = set()
        self._n_blocks = 0

    def check_blocks(self, blocks: object) -> None:
        """Check the blocks of a document; ConfigError names the first that is invalid."""
        for block in _list_of_objects(blocks, "blocks"):
            self.check_block(block)

    def check_block(self, block: Block) -> None:
        """Check a block of the top level, which has an id that no other one has."""
        id_ = block.get("id")
        if not isinstance(id_, str) or not _ID.fullmatch(id_):
            raise ConfigError(
                f"invalid block id {id_!r:.80}: it has 1 to 64 letters, digits, `-` and `_`"
            )
        if id_ in self._ids:
            raise ConfigError(f"two blocks have the id {id_!r}")
        self._ids.add(id_)
        self._check(block, f"block {id_!r}", 1)

    def _check(self, block: Block, name: str, depth: int) -> None:
        self._n_blocks += 1
        if self._n_blocks > MAX_BLOCKS:
            raise LimitExceeded(f"the report has more than {MAX_BLOCKS} blocks")
        if depth > MAX_DEPTH:
            raise LimitExceeded(f"{name} is nested more than {MAX_DEPTH} levels deep")
        kind = block.get("kind")
        if not isinstance(kind, str) or not 0 < len(kind) <= 64:
            raise ConfigError(f"{name} has no kind")
        shape = TEXT_BLOCKS.get(kind) or OBJECT_BLOCKS.get(kind)
        if shape is not None:
            _convert(block, shape, name)
        if kind not in TEXT_BLOCKS:
            id_ = block.get("id")
            if not isinstance(id_, str) or not _ID.fullmatch(id_):
                raise ConfigError(f"{name} contains a block of the kind {kind!r} without an id")
            check_size(block, MAX_OBJECT_BYTES, name)
            _check_urls(block, name)
            return
        own = {key: value for key, value in block.items() if key not in _PARTS}
        check_size(own, MAX_TEXT_CHARS * 4 + MAX_EXTRA_BYTES, name)
        for key in ("text", "summary"):
            if key in block and key in shape_fields(kind):
                check_text(block[key], name)
        for child in children_of(block):
            self._check(child, name, depth + 1)


_PARTS: Final = frozenset({"text", "summary", "blocks", "items", "rows", "columns"})


def shape_fields(kind: str) -> tuple[str, ...]:
    """The keys that a kind of text block knows.

    >>> shape_fields("heading")
    ('level', 'text')
    """
    return TEXT_BLOCKS[kind].__struct_fields__


def children_of(block: Block) -> list[Block]:
    """The blocks inside of a text block, through its items, cells and columns.

    >>> item = {"blocks": [{"kind": "paragraph"}]}
    >>> children_of({"kind": "list", "style": "bullet", "items": [item]})
    [{'kind': 'paragraph'}]
    """
    match block["kind"]:
        case "list":
            parts = block["items"]
        case "table":
            parts = [cell for row in block["rows"] for cell in row["cells"]]
        case "columns":
            parts = block["columns"]
        case "quote" | "callout" | "collapsible":
            parts = [block]
        case _:
            parts = []
    return [child for part in parts for child in part["blocks"]]


def check_text(text: object, name: str) -> None:
    """Check the text of a block, which errors call `name`."""
    n_chars = 0
    for piece in _list_of_objects(text, f"the text of {name}"):
        n_chars += _check_piece(piece, name)
    if n_chars > MAX_TEXT_CHARS:
        raise LimitExceeded(f"the text of {name} has more than {MAX_TEXT_CHARS} characters")


def check_meta(meta: Mapping[str, Any]) -> None:
    """Check what a document has next to its blocks: title, description, width."""
    title, description = meta.get("title", ""), meta.get("description", "")
    if not isinstance(title, str) or len(title) > MAX_TITLE_CHARS or "\n" in title:
        raise ConfigError(f"title must be a line of at most {MAX_TITLE_CHARS} characters")
    if not isinstance(description, str) or len(description) > MAX_DESCRIPTION_CHARS:
        raise ConfigError(f"description must be at most {MAX_DESCRIPTION_CHARS} characters")
    if not isinstance(meta.get("width", "readable"), str):
        raise ConfigError("width must be `readable`, `fixed` or `full`")
    check_size(meta, MAX_META_BYTES, "what is next to the blocks")


def _check_piece(piece: Inline, name: str) -> int:
    """Check a run of text or an inline object, and return its number of characters."""
    kind = piece.get("kind")
    check_size(piece, MAX_TEXT_CHARS * 4 + MAX_EXTRA_BYTES, name)
    if kind is None:
        _convert(piece, TextRun, name)
        link = piece.get("link")
        if link is not None and not is_safe_link(link):
            raise ConfigError(f"{name} has a link that is no address of a page: {link!r:.80}")
        return len(piece["text"])
    if not isinstance(kind, str) or not 0 < len(kind) <= 64:
        raise ConfigError(f"{name} has an inline object without a kind")
    shape = INLINE_KINDS.get(kind)
    if shape is not None:
        _convert(piece, shape, name)
    _check_urls(piece, name)
    return 1


def _convert(value: object, shape: type[Any], name: str) -> None:
    try:
        msgspec.convert(value, shape)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{name} is invalid: {error}") from None


def check_size(value: object, limit: int, name: str) -> None:
    """Refuse a value that is not JSON, or has more bytes as JSON than a limit."""
    try:
        n_bytes = len(msgspec.json.encode(value))
    except (RecursionError, TypeError, ValueError):
        raise ConfigError(f"{name} is not JSON") from None
    if n_bytes > limit:
        raise LimitExceeded(f"{name} has {n_bytes} bytes as JSON, more than {limit}")


def _check_urls(value: Mapping[str, Any], name: str) -> None:
    for key in _URL_KEYS:
        url = value.get(key)
        if isinstance(url, str) and not is_safe_link(url):
            raise ConfigError(f"{name} has a {key} that is no address of a page: {url!r:.80}")


def _list_of_objects(value: object, name: str) -> list[dict[str, Any]]:
    if not isinstance(value, list) or not all(
        isinstance(item, dict) for item in cast("list[Any]", value)
    ):
        raise ConfigError(f"{name} must be a list of objects")
    return cast("list[dict[str, Any]]", value)
