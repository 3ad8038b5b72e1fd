"""Whole reports: W&B's spec, version 5, and weft's document. Pure."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

from weft.errors import ConfigError
from weft.wandb_gateway.reports.blocks import ID, block_of, source_of_block
from weft.wandb_gateway.reports.foreign import MEMBER, noted, restored

Json = dict[str, Any]

VERSION: Final = 5

_WIDTHS: Final = {"readable": "readable", "fixed": "fixed", "fluid": "full"}
_WIDTH_NAMES: Final = {width: name for name, width in _WIDTHS.items()}

EMPTY: Final[Json] = {"type": "paragraph", "children": [{"text": ""}]}
"""The paragraph that W&B's client puts at both ends of a report."""

_ENDS: Final = f"{MEMBER}Ends"
"""The member of `more` with whether a spec begins and ends with such a paragraph. Absent: both."""


@dataclass(frozen=True)
class Content:
    """The content of a report but for its title and description, which no spec has."""

    width: str
    blocks: list[Json]
    more: Json


def sources_of(spec: Mapping[str, Any]) -> list[Json]:
    """The blocks of a spec; ConfigError if it has none, as specs of early reports."""
    sources = spec.get("blocks")
    if not isinstance(sources, list) or not _are_blocks(cast("list[Any]", sources)):
        raise ConfigError("spec: `blocks` must be a list of objects with a type", field="spec")
    return cast("list[Json]", list(sources))


def content_of(spec: Mapping[str, Any], stored: Sequence[tuple[Json, Json]] = ()) -> Content:
    """The content of a spec.

    Args:
        spec: one of version 5.
        stored: blocks of the spec that are stored already, each with the block of weft.
    """
    rest = sources_of(spec)
    ends = [False, False]
    if rest and _is_empty(rest[0]):
        ends[0], rest = True, rest[1:]
    if rest and _is_empty(rest[-1]):
        ends[1], rest = True, rest[:-1]
    new_id = new_ids({source.get(ID) for source in rest})
    stored_blocks = {id(source): block for source, block in stored}
    blocks = [stored_blocks.get(id(source)) or block_of(source, new_id) for source in rest]
    width = _WIDTHS.get(str(spec.get("width")), "readable")
    more = noted({}, _frame(width), {**spec, "blocks": []})
    return Content(width, blocks, more if ends == [True, True] else {**more, _ENDS: ends})


def spec_of(content: Content, *, hides_ids: bool = True) -> Json:
    """The spec of a report; not `hides_ids`: each block has the id that weft has for it."""
    spec = cast("Json", restored(content.more, _frame(content.width)))
    blocks = [source_of_block(block, hides_ids=hides_ids) for block in content.blocks]
    begins, ends = content.more.get(_ENDS, [True, True])
    spec["blocks"] = [*([EMPTY] if begins else ()), *blocks, *([EMPTY] if ends else ())]
    return spec


def foreign_more(more: Mapping[str, Any], own: Mapping[str, Any]) -> Json:
    """The `more` of a report, with the foreign members of another one."""
    names = {MEMBER, _ENDS}
    others = {key: value for key, value in more.items() if key not in names}
    return others | {key: value for key, value in own.items() if key in names}


def new_ids(used: Sequence[str] | set[str | None]) -> Iterator[str]:
    """Random ids of blocks, none of which is used."""
    while True:
        id_ = secrets.token_hex(6)
        if id_ not in used:
            yield id_


def _frame(width: str) -> Json:
    return {
        "version": VERSION,
        "panelSettings": {},
        "blocks": [],
        "width": _WIDTH_NAMES.get(width, "readable"),
        "authors": [],
        "discussionThreads": [],
    }


def _is_empty(source: Mapping[str, Any]) -> bool:
    return source == EMPTY


def _are_blocks(sources: Sequence[Any]) -> bool:
    return all(isinstance(source, Mapping) for source in sources)
