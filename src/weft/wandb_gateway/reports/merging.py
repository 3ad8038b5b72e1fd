"""Three-way merges of stored reports and of what a client sent. Pure.

A client that loads a report, changes its title and saves it sends a spec without all that it can't
hold. So what is stored is projected to what the client holds (`held`), and only differences from
that are changes: they are applied to the whole spec, and then to weft's own blocks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any, Final, cast

from weft.wandb_gateway.reports.exact_json import UNEXPECTED, write_sorted
from weft.wandb_gateway.reports.held import ATOMS, atoms_of, held_block

Json = dict[str, Any]

_ID_KEYS: Final = ("__id__", "id")

_MISSING: Final[Any] = object()

_MANY: Final = 500
"""Blocks between the first and the last change."""


def merged_blocks(stored: Sequence[Json], sent: Sequence[Json]) -> list[Json]:
    """The blocks of a spec with the changes of what a client sent; those of `stored` have ids.

    >>> stored = [{"type": "paragraph", "weftId": "a", "children": [{"text": "x", "bold": True}]}]
    >>> merged_blocks(stored, [{"type": "paragraph", "children": [{"text": "x"}]}]) == stored
    True
    """
    merged: list[Json] = []
    for before, after in _pairs(stored, sent):
        if after is None:
            continue
        merged.append(after if before is None else _merged_block(before, after))
    return merged


def merged_frame(stored: Json, sent: Json) -> Json:
    """The members of a spec besides its blocks. The client returns those that it knows, but for
    the width: a report that it loaded is `readable`, whatever it was.

    >>> merged_frame({"width": "fluid", "own": 1}, {"width": "readable"})
    {'width': 'fluid', 'own': 1}
    """
    members = {key: value for key, value in sent.items() if key != "blocks"}
    if members.get("width") == "readable":
        del members["width"]
    return {key: members.get(key, value) for key, value in (stored | members).items()}


def merge_values(base: Any, ours: Any, theirs: Any) -> Any:
    """Three values as one: what only they changed is theirs, the rest is ours.

    Objects are merged by member, and lists of objects with ids by those; other lists are one
    value.

    >>> merge_values({"a": 1, "b": 1}, {"a": 1, "b": 1, "own": 2}, {"a": 3})
    {'a': 3, 'own': 2}
    """
    if base == theirs:
        return ours
    if all(isinstance(value, Mapping) for value in (base, ours, theirs)):
        merged: Json = {}
        for key in dict.fromkeys([*ours, *theirs]):
            value = merge_values(
                base.get(key, _MISSING), ours.get(key, _MISSING), theirs.get(key, _MISSING)
            )
            if value is not _MISSING:
                merged[key] = value
        return merged
    if all(isinstance(value, list) for value in (base, ours, theirs)):
        return _merged_list(base, ours, theirs)
    return theirs


def _pairs(
    stored: Sequence[Json], sent: Sequence[Json]
) -> Iterator[tuple[Json | None, Json | None]]:
    """Blocks of both that are the same: by content, and between these by type in order."""
    before = [_key_of(block) for block in stored]
    after = [_key_of(block) for block in sent]
    n = min(len(before), len(after))
    start = next((i for i in range(n) if before[i] != after[i]), n)
    end = next((i for i in range(n - start) if before[-1 - i] != after[-1 - i]), n - start)
    yield from zip(stored[:start], sent[:start], strict=True)
    middle = before[start : len(before) - end], after[start : len(after) - end]
    # Many equal blocks would take the square of their number; then those are not compared first.
    matcher = SequenceMatcher(None, *middle, autojunk=len(middle[1]) > _MANY)
    for tag, i, i_end, j, j_end in matcher.get_opcodes():
        old, new = list(stored[start + i : start + i_end]), list(sent[start + j : start + j_end])
        if tag == "equal":
            yield from zip(old, new, strict=True)
            continue
        for block in new:
            same = next((other for other in old if _is_alike(other, block)), None)
            if same is not None:
                old = old[_index_of(old, same) + 1 :]
            yield same, block
    yield from zip(stored[len(stored) - end :], sent[len(sent) - end :], strict=True)


def _index_of(blocks: Sequence[Json], block: Json) -> int:
    return next(i for i, other in enumerate(blocks) if other is block)


def _key_of(block: Json) -> str:
    return write_sorted(held_block(_shown(block)))


def _is_alike(before: Json, after: Json) -> bool:
    return before.get("type") == after.get("type")


def _shown(block: Json) -> Json:
    """A block without the ids of weft's."""
    return {key: value for key, value in block.items() if key != "weftId"}


def _merged_block(before: Json, after: Json) -> Json:
    base, theirs = held_block(_shown(before)), held_block(after)
    if base == theirs:
        return before
    try:
        return cast("Json", _merged_held(base, before, theirs, after))
    except UNEXPECTED:
        return after


