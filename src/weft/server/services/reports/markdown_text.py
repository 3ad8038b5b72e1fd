"""Text of reports as Markdown: characters with marks and links, and objects among them. Pure."""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, Final

Fields = Mapping[str, Any]
ValueText = Callable[[Fields], str]
"""The text of a live value."""

_SPECIAL: Final = re.compile(r"([\\`*_\[\]<>~|$])")
_ENTITY: Final = re.compile(r"&(?=#?\w+;)")
_LINE_START: Final = re.compile(
    r"^(\s*\d*)(#{1,6}(?=\s|$)|-(?=[-:\s]|$)|\+(?=\s|$)|=(?==*\s*$)|:(?=-)|[.)](?=\s|$))"
)
_LINK_SPECIAL: Final = re.compile(r"([<>\\])")
_PLAIN_URL: Final = re.compile(r"[^\s()<>\\]+")

_MARKS: Final[Mapping[str, tuple[str, str]]] = {
    "bold": ("**", "**"),
    "italic": ("*", "*"),
    "strike": ("~~", "~~"),
    "underline": ("<u>", "</u>"),
    "highlight": ("<mark>", "</mark>"),
    "superscript": ("<sup>", "</sup>"),
    "subscript": ("<sub>", "</sub>"),
}
_TAGS: Final[Mapping[str, str]] = {"bold": "b", "italic": "i", "strike": "s"}
"""Tags of marks where their signs would be text: `**a.**b` is not bold."""

_NEXT_TO: Final[Mapping[str, frozenset[str]]] = {
    "bold": frozenset({"bold", "italic"}),
    "italic": frozenset({"bold", "italic"}),
    "strike": frozenset({"strike"}),
}
"""Marks whose signs join those of a mark."""

_OPEN_EDGE: Final = frozenset(f"{string.punctuation}{string.whitespace}")
_CODE: Final = "code"
_LINK: Final = "link"

_Mark = tuple[str, str]
"""A name of a mark, or `link` with its address."""


def text_markdown(
    pieces: Iterable[Any],
    value_text: ValueText,
    line_break: str = "\\\n",
    *,
    is_cell: bool = False,
) -> str:
    """A text in one block; `is_cell`: of a table, where a bar ends a cell also in code.

    >>> text_markdown([{"text": "a "}, {"text": "b", "marks": ["bold"]}], lambda _: "")
    'a **b**'
    """
    runs = [piece for piece in pieces if isinstance(piece, Mapping)]
    marks = [_marks_of(run) for run in runs]
    out: list[str] = []
    opened: list[_Mark] = []
    tagged: set[_Mark] = set()
    for at, run in enumerate(runs):
        text = _piece(run, value_text, runs[at + 1 :])
        if is_cell and _CODE in _names(run):
            code = str(run.get("text", ""))
            # no backtick keeps a backslash before a bar
            is_plain = "\\|" not in code
            text = text.replace("|", r"\|") if is_plain else f"<code>{escaped(code)}</code>"
        if not text.strip():
            marks[at] = [mark for mark in marks[at] if mark in opened]
        stay = 0
        while stay < len(opened) and opened[stay] in marks[at]:
            stay += 1
        _close(out, opened, stay, tagged)
        added = [mark for mark in marks[at] if mark not in opened]
        added.sort(key=lambda mark: -_length(marks, at, mark))
        inner = text.lstrip() if added else text
        out.append(text[: len(text) - len(inner)])
        for mark in added:
            if mark[0] in _TAGS and not _has_signs(runs, at, _length(marks, at, mark), mark[0]):
                tagged.add(mark)
            else:
                tagged.discard(mark)
            if mark[0] == _LINK:
                _escape_sign_of_image(out)
            out.append("[" if mark[0] == _LINK else _signs_of(mark, tagged)[0])
            opened.append(mark)
        out.append(inner)
    _close(out, opened, 0, tagged)
    lines = "".join(out).split("\n")
    return line_break.join(_LINE_START.sub(r"\1\\\2", line) for line in lines)


def plain_text(pieces: Iterable[Any]) -> str:
    """A text without marks and values."""
    texts = [
        str(piece.get("text") or piece.get("latex") or "")
        for piece in pieces
        if isinstance(piece, Mapping)
    ]
    return "".join(texts).strip()


def address(url: str) -> str:
    """An address as the target of a link."""
    url = _ENTITY.sub("&amp;", url)
    if _PLAIN_URL.fullmatch(url):
        return url
    quoted = _LINK_SPECIAL.sub(r"\\\1", url).replace("\n", "%0A")
    return f"<{quoted}>"


