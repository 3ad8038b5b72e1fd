"""Reads the Yjs document of a report as nodes and JSON, and checks what pages changed of it.

Uses the types of `pycrdt` that are below its own Python classes: 3,000 blocks take 30 ms instead
of 80.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final, cast

from pycrdt import Doc, XmlFragment
from pycrdt import Map as SharedMap
from pycrdt._pycrdt import XmlElement, XmlText

from weft.errors import ConfigError, LimitExceeded
from weft.server.services.reports.blocks import block_of
from weft.server.services.reports.nodes import (
    MARK_NAMES,
    NODES,
    Node,
    Span,
    Text,
)
from weft.wire.reports.blocks import GRID, Block
from weft.wire.reports.checks import (
    MAX_BLOCKS,
    MAX_DEPTH,
    MAX_EXTRA_BYTES,
    MAX_META_BYTES,
    MAX_OBJECT_BYTES,
    MAX_TEXT_CHARS,
    SCHEMA,
    check_size,
)

TEXT: Final = "text"
GRIDS: Final = "grids"
BLOCKS: Final = "blocks"
META: Final = "meta"
ROOTS: Final = frozenset({TEXT, GRIDS, BLOCKS, META})

_MAX_NODE_DEPTH: Final = 4 * MAX_DEPTH
"""A block in a list in JSON is three nodes deep: list, item, block."""

_MAX_NAME_CHARS: Final = 64

_NO_MARKS: Final[Mapping[str, Any]] = {}


def fragment_of(doc: Doc[Any]) -> XmlFragment:
    return doc.get(TEXT, type=XmlFragment)


def map_of(doc: Doc[Any], root: str) -> SharedMap[Any]:
    return doc.get(root, type=SharedMap)


def root_of_kind(kind: str) -> str:
    """The map that has the contents of objects of a kind."""
    return GRIDS if kind == GRID else BLOCKS


def read_blocks(doc: Doc[Any]) -> list[Block]:
    """The blocks of a document as JSON, each with an id of its own."""
    nodes = read_nodes(doc)
    contents = {root: read_map(map_of(doc, root)) for root in (GRIDS, BLOCKS)}

    def content_of(kind: str, id_: str) -> Mapping[str, Any] | None:
        content = contents[root_of_kind(kind)].get(id_)
        return cast("Mapping[str, Any]", content) if isinstance(content, dict) else None

    return _with_ids([block_of(node, content_of) for node in nodes])


def read_meta(doc: Doc[Any]) -> dict[str, Any]:
    """Title, description, width, and what other programs noted next to the blocks."""
    return read_map(map_of(doc, META))


def schema_of(meta: Mapping[str, Any]) -> int:
    """The schema number of a document; one without it has the first."""
    number = meta.get("schema")
    return number if isinstance(number, int) and number > 0 else SCHEMA


def read_map(shared: SharedMap[Any]) -> dict[str, Any]:
    """A map of a document as JSON."""
    with shared.doc.transaction() as transaction:
        text = shared.integrated.to_json(_raw(transaction))
    return cast("dict[str, Any]", _plain(json.loads(text)))


def read_nodes(doc: Doc[Any]) -> list[Node]:
    """The top-level nodes of a document."""
    fragment = fragment_of(doc)
    with doc.transaction() as transaction:
        raw = _raw(transaction)
        return [
            _node(child, raw)
            for child in fragment.integrated.children(raw)
            if isinstance(child, XmlElement)
        ]


def check_roots(doc: Doc[Any]) -> None:
    """Check that a document has no roots but its own, and no more nodes than allowed."""
    unknown = {str(key) for key in doc.keys()} - ROOTS  # noqa: SIM118 (no dict)
    if unknown:
        raise ConfigError(f"the document has an unknown part {min(unknown)!r:.80}")
    fragment = fragment_of(doc)
    with doc.transaction() as transaction:
        n_nodes = fragment.integrated.len(_raw(transaction))
    if n_nodes > MAX_BLOCKS:
        raise LimitExceeded(f"the report has more than {MAX_BLOCKS} blocks")


def check_nodes(doc: Doc[Any], positions: Iterable[int] | None = None) -> None:
    """Check top-level nodes of a document and what is in them: names of nodes and marks, sizes and
    depth. None for `positions`: all of them.
    """
    fragment = fragment_of(doc)
    with doc.transaction() as transaction:
        raw = _raw(transaction)
        children = fragment.integrated.children(raw)
        if len(children) != fragment.integrated.len(raw):
            raise ConfigError("the document has something at its top level that is no block")
        for position in range(len(children)) if positions is None else positions:
            if position >= len(children):
                continue
            if not isinstance(children[position], XmlElement):
                raise ConfigError("the document has text at its top level, outside of a block")
            _check(children[position], raw, 1)


def check_map(doc: Doc[Any], root: str, keys: Iterable[str] | None = None) -> None:
    """Check entries of a map of a document: sizes, and that they are JSON."""
    shared = map_of(doc, root)
    content = read_map(shared)
    if root == META:
        _check_bytes(content, MAX_META_BYTES, "what is next to the blocks")
        return
    for key in content if keys is None else keys:
        if key in content:
            if not isinstance(content[key], dict):
                raise ConfigError(f"the content of block {key!r:.80} is no object")
            _check_bytes(content[key], MAX_OBJECT_BYTES, f"block {key!r:.80}")
    if len(content) > MAX_BLOCKS:
        raise LimitExceeded(f"the report has more than {MAX_BLOCKS} blocks")


def _check(child: Any, raw: Any, depth: int) -> None:
    if not isinstance(child, XmlElement):
        if not isinstance(child, XmlText):
            raise ConfigError("the document has something that is neither a node nor text")
        _check_text(child, raw)
        return
    name = _tag(child)
    if name not in NODES:
        raise ConfigError(f"unknown node {name!r:.80}: this server knows schema {SCHEMA}")
    if depth > _MAX_NODE_DEPTH:
        raise LimitExceeded(f"the report is nested more than {_MAX_NODE_DEPTH} nodes deep")
    for key, value in child.attributes(raw):
        if len(key) > _MAX_NAME_CHARS:
            raise LimitExceeded(f"an attribute of {name} has a name of {len(key)} characters")
        _check_bytes(value, MAX_EXTRA_BYTES, f"attribute {key} of {name}")
    children = child.children(raw)
    if len(children) != child.len(raw):
        raise ConfigError(f"a {name} has something in it that is neither a node nor text")
    for grandchild in children:
        _check(grandchild, raw, depth + 1)


def _check_text(text: XmlText, raw: Any) -> None:
    n_chars = 0
    for characters, marks in text.diff(raw):
        if not isinstance(characters, str):
            raise ConfigError("a text has something in it that is no character")
        n_chars += len(characters)
        for name, value in (marks or _NO_MARKS).items():
            if name not in MARK_NAMES:
                raise ConfigError(f"unknown mark {name!r:.80}: this server knows schema {SCHEMA}")
            _check_bytes(value, MAX_EXTRA_BYTES, f"mark {name}")
    if n_chars > MAX_TEXT_CHARS:
        raise LimitExceeded(f"a text has more than {MAX_TEXT_CHARS} characters")


def _check_bytes(value: object, limit: int, name: str) -> None:
    if not isinstance(value, str):
        check_size(value, limit, name)
    elif 4 * len(value) > limit:  # the most bytes that a text may take
        raise LimitExceeded(f"{name} has more than {limit} bytes")


def _node(element: XmlElement, raw: Any) -> Node:
    attributes = {key: _plain(value) for key, value in element.attributes(raw)}
    children: list[Node | Text] = []
    for child in element.children(raw):
        if isinstance(child, XmlElement):
            children.append(_node(child, raw))
        elif isinstance(child, XmlText):
            spans = tuple(
                Span(characters, _marks(marks))
                for characters, marks in child.diff(raw)
                if isinstance(characters, str) and characters
            )
            children.append(Text(spans))
    return Node(_tag(element), attributes, tuple(children))


def _marks(marks: Mapping[str, Any] | None) -> Mapping[str, Mapping[str, Any]]:
    if not marks:
        return _NO_MARKS
    return {
        name: cast("Mapping[str, Any]", _plain(value)) if isinstance(value, dict) else _NO_MARKS
        for name, value in marks.items()
        if value is not None
    }


def _plain(value: Any) -> Any:
    """A value of a Yjs document as JSON: whole numbers are ints there, and none is NaN."""
    if isinstance(value, float):
        if value.is_integer() and abs(value) < 2**53:
            return int(value)
        return value if -float("inf") < value < float("inf") else None
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in cast("dict[Any, Any]", value).items()}
    if isinstance(value, list):
        return [_plain(item) for item in cast("list[Any]", value)]
    return value


def _tag(element: Any) -> str:
    return str(element.tag())


def _raw(transaction: Any) -> Any:
    return transaction._txn  # noqa: SLF001


def _with_ids(blocks: list[Block]) -> list[Block]:
    """Blocks whose ids are unique: the copy of a block gets its own, as does one without."""
    used: set[str] = set()
    for number, block in enumerate(blocks, 1):
        id_ = block.get("id") or f"block-{number}"
        candidate, suffix = id_, 2
        while candidate in used:
            candidate, suffix = f"{id_}-{suffix}", suffix + 1
        used.add(candidate)
        if block.get("id") != candidate:
            blocks[number - 1] = {"id": candidate, **{k: v for k, v in block.items() if k != "id"}}
    return blocks
