"""Shapes of the blocks of a report.

A block is an object with an `id`, unique in the report, and a `kind`. `TEXT_BLOCKS` hold text that
people edit; all other kinds are objects of weft, such as images, cards and panel grids, of which
`OBJECT_BLOCKS` lists the known ones. Unknown keys, and blocks of unknown kinds, are stored
unchanged.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

from msgspec import Meta, Struct

from weft.wire.reports.grids import Grid
from weft.wire.reports.inline import MAX_TEXT_CHARS, Latex, Name, Url

Block = dict[str, Any]
Inline = dict[str, Any]

_Span = Annotated[int, Meta(ge=1, le=100)]


class Paragraph(Struct, frozen=True, kw_only=True):
    text: list[Inline] = []


class Heading(Struct, frozen=True, kw_only=True):
    level: Annotated[int, Meta(ge=1, le=6)]
    text: list[Inline] = []


class ListItem(Struct, frozen=True, kw_only=True):
    """An item of a list; `checked` in a list of the style `check`."""

    blocks: list[Block]
    checked: bool = False


class List(Struct, frozen=True, kw_only=True):
    """A list; `start` is the first number of an ordered one."""

    style: Literal["bullet", "ordered", "check"]
    items: list[ListItem]
    start: Annotated[int, Meta(ge=0, le=10**9)] = 1


class Quote(Struct, frozen=True, kw_only=True):
    blocks: list[Block]


class Callout(Struct, frozen=True, kw_only=True):
    blocks: list[Block]
    tone: Name = "info"


class Code(Struct, frozen=True, kw_only=True):
    code: Annotated[str, Meta(max_length=MAX_TEXT_CHARS)]
    language: Name | None = None


class Cell(Struct, frozen=True, kw_only=True):
    """A cell of a table; `widths` are those of its columns, px."""

    blocks: list[Block]
    header: bool = False
    colspan: _Span = 1
    rowspan: _Span = 1
    widths: list[float] | None = None


class Row(Struct, frozen=True, kw_only=True):
    cells: list[Cell]


class Table(Struct, frozen=True, kw_only=True):
    rows: list[Row]


class Collapsible(Struct, frozen=True, kw_only=True):
    """A section that opens at a click on its summary; `open` if it is open at first."""

    summary: list[Inline]
    blocks: list[Block]
    open: bool = False


class Column(Struct, frozen=True, kw_only=True):
    """A column; `width` is its share of the whole width."""

    blocks: list[Block]
    width: float = 1.0


class Columns(Struct, frozen=True, kw_only=True):
    columns: list[Column]


class Divider(Struct, frozen=True, kw_only=True):
    pass


class Math(Struct, frozen=True, kw_only=True):
    """A formula on a line of its own."""

    latex: Latex


class Image(Struct, frozen=True, kw_only=True):
    """An image, by the hash of its content on this server, or by its address elsewhere."""

    sha256: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")] | None = None
    url: Url | None = None
    alt: Annotated[str, Meta(max_length=4096)] = ""
    caption: Annotated[str, Meta(max_length=4096)] = ""
    width: float | None = None


class Video(Struct, frozen=True, kw_only=True):
    url: Url
    caption: Annotated[str, Meta(max_length=4096)] = ""


class TableOfContents(Struct, frozen=True, kw_only=True):
    pass


class Card(Struct, frozen=True, kw_only=True):
    """A thing of weft by its path.

    Attributes:
        of: `run`, `runs`, `metric`, `artifact`, `sweep`, `table`, `report`, or a later kind.
        path: `entity/project/run` of a run, `entity/project/name:version` of an artifact, and so
            on; a metric or a table is a run's path with `key`.
    """

    of: Name
    path: Annotated[str, Meta(max_length=1024)]
    key: Annotated[str, Meta(max_length=2048)] | None = None


TEXT_BLOCKS: Final[Mapping[str, type[Any]]] = {
    "paragraph": Paragraph,
    "heading": Heading,
    "list": List,
    "quote": Quote,
    "callout": Callout,
    "code": Code,
    "table": Table,
    "collapsible": Collapsible,
    "columns": Columns,
    "divider": Divider,
}
"""Blocks whose text several people can edit at once."""

GRID: Final = "grid"

OBJECT_BLOCKS: Final[Mapping[str, type[Any]]] = {
    GRID: Grid,
    "math": Math,
    "image": Image,
    "video": Video,
    "contents": TableOfContents,
    "card": Card,
}
"""Known blocks of other kinds: each is an object with an id."""
