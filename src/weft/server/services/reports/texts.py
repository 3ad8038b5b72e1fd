"""The words of a report, and the part of its text that has those of a search. Pure.

Texts and searches are folded before they are compared: case, composed letters and white space make
no difference. Folding keeps the number of characters, so positions in a folded line hold in the
line itself.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, cast

import msgspec

from weft.server.storage.metadata import ReportPart, ReportText
from weft.wire.reports.blocks import GRID, Block, Inline
from weft.wire.reports.reports import ReportMatch

MAX_WORDS: Final = 8

MAX_EXCERPT_CHARS: Final = 160

_BEFORE_CHARS: Final = 40
"""Characters of an excerpt before its first word."""

Line = tuple[str, str]
"""The id of a block at the top, and a line of its text."""

_encode: Final = msgspec.json.Encoder().encode
_decode: Final = msgspec.json.Decoder(list[Line]).decode


def text_of_content(part: ReportPart, seq: int, content: Mapping[str, Any]) -> ReportText:
    r"""The text of a draft or a version, to search.

    >>> head = {"title": "Ablation", "description": "of lr"}
    >>> code = {"id": "c", "kind": "code", "code": "import weft"}
    >>> text_of_content("draft", 3, {**head, "blocks": [code]}).words
    'ablation\nof lr\nimport weft'
    """
    lines = list(_lines_of(content["blocks"]))
    head = [_plain(content["title"]), _plain(content["description"])]
    words = fold("\n".join([*head, *(text for _, text in lines)]))
    return ReportText(part, seq, words, _encode(lines).decode())


def words_of(search: str) -> list[str]:
    """The words of a search, folded; further ones are one text with the last of them.

    >>> words_of("  Learning RATE ")
    ['learning', 'rate']
    """
    return [" ".join(word.split()) for word in fold(_composed(search)).split(None, MAX_WORDS - 1)]


def fold(text: str) -> str:
    """A text without differences of case, of the same length.

    >>> fold("Straße İzmir ΟΔΟΣ") == "straße İzmir οδοσ"
    True
    """
    folded = text.lower().replace("ς", "σ")
    if len(folded) == len(text):
        return folded
    return "".join(_fold_char(char) for char in text)


def excerpt_of(lines: str | None, words: Sequence[str]) -> ReportMatch | None:
    """The part of a text, as stored, that has the most of the words; None if no line has one.

    >>> match = excerpt_of('[["b", "We lower the rate of learning"]]', ["rate", "learning"])
    >>> match.block, match.pieces
    ('b', ['We lower the ', 'rate', ' of ', 'learning', ''])
    """
    best: tuple[int, Line, str] | None = None
    for line in _decode(lines or "[]"):
        folded = fold(line[1])
        n = sum(word in folded for word in words)
        if n > (best[0] if best else 0):
            best = n, line, folded
            if n == len(words):
                break
    if best is None:
        return None
    _, (block, text), folded = best
    return ReportMatch(block=block, pieces=_pieces(text, folded, words))


def _pieces(text: str, folded: str, words: Sequence[str]) -> list[str]:
    """A part of a line, cut so that each second piece is one of the words."""
    first = min(at for word in words if (at := folded.find(word)) >= 0)
    start = 0 if first <= _BEFORE_CHARS else first - _BEFORE_CHARS
    end = min(len(text), start + MAX_EXCERPT_CHARS)
    pieces, at = ["…" if start else ""], start
    for begin, stop in _spans(folded, words, start, end):
        pieces[-1] += text[at:begin]
        pieces += [text[begin:stop], ""]
        at = stop
    pieces[-1] += text[at:end] + ("…" if end < len(text) else "")
    return pieces


def _spans(folded: str, words: Sequence[str], start: int, end: int) -> Iterator[tuple[int, int]]:
    """The places of words in a part of a line, in order and apart."""
    at = start
    while True:
        hits = [
            (begin, begin + len(word))
            for word in words
            if (begin := folded.find(word, at, end)) >= 0
        ]
        if not hits:
            return
        begin, stop = min(hits, key=lambda hit: (hit[0], -hit[1]))
        yield begin, stop
        at = stop


def _lines_of(blocks: Iterable[Block]) -> Iterator[Line]:
    for block in blocks:
        id_ = block.get("id")
        for text in _texts_of(block):
            line = _plain(text)
            if line:
                yield id_ if isinstance(id_, str) else "", line


def _texts_of(block: Block) -> Iterator[str]:
    """The lines of a block and of those in it."""
    kind = block.get("kind")
    yield _inline_text(block.get("summary" if kind == "collapsible" else "text"))
    yield from (
        value for key in _MEMBERS.get(kind or "", ()) for value in _strings(block.get(key))
    )
    if kind == GRID:
        for part in (*_objects(block.get("runSets")), *_objects(block.get("panels"))):
            yield from _strings(part.get("name") or part.get("title"))
    for inner in _inner_blocks(block):
        yield from _texts_of(inner)


_MEMBERS: Final[Mapping[str, Sequence[str]]] = {
    "code": ("code",),
    "math": ("latex",),
    "image": ("alt", "caption"),
    "video": ("caption",),
    "card": ("path", "key"),
}
"""The members of kinds of blocks that are text."""


def _inner_blocks(block: Block) -> Iterator[Block]:
    for key in ("items", "columns", "rows"):
        for part in _objects(block.get(key)):
            for cell in (part, *_objects(part.get("cells"))):
                yield from _objects(cell.get("blocks"))
    yield from _objects(block.get("blocks"))


def _inline_text(pieces: object) -> str:
    return "".join(map(_piece_text, _objects(pieces)))


def _piece_text(piece: Inline) -> str:
    text = piece.get("text") or piece.get("latex") or piece.get("user")
    return text if isinstance(text, str) else ""


def _objects(value: object) -> Iterator[dict[str, Any]]:
    """The objects of a list, or among the values of an object."""
    if isinstance(value, dict):
        value = list(cast("dict[str, Any]", value).values())
    if isinstance(value, list):
        for part in cast("list[Any]", value):
            if isinstance(part, dict):
                yield cast("dict[str, Any]", part)


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value


def _plain(text: str) -> str:
    """A text as one line. PostgreSQL stores no NUL."""
    return _composed(" ".join(text.replace("\x00", " ").split()))


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _fold_char(char: str) -> str:
    lower = char.lower()
    return lower if len(lower) == 1 else char
