"""Text in a line: W&B's children, and the pieces of weft's reports. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, cast

from weft.wandb_gateway.reports.exact_json import read_exact_or_none, write_exact, write_sorted
from weft.wandb_gateway.reports.foreign import MEMBER
from weft.wire.reports.inline import is_safe_link

Json = dict[str, Any]

_MARKS: Final = {
    "bold": "bold",
    "italic": "italic",
    "underline": "underline",
    "strikethrough": "strike",
    "inlineCode": "code",
    "highlight": "highlight",
}
_KEYS: Final = {mark: key for key, mark in _MARKS.items()}

_UNSAFE_LINK: Final = "wandbLink"
"""The member with an address that weft's reports don't have; it is not drawn as a link."""

_OTHER_MARKS: Final = "weftMarks"
"""The key with marks that W&B has no key for."""

_UNKNOWN: Final = "wandb-inline"
"""The kind of an object that weft has none for; its JSON is stored as text."""

_WEFT: Final = "weftInline"
"""The key with an object of weft that W&B has none for, as text."""


def pieces_of(children: Any) -> list[Json]:
    """The pieces of a text of W&B's. Keys that weft does not know stay with their characters.

    >>> pieces_of([{"text": "Loss "}, {"type": "link", "url": "/x", "children": [{"text": "y"}]}])
    [{'text': 'Loss '}, {'text': 'y', 'link': '/x'}]
    """
    pieces: list[Json] = []
    for child in _objects(children):
        match child.get("type"):
            case None if isinstance(child.get("text"), str):
                pieces += _text_pieces(child, {})
            case "link" if isinstance(child.get("url"), str) and set(child) == _LINK_KEYS:
                url = child["url"]
                link = {"link": url} if is_safe_link(url) else {_UNSAFE_LINK: url}
                for inner in _objects(child["children"]):
                    pieces += _text_pieces(inner, link)
            case "latex" if isinstance(child.get("content"), str) and set(child) == _LATEX_KEYS:
                pieces.append({"kind": "math", "latex": child["content"]})
            case _:
                pieces.append({"kind": _UNKNOWN, "json": write_exact(child)})
    return pieces


def children_of_pieces(pieces: Iterable[Mapping[str, Any]]) -> list[Json]:
    """The children of pieces, as W&B's client writes them.

    >>> children_of_pieces([{"text": "x", "marks": ["code"]}])
    [{'text': 'x', 'inlineCode': True}]
    """
    children: list[Json] = []
    for piece in pieces:
        url = piece.get("link", piece.get(_UNSAFE_LINK))
        if "kind" in piece:
            children.append(_object_child(piece))
        elif url is None:
            children.append(_text_child(piece))
        elif children and children[-1].get("type") == "link" and children[-1]["url"] == url:
            children[-1]["children"].append(_text_child(piece))
        else:
            link = {"type": "link", "url": url, "children": [_text_child(piece)]}
            children.append(link)
    return children or [{"text": ""}]


def plain_text_of(children: Any) -> str:
    """The characters of children."""
    return "".join(piece["text"] for piece in pieces_of(children) if "text" in piece)


_LINK_KEYS: Final = {"type", "url", "children"}
_LATEX_KEYS: Final = {"type", "children", "content"}


def _text_pieces(child: Mapping[str, Any], link: Mapping[str, str]) -> list[Json]:
    text = child.get("text")
    if not isinstance(text, str):
        return [{"kind": _UNKNOWN, "json": write_exact(child)}]
    inline = read_exact_or_none(child.get(_WEFT))
    if isinstance(inline, dict):
        return [cast("Json", inline)]
    if not text:
        return []
    marks = [mark for key, mark in _MARKS.items() if child.get(key) is True]
    read_keys = {"text", _OTHER_MARKS, *(_KEYS[mark] for mark in marks)}
    marks += child.get(_OTHER_MARKS, ())
    others = {
        key: value for key, value in child.items() if key not in read_keys and key not in _RESERVED
    }
    marked = {"marks": marks} if marks else {}
    foreign = {MEMBER: write_exact(others)} if others else {}
    return [{"text": text, **marked, **link, **foreign}]


_RESERVED: Final = frozenset({"kind", "marks", "link", _UNSAFE_LINK})


def _text_child(piece: Mapping[str, Any]) -> Json:
    marks: Sequence[str] = piece.get("marks", ())
    keys: Json = {_KEYS[mark]: True for mark in _KEYS if mark in marks}
    other_marks = [mark for mark in marks if mark not in _KEYS]
    if other_marks:
        keys[_OTHER_MARKS] = other_marks
    others = {key: value for key, value in piece.items() if key not in {"text", *_RESERVED}}
    foreign = read_exact_or_none(others.pop(MEMBER, None))
    others |= cast("Json", foreign) if isinstance(foreign, dict) else {}
    return {"text": piece["text"], **keys, **others}


def _object_child(piece: Mapping[str, Any]) -> Json:
    match piece["kind"]:
        case "wandb-inline" if isinstance(child := read_exact_or_none(piece.get("json")), dict):
            return cast("Json", child)
        case "math" if set(piece) == {"kind", "latex"}:
            return {"type": "latex", "children": [{"text": ""}], "content": piece["latex"]}
        case "mention":
            text = f"@{piece['user']}"
        case "value":
            text = f"{{{{{piece['run']}.{piece['key']}}}}}"
        case kind:
            text = f"[{kind}]"
    return {"text": text, _WEFT: write_sorted(piece)}


def _objects(value: Any) -> list[Mapping[str, Any]]:
    items = cast("list[Any]", value) if isinstance(value, list) else []
    return [item for item in items if isinstance(item, Mapping)]