def _merged_held(base: Any, ours: Any, theirs: Any, sent: Any) -> Any:
    """A whole value with the changes between two projections; `sent` is theirs as it came."""
    if base == theirs:
        return ours
    if isinstance(base, Mapping) and isinstance(theirs, Mapping) and isinstance(ours, Mapping):
        return _merged_object(
            cast("Json", base), cast("Json", ours), cast("Json", theirs), cast("Json", sent)
        )
    if isinstance(base, list) and isinstance(theirs, list) and isinstance(ours, list):
        lists = (cast("list[Any]", value) for value in (base, ours, theirs, sent))
        return _merged_items(*lists)
    return sent


def _merged_object(base: Json, ours: Json, theirs: Json, sent: Json) -> Json:
    merged = dict(ours)
    for key in dict.fromkeys([*base, *theirs]):
        if base.get(key, _MISSING) == theirs.get(key, _MISSING):
            continue
        if key == ATOMS and "language" in base:
            merged["children"] = sent["children"]  # lines of code, which have no marks
        elif key == ATOMS:
            merged["children"] = _merged_text(ours.get("children"), sent.get("children"))
        elif key not in theirs:
            merged.pop(key, None)
        elif key in base and key in ours:
            merged[key] = _merged_held(base[key], ours[key], theirs[key], sent.get(key))
        else:
            merged[key] = sent.get(key, theirs[key])
    return merged


def _merged_items(base: list[Any], ours: list[Any], theirs: list[Any], sent: list[Any]) -> Any:
    if len(base) != len(ours) or len(theirs) != len(sent):
        return sent
    by_id = {_id_of(item): i for i, item in enumerate(base) if _id_of(item) is not None}
    if len(by_id) == len(base) and all(_id_of(item) is not None for item in theirs):
        pairs = [(by_id.get(_id_of(item)), j) for j, item in enumerate(theirs)]
    elif len(base) == len(theirs):
        pairs = [(j, j) for j in range(len(theirs))]
    else:
        pairs = list(_matched(base, theirs))
    return [
        sent[j] if i is None else _merged_held(base[i], ours[i], theirs[j], sent[j])
        for i, j in pairs
    ]


def _matched(base: list[Any], theirs: list[Any]) -> Iterator[tuple[int | None, int]]:
    matcher = SequenceMatcher(
        a=[write_sorted(item) for item in base],
        b=[write_sorted(item) for item in theirs],
        autojunk=False,
    )
    for tag, i, _, j, j_end in matcher.get_opcodes():
        for offset in range(j_end - j):
            yield (i + offset if tag == "equal" else None), j + offset


def _merged_list(base: list[Any], ours: list[Any], theirs: list[Any]) -> list[Any]:
    values = (base, ours, theirs)
    if any(_id_of(item) is None for value in values for item in value):
        return theirs
    before = {_id_of(item): item for item in base}
    own = {_id_of(item): item for item in ours}
    return [
        merge_values(before.get(id_, _MISSING), own[id_], item)
        if (id_ := _id_of(item)) in own
        else item
        for item in theirs
    ]


def _id_of(item: Any) -> str | None:
    if not isinstance(item, Mapping):
        return None
    values = (cast("Json", item).get(key) for key in _ID_KEYS)
    return next((value for value in values if isinstance(value, str) and value), None)


def _merged_text(ours: Any, sent: Any) -> list[Json]:
    """A text whose equal beginning and end keep their marks."""
    own, theirs = _spans(ours), _spans(sent)
    a, b = atoms_of(ours), atoms_of(sent)
    if len(own) != len(a) or len(theirs) != len(b):
        return sent
    n = min(len(a), len(b))
    start = next((i for i in range(n) if a[i] != b[i]), n)
    end = next((i for i in range(n - start) if a[-1 - i] != b[-1 - i]), n - start)
    spans = [*own[:start], *theirs[start : len(theirs) - end], *own[len(own) - end :]]
    return _joined(spans)


def _spans(children: Any, link: Json | None = None) -> list[tuple[Json, Json | None]]:
    """The characters and objects of a text, each with the link that it is in."""
    spans: list[tuple[Json, Json | None]] = []
    for child in cast("list[Json]", children or []):
        if child.get("type") == "link":
            around = {key: value for key, value in child.items() if key != "children"}
            spans += _spans(child.get("children"), around)
        elif isinstance(child.get("text"), str) and "type" not in child:
            spans += [({**child, "text": char}, link) for char in child["text"]]
        else:
            spans.append((child, link))
    return spans


def _joined(spans: Sequence[tuple[Json, Json | None]]) -> list[Json]:
    children: list[Json] = []
    link: Json | None = None
    target = children
    for child, around in spans:
        if around != link or (around is not None and target is children):
            link = around
            target = children
            if around is not None:
                target = []
                children.append({**around, "children": target})
        last = target[-1] if target else {}
        is_text = "text" in child and "type" not in child and "text" in last and "type" not in last
        if is_text and _marks(last) == _marks(child):
            target[-1] = {**last, "text": last["text"] + child["text"]}
        else:
            target.append(child)
    return children or [{"text": ""}]


def _marks(child: Json) -> Json:
    return {key: value for key, value in child.items() if key != "text"}
