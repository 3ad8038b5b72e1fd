"""Anchors of comments: whether a published document has the text that they quote. Pure.

Readers who may not see drafts get no quote that the published version lacks. Spaces do not count,
as pages show them in other ways than the document has them.
"""

from __future__ import annotations

import msgspec

from weft.errors import ConfigError
from weft.wire.reports.blocks import Block, Inline
from weft.wire.reports.checks import children_of
from weft.wire.reports.comments import CommentAnchor

_SEPARATOR = "\0"
"""Between blocks, so that no quote goes from one to another unless it is within one block."""


def check_anchor(anchor: CommentAnchor) -> None:
    """Refuse an anchor with parts of nothing."""
    if anchor.block is None and (anchor.panel is not None or anchor.exact):
        raise ConfigError("an anchor with a panel or a text needs the id of its block")
    if not anchor.exact and (anchor.prefix or anchor.suffix):
        raise ConfigError("an anchor without `exact` has neither `prefix` nor `suffix`")


def text_of_blocks(blocks: list[Block]) -> str:
    r"""The text of blocks without spaces.

    >>> text_of_blocks([{"kind": "paragraph", "text": [{"text": "a b"}, {"text": "c"}]}])
    'abc'
    """
    return _SEPARATOR.join(squash(_text_of(block)) for block in blocks)


def squash(text: str) -> str:
    """A text without spaces."""
    return "".join(text.split())


def readable_anchor(anchor: CommentAnchor, published: str) -> CommentAnchor:
    """An anchor with those of its texts that a published text has.

    >>> anchor = CommentAnchor(block="a", exact="b c", prefix="secret ", suffix=" d")
    >>> readable_anchor(anchor, "abcd").exact, readable_anchor(anchor, "abcd").prefix
    ('b c', '')
    >>> readable_anchor(anchor, "x").exact
    ''
    """
    exact = squash(anchor.exact)
    if not exact or exact not in published:
        return msgspec.structs.replace(anchor, exact="", prefix="", suffix="")
    before, after = squash(anchor.prefix) + exact, exact + squash(anchor.suffix)
    return msgspec.structs.replace(
        anchor,
        prefix=anchor.prefix if before in published else "",
        suffix=anchor.suffix if after in published else "",
    )


def _text_of(block: Block) -> str:
    texts = [block["code"]] if isinstance(block.get("code"), str) else []
    texts += [_text_of_pieces(block[key]) for key in ("text", "summary") if key in block]
    return "".join(texts) + "".join(map(_text_of, children_of(block)))


def _text_of_pieces(pieces: list[Inline]) -> str:
    return "".join(piece["text"] for piece in pieces if isinstance(piece.get("text"), str))