def escaped(text: str) -> str:
    return _ENTITY.sub("&amp;", _SPECIAL.sub(r"\\\1", text))


def code_span(code: str) -> str:
    """Code in a line, between as many backticks as it needs.

    >>> code_span("a `b`")
    '`` a `b` ``'
    """
    fence = longer_fence("`", code, 1)
    # one space at both ends is no part of the code
    is_padded = code.startswith(" ") and code.endswith(" ") and bool(code.strip())
    room = " " if "`" in code or not code or is_padded else ""
    return f"{fence}{room}{code}{room}{fence}"


def longer_fence(sign: str, content: str, least: int) -> str:
    """Signs around a content, more than it has next to each other."""
    longest = max((len(signs) for signs in re.findall(f"{re.escape(sign)}+", content)), default=0)
    return sign * max(least, longest + 1 if longest >= least else 0)


def _piece(run: Fields, value_text: ValueText, after: Sequence[Fields]) -> str:
    match run.get("kind"):
        case None:
            text = str(run.get("text", ""))
            return code_span(text) if _CODE in _names(run) else escaped(text)
        case "mention":
            return escaped(f"@{run.get('user', '')}")
        case "math":
            latex = " ".join(str(run.get("latex", "")).split())
            # a letter after a single dollar makes a price of it
            is_joined = bool(after) and re.match(r"\w", str(after[0].get("text", "")))
            fence = "$$" if is_joined else longer_fence("$", latex, 1)
            return f"{fence}{latex}{fence}" if latex else ""
        case "value":
            return escaped(value_text(run))
        case kind:
            return code_span(str(kind))


def _names(run: Fields) -> Sequence[str]:
    names = run.get("marks")
    return names if isinstance(names, list) else []


def _marks_of(run: Fields) -> list[_Mark]:
    if run.get("kind") is not None:
        return []
    link = run.get("link")
    links = [(_LINK, link)] if isinstance(link, str) else []
    return links + [(name, "") for name in _names(run) if name in _MARKS]


def _length(marks: Sequence[Sequence[_Mark]], at: int, mark: _Mark) -> int:
    """Runs from `at` on that have a mark: the longest one is opened first."""
    end = at
    while end < len(marks) and mark in marks[end]:
        end += 1
    return end - at


def _escape_sign_of_image(out: list[str]) -> None:
    """A `!` before a link would make an image of it."""
    at = next((at for at in range(len(out) - 1, -1, -1) if out[at]), None)
    if at is not None and out[at].endswith("!"):
        out[at] = f"{out[at][:-1]}\\!"


def _has_signs(runs: Sequence[Fields], at: int, length: int, name: str) -> bool:
    """Whether the signs of a mark over some runs are read as signs: next to a letter or digit
    inside, or next to none outside.
    """
    first, last = runs[at], runs[at + length - 1]
    before = _plain(runs[at - 1])[-1:] if at > 0 else ""
    after = _plain(runs[at + length])[:1] if at + length < len(runs) else ""
    return _is_edge(first, name, before, is_start=True) and _is_edge(
        last, name, after, is_start=False
    )


def _is_edge(run: Fields, name: str, outside: str, *, is_start: bool) -> bool:
    text = _plain(run)
    inner = text.lstrip() if is_start else text.rstrip(" ")
    if _CODE in _names(run):
        inner = text  # its spaces are between the backticks
    if inner != text or not outside or outside in _OPEN_EDGE:
        return True
    joins = frozenset(_names(run)) <= _NEXT_TO[name] and not isinstance(run.get("link"), str)
    edge = inner[:1] if is_start else inner[-1:]
    return joins and edge.isalnum()


def _plain(run: Fields) -> str:
    """The text of a run; of an object a letter, as it may begin and end with one."""
    if run.get("kind") is None:
        return str(run.get("text", ""))
    return "$" if run.get("kind") == "math" else "a"


def _signs_of(mark: _Mark, tagged: AbstractSet[_Mark]) -> tuple[str, str]:
    name = mark[0]
    return (f"<{_TAGS[name]}>", f"</{_TAGS[name]}>") if mark in tagged else _MARKS[name]


def _close(out: list[str], opened: list[_Mark], stay: int, tagged: AbstractSet[_Mark]) -> None:
    """Close all marks but the first ones, before spaces at the end."""
    if len(opened) == stay:
        return
    text = "".join(out)
    inner = text.rstrip(" ")
    ends = [
        f"]({address(mark[1])})" if mark[0] == _LINK else _signs_of(mark, tagged)[1]
        for mark in reversed(opened[stay:])
    ]
    del opened[stay:]
    out[:] = [inner, *ends, text[len(inner) :]]
