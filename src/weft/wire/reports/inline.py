r"""Shapes of text inside blocks: runs of text with marks, and inline objects.

    [{"text": "Ours reaches "},
     {"kind": "value", "run": "lab/mnist/ab12cd34", "key": "summary.val/acc"},
     {"text": " on ", "marks": ["bold"]},
     {"text": "MNIST", "link": "https://example.org"},
     {"kind": "math", "latex": "p < 0.01"}]

A line break is a `\n` in a text. Other keys, and objects of other kinds, are stored unchanged.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal, get_args

from msgspec import Meta, Struct

Mark = Literal[
    "bold", "italic", "underline", "strike", "code", "highlight", "superscript", "subscript"
]

MARKS: Final[tuple[Mark, ...]] = get_args(Mark)

MAX_URL_CHARS: Final = 4096
MAX_TEXT_CHARS: Final = 100_000
"""Longest text of one paragraph, heading or code block."""

LINK_SCHEMES: Final = ("https:", "http:", "mailto:")
"""A link begins with one of these, or with `/` or `#`. So no link runs a script."""

Name = Annotated[str, Meta(max_length=512)]
Url = Annotated[str, Meta(max_length=MAX_URL_CHARS)]
Latex = Annotated[str, Meta(max_length=10_000)]


class TextRun(Struct, frozen=True, kw_only=True):
    """Characters with the same marks."""

    text: Annotated[str, Meta(max_length=MAX_TEXT_CHARS)]
    marks: list[str] = []
    link: Url | None = None


class Mention(Struct, frozen=True, kw_only=True):
    """A person, by user name."""

    user: Name


class InlineMath(Struct, frozen=True, kw_only=True):
    """A formula in a line of text."""

    latex: Latex


class LiveValue(Struct, frozen=True, kw_only=True):
    """A number or text that is read from a run when the report is shown.

    Attributes:
        run: `entity/project/run`.
        key: a column of runs, such as `summary.val/acc`, `config.lr` or `duration`.
        format: digits after the point, `all` or `exp`.
    """

    run: Name
    key: Annotated[str, Meta(max_length=2048)]
    format: int | str | None = None


INLINE_KINDS: Final[Mapping[str, type[Any]]] = {
    "mention": Mention,
    "math": InlineMath,
    "value": LiveValue,
}


def is_safe_link(url: str) -> bool:
    """Whether a link leads to a page or a mail address, and runs no script.

    >>> is_safe_link("https://example.org"), is_safe_link("/lab/mnist"), is_safe_link("#results")
    (True, True, True)
    >>> is_safe_link("javascript:alert(1)"), is_safe_link(" https://example.org")
    (False, False)
    """
    return url.startswith(("/", "#")) or url.lower().startswith(LINK_SCHEMES)
