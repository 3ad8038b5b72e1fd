"""Changes the Yjs document of a report so that it says what JSON says, by as little as possible.

Blocks are matched by their ids: equal ones stay as they are, those that changed are changed in
place, a text by the characters between its equal beginning and end. So cursors, comments and what
others are typing elsewhere survive a script that saves the whole report.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from typing import Any, cast

from pycrdt import Doc, XmlElement, XmlText
from pycrdt import Map as SharedMap

from weft.errors import ConfigError
from weft.server.services.reports.blocks import block_of
from weft.server.services.reports.nodes import (
    BLOCK,
    OWN_ATTRIBUTES,
    Node,
    Span,
    Text,
    node_of,
    objects_of,
)
from weft.server.services.reports.yjs_reading import (
    BLOCKS,
    GRIDS,
    META,
    fragment_of,
    map_of,
    read_blocks,
    read_map,
    read_nodes,
    root_of_kind,
)
from weft.wire.reports.blocks import Block
from weft.wire.reports.grids import GRID_PARTS


def write_blocks(doc: Doc[Any], blocks: Sequence[Block]) -> None:
    """Give a document these blocks, whose JSON was checked."""
    before = read_nodes(doc)
    present = {
        block["id"]: (block, node) for block, node in zip(read_blocks(doc), before, strict=True)
    }
    after: list[Node] = []
    for block in blocks:
        old, old_node = present.get(block["id"], (None, None))
        node = node_of(block)
        is_same = old_node is not None and old == _canonical(block, node)
        after.append(old_node if is_same and old_node is not None else node)
    with doc.transaction():
        _write_objects(doc, before, blocks)
        _write_top(fragment_of(doc).children, before, after)


def _canonical(block: Block, node: Node) -> Block:
    """The block as it is read of its node."""
    contents = {id_: content for id_, _, content in objects_of(block)}
    return block_of(node, lambda _, id_: contents.get(id_))


def write_meta(doc: Doc[Any], values: Mapping[str, Any]) -> None:
    """Set values next to the blocks, and leave the others; None removes one."""
    meta = map_of(doc, META)
    with doc.transaction():
        _write_map(meta, read_map(meta), values, is_whole=False)


def _write_objects(doc: Doc[Any], before: Sequence[Node], blocks: Sequence[Block]) -> None:
    objects = {
        (root_of_kind(kind), id_): content
        for block in blocks
        for id_, kind, content in objects_of(block)
    }
    for root in (GRIDS, BLOCKS):
        shared = map_of(doc, root)
        present = read_map(shared)
        for id_ in _object_ids(before):
            if (root, id_) not in objects and id_ in present:
                del shared[id_]
        for (root_of_object, id_), content in objects.items():
            if root_of_object != root:
                continue
            if id_ not in present:
                shared[id_] = SharedMap({})
            part_names = GRID_PARTS if root == GRIDS else ()
            old = present.get(id_)
            _write_object(shared[id_], old if isinstance(old, dict) else {}, content, part_names)


def _object_ids(nodes: Sequence[Node | Text]) -> list[str]:
    ids: list[str] = []
    for node in nodes:
        if isinstance(node, Node):
            id_ = node.attributes.get("id")
            if node.name == BLOCK and isinstance(id_, str):
                ids.append(id_)
            ids += _object_ids(node.children)
    return ids


def storable(value: Any) -> Any:
    """A value of JSON as Yjs has it: whole numbers of more than 64 bits are floats.

    Raises:
        ConfigError: a number is too large for a float.
    """
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        try:
            return float(value)
        except OverflowError:
            raise ConfigError(f"a number has {len(str(abs(value)))} digits") from None
    if isinstance(value, dict):
        return {key: storable(item) for key, item in cast("dict[str, Any]", value).items()}
    if isinstance(value, list):
        return [storable(item) for item in cast("list[Any]", value)]
    return value


def _write_object(
    shared: SharedMap[Any],
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    part_names: Sequence[str],
) -> None:
    """Write the content of an object; its parts are maps of maps."""
    plain = {key: value for key, value in after.items() if key not in part_names}
    _write_map(
        shared, {key: value for key, value in before.items() if key not in part_names}, plain
    )
    for name in part_names:
        old, new = before.get(name) or {}, after.get(name) or {}
        if not new:
            if name in before:
                del shared[name]
            continue
        if name not in before:
            shared[name] = SharedMap({})
        part = shared[name]
        for id_ in old:
            if id_ not in new:
                del part[id_]
        for id_, value in new.items():
            if not isinstance(old.get(id_), dict):
                part[id_] = SharedMap({})
            _write_map(part[id_], old.get(id_) or {}, value)


def _write_map(
    shared: SharedMap[Any],
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    *,
    is_whole: bool = True,
) -> None:
    for key in before:
        if (is_whole and key not in after) or (key in after and after[key] is None):
            del shared[key]
    for key, value in after.items():
        if value is not None and (key not in before or before[key] != value):
            shared[key] = value


def _write_top(children: Any, before: Sequence[Node], after: Sequence[Node]) -> None:
    """Change the top-level nodes: those with the same id stay, in place or moved."""
    stays = _positions(before, after)
    for position in range(len(before) - 1, -1, -1):
        if position not in stays:
            del children[position]
    staying = sorted(stays)
    at_staying = 0
    for position, node in enumerate(after):
        if at_staying < len(staying) and stays[staying[at_staying]] == position:
            _write_node(children, position, before[staying[at_staying]], node)
            at_staying += 1
        else:
            _insert(children, position, node)


def _positions(before: Sequence[Node], after: Sequence[Node]) -> dict[int, int]:
    """Positions before and after of the nodes that stay: the most of one id whose order is the
    same.
    """
    positions = {node.attributes.get("id"): at for at, node in enumerate(before)}
    pairs = [
        (positions[id_], at)
        for at, node in enumerate(after)
        if (id_ := node.attributes.get("id")) in positions
    ]
    return dict(_longest_ascending(pairs))


def _longest_ascending(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest part of pairs whose first members ascend, as the second ones do.

    >>> _longest_ascending([(3, 0), (1, 1), (2, 2), (0, 3)])
    [(1, 1), (2, 2)]
    """
    ends: list[int] = []
    at_end: list[int] = []
    previous: list[int] = []
    for number, (first, _) in enumerate(pairs):
        length = bisect_left(ends, first)
        ends[length:] = [first, *ends[length + 1 :]]
        at_end[length:] = [number, *at_end[length + 1 :]]
        previous.append(at_end[length - 1] if length else -1)
    longest: list[tuple[int, int]] = []
    number = at_end[-1] if at_end else -1
    while number >= 0:
        longest.append(pairs[number])
        number = previous[number]
    return longest[::-1]


