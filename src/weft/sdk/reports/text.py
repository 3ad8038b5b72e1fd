"""Text inside blocks: a string, an object of this module, or a list of these."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, cast


@dataclass
class Text:
    r"""Characters with marks.

    Args:
        text: the characters; `\n` breaks the line.
        marks: any of `bold`, `italic`, `underline`, `strike`, `code`, `highlight`, `superscript`,
            `subscript`.
        link: an address that the text leads to.

    >>> Text("best", marks=["bold"])
    Text(text='best', marks=['bold'], link=None)
    """

    text: str
    marks: Sequence[str] = ()
    link: str | None = None


@dataclass
class InlineCode:
    """Code in a line of text."""

    text: str


@dataclass
class InlineLatex:
    """A formula in a line of text, as LaTeX."""

    text: str


@dataclass
class Link:
    """A text that leads to an address."""

    text: str
    url: str


@dataclass
class Mention:
    """A person, by user name."""

    user: str


@dataclass
class LiveValue:
    """A value that is read from a run when the report is shown.

    Args:
        run: the run's path, `entity/project/run`.
        key: a column of runs, such as `summary.val/acc`, `config.lr` or `duration`.
        format: digits after the point, `"all"` or `"exp"`. Defaults to what fits.

    >>> LiveValue("lab/mnist/ab12cd34", "summary.val/acc", format=3).key
    'summary.val/acc'
    """

    run: str
    key: str
    format: int | str | None = None


Piece: TypeAlias = (
    str | Text | InlineCode | InlineLatex | Link | Mention | LiveValue | Mapping[str, Any]
)
TextLike: TypeAlias = Piece | Sequence[Piece]


def to_pieces(text: TextLike) -> list[dict[str, Any]]:
    """The JSON of a text.

    >>> to_pieces(["Loss ", InlineCode("x")])
    [{'text': 'Loss '}, {'text': 'x', 'marks': ['code']}]
    """
    if isinstance(text, Sequence) and not isinstance(text, str):
        return [_piece(piece) for piece in text if piece != ""]
    return [] if text == "" else [_piece(text)]


def from_pieces(pieces: Sequence[Mapping[str, Any]]) -> TextLike:
    """The text of JSON: a string if it has no marks.

    >>> from_pieces([{"text": "Loss"}])
    'Loss'
    """
    values = [_value(piece) for piece in pieces]
    if not values:
        return ""
    return values[0] if len(values) == 1 else values


def _piece(piece: Piece) -> dict[str, Any]:
    match piece:
        case str():
            return {"text": piece}
        case Text():
            marks = {"marks": list(piece.marks)} if piece.marks else {}
            link = {} if piece.link is None else {"link": piece.link}
            return {"text": piece.text, **marks, **link}
        case InlineCode():
            return {"text": piece.text, "marks": ["code"]}
        case Link():
            return {"text": piece.text, "link": piece.url}
        case InlineLatex():
            return {"kind": "math", "latex": piece.text}
        case Mention():
            return {"kind": "mention", "user": piece.user}
        case LiveValue():
            shown = {} if piece.format is None else {"format": piece.format}
            return {"kind": "value", "run": piece.run, "key": piece.key, **shown}
        case _:
            return dict(piece)


def _value(piece: Mapping[str, Any]) -> Piece:
    """The object of a piece; an unknown one as it is."""
    keys = set(piece)
    kind = piece.get("kind")
    if kind is None:
        if keys == {"text"}:
            return cast("str", piece["text"])
        if keys == {"text", "marks"} and piece["marks"] == ["code"]:
            return InlineCode(piece["text"])
        if keys == {"text", "link"}:
            return Link(piece["text"], piece["link"])
        if keys <= {"text", "marks", "link"}:
            return Text(piece["text"], piece.get("marks", ()), piece.get("link"))
    elif kind == "math" and keys == {"kind", "latex"}:
        return InlineLatex(piece["latex"])
    elif kind == "mention" and keys == {"kind", "user"}:
        return Mention(piece["user"])
    elif kind == "value" and keys <= {"kind", "run", "key", "format"}:
        return LiveValue(piece["run"], piece["key"], piece.get("format"))
    return dict(piece)
