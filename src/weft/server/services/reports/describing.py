"""Reports and their content as answers show them, and checks of what is sent. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import msgspec

from weft.errors import ConfigError, LimitExceeded
from weft.server.services.reports.drafts import heading_of
from weft.server.storage.metadata import ReportRow, ReportVersionRow
from weft.wire.reports.checks import MAX_DOCUMENT_BYTES, DocumentCheck, check_meta
from weft.wire.reports.reports import ReportDocument, ReportInfo, ReportOrder, ReportVersionInfo

if TYPE_CHECKING:
    from weft.server.services.reports.draft import Draft

_OWN_META: Final = frozenset({"title", "description", "width", "schema", "blocks"})

encode: Final = msgspec.json.Encoder().encode


def content_of(draft: Draft) -> dict[str, Any]:
    """The content of a draft as JSON: what is next to the blocks, and these."""
    meta = draft.meta
    title, description = heading_of(meta)
    width = meta.get("width")
    return {
        **meta,
        "schema": draft.schema,
        "title": title,
        "description": description,
        "width": width if isinstance(width, str) else "readable",
        "blocks": draft.blocks(),
    }


def document_of(content: Mapping[str, Any]) -> ReportDocument:
    members = {key: content[key] for key in ("schema", "title", "description", "width", "blocks")}
    more = {key: value for key, value in content.items() if key not in members}
    return ReportDocument(**members, more=more)


def check_content(blocks: list[dict[str, Any]]) -> None:
    DocumentCheck().check_blocks(blocks)
    if len(encode(blocks)) > MAX_DOCUMENT_BYTES:
        raise LimitExceeded(f"the blocks have more than {MAX_DOCUMENT_BYTES} bytes")


def checked_meta(meta: dict[str, Any]) -> dict[str, Any]:
    check_meta(meta)
    return meta


def checked_more(more: Mapping[str, Any]) -> dict[str, Any]:
    reserved = sorted(_OWN_META & more.keys())
    if reserved:
        raise ConfigError(f"more must not have {reserved[0]!r}, which is a field of its own")
    return dict(more)


def number_of(version: str) -> int:
    if not version.isascii() or not version.isdecimal() or len(version) > 9:
        raise ConfigError("version must be `draft`, `published` or a number", field="version")
    return int(version)


def noted(row: ReportRow) -> dict[str, Any]:
    return {"title": row.title, "author": row.author}


def fields_of(info: ReportInfo) -> dict[str, Any]:
    return msgspec.structs.asdict(info)


def info_of(row: ReportRow, *, is_writer: bool, is_starred: bool) -> ReportInfo:
    """A report as those see it who may write: with its draft, or as published."""
    edited_micros = row.edited_micros if is_writer else row.published_micros
    edited_by = row.edited_by if is_writer else row.published_by
    return ReportInfo(
        id=row.report,
        title=(row.title if is_writer else row.published_title) or "",
        description=(row.description if is_writer else row.published_description) or "",
        author=row.author or None,
        created_micros=row.created_micros,
        edited_micros=edited_micros or 0,
        edited_by=edited_by or None,
        seq=(row.seq if is_writer else row.published_seq) or 0,
        published_version=row.published_version,
        published_micros=row.published_micros,
        published_by=row.published_by or None,
        has_changes=is_writer and row.published_seq != row.seq,
        n_views=row.n_views,
        is_starred=is_starred,
        pinned_micros=row.pinned_micros,
    )


def version_info_of(row: ReportVersionRow) -> ReportVersionInfo:
    return ReportVersionInfo(
        version=row.version,
        name=row.name,
        author=row.author or None,
        created_micros=row.created_micros,
        title=row.title,
        n_bytes=row.n_bytes,
    )


def sort_key(info: ReportInfo, order: ReportOrder) -> tuple[Any, ...]:
    """The key by which lists are sorted; times from the newest on."""
    match order:
        case "title":
            return info.title.casefold(), info.id
        case "author":
            return (info.author or "").casefold(), -info.edited_micros, info.id
        case "created":
            return -info.created_micros, info.id
        case "edited":
            return -info.edited_micros, info.id
        case "views":
            return -info.n_views, -info.edited_micros, info.id
        case "starred":
            return not info.is_starred, -info.edited_micros, info.id
        case "pinned":
            pinned_micros = info.pinned_micros
            return (
                pinned_micros is None,
                pinned_micros or 0,
                not info.is_starred,
                -info.edited_micros,
                info.id,
            )