def _write_node(siblings: Any, position: int, before: Node, after: Node) -> None:
    """Change a node in place, or replace one of another name."""
    if _normal(before) == _normal(after):
        return
    if before.name != after.name:
        del siblings[position]
        _insert(siblings, position, after)
        return
    element = siblings[position]
    for name in before.attributes:
        if name in OWN_ATTRIBUTES and name not in after.attributes:
            del element.attributes[name]
    for name, value in after.attributes.items():
        if before.attributes.get(name) != value:
            element.attributes[name] = value
    _write_children(element.children, before.children, after.children)


def _write_children(
    children: Any, before: Sequence[Node | Text], after: Sequence[Node | Text]
) -> None:
    """Change what is in a node: between the equal beginning and end, nodes of the same name and
    texts are changed in place, the others replaced.
    """
    n_same = _n_same(before, after)
    n_end = _n_same(before[n_same:][::-1], after[n_same:][::-1])
    old = before[n_same : len(before) - n_end]
    new = after[n_same : len(after) - n_end]
    n_paired = 0
    for left, right in zip(old, new, strict=False):
        if isinstance(left, Text) and isinstance(right, Text):
            _write_text(children[n_same + n_paired], left, right)
        elif isinstance(left, Node) and isinstance(right, Node) and left.name == right.name:
            _write_node(children, n_same + n_paired, left, right)
        else:
            break
        n_paired += 1
    position = n_same + n_paired
    for _ in old[n_paired:]:
        del children[position]
    for offset, child in enumerate(new[n_paired:]):
        _insert(children, position + offset, child)


def _n_same(before: Sequence[Node | Text], after: Sequence[Node | Text]) -> int:
    n_same = 0
    for left, right in zip(before, after, strict=False):
        if _normal(left) != _normal(right):
            break
        n_same += 1
    return n_same


def _normal(child: Node | Text) -> Any:
    """A value that is equal for nodes that read the same."""
    if isinstance(child, Text):
        return ("", [(text, dict(marks)) for text, marks in _joined(child.spans)])
    attributes = {name: value for name, value in child.attributes.items() if value is not None}
    inside = [_normal(inner) for inner in child.children]
    return (child.name, attributes, [value for value in inside if value != ("", [])])


def _joined(spans: Sequence[Span]) -> list[Span]:
    joined: list[Span] = []
    for span in spans:
        if joined and joined[-1].marks == span.marks:
            joined[-1] = Span(joined[-1].text + span.text, span.marks)
        elif span.text:
            joined.append(span)
    return joined


def _write_text(text: XmlText, before: Text, after: Text) -> None:
    """Change a text by the characters between its equal beginning and end."""
    old, new = _characters(before), _characters(after)
    n_same = 0
    while n_same < min(len(old), len(new)) and old[n_same] == new[n_same]:
        n_same += 1
    n_end = 0
    while n_end < min(len(old), len(new)) - n_same and old[-1 - n_end] == new[-1 - n_end]:
        n_end += 1
    begin = _n_bytes(old[:n_same])
    end = begin + _n_bytes(old[n_same : len(old) - n_end])
    if end > begin:
        del text[begin:end]
    _insert_spans(text, begin, _spans(new[n_same : len(new) - n_end]))
    if _joined(_read_spans(text)) != _joined(after.spans):
        text.clear()
        _insert_spans(text, 0, after.spans)


def _characters(text: Text) -> list[tuple[str, Mapping[str, Mapping[str, Any]]]]:
    return [(character, span.marks) for span in text.spans for character in span.text]


def _spans(characters: Sequence[tuple[str, Mapping[str, Mapping[str, Any]]]]) -> list[Span]:
    return _joined([Span(character, marks) for character, marks in characters])


def _n_bytes(characters: Sequence[tuple[str, object]]) -> int:
    # pycrdt counts positions in a text in bytes of UTF-8
    return len("".join(character for character, _ in characters).encode())


def _read_spans(text: XmlText) -> list[Span]:
    return [
        Span(characters, {name: value or {} for name, value in (marks or {}).items()})
        for characters, marks in text.diff()
    ]


def _insert_spans(text: XmlText, position: int, spans: Sequence[Span]) -> None:
    for characters, marks in spans:
        text.insert(position, characters, marks)
        position += len(characters.encode())


def _insert(siblings: Any, position: int, child: Node | Text) -> None:
    if isinstance(child, Text):
        _insert_spans(siblings.insert(position, XmlText("")), 0, child.spans)
        return
    element = siblings.insert(position, XmlElement(child.name, dict(child.attributes), []))
    for number, inner in enumerate(child.children):
        _insert(element.children, number, inner)
