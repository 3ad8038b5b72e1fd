"""Reads and saves reports as specs.

A save is a difference: what the client did not change stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from msgspec.structs import replace

from weft.errors import Outdated, Unavailable
from weft.server.services.access import Action, Actor, ProjectPath, may
from weft.server.services.opening import Services
from weft.wandb_gateway.reports.blocks import ID, block_of
from weft.wandb_gateway.reports.exact_json import read_spec, write_exact
from weft.wandb_gateway.reports.merging import merge_values, merged_blocks, merged_frame
from weft.wandb_gateway.reports.specs import (
    Content,
    content_of,
    foreign_more,
    new_ids,
    sources_of,
    spec_of,
)
from weft.wire.reports.merging import merge_blocks
from weft.wire.reports.reports import (
    DRAFT,
    PUBLISHED,
    Report,
    ReportCreate,
    ReportDocument,
    ReportEdit,
    ReportPublish,
)

Json = dict[str, Any]

_TRIES: Final = 5
"""Attempts at a save while others change the draft at the same moment."""


class Submission(NamedTuple):
    """A report as a client sends it; a member that is None stays as it is."""

    title: str | None
    description: str | None
    spec: str | None
    is_draft: bool


def read_report(services: Services, actor: Actor, path: ProjectPath, report: str) -> Report:
    """The draft of a report, or what was published to who may not write."""
    version = DRAFT if may(actor, Action.WRITE, path) else PUBLISHED
    return services.reports.get(actor, path, report, version=version)


def spec_text_of(report: Report) -> str:
    """The spec of a report."""
    return write_exact(spec_of(_content(report)))


def add_report(
    services: Services, actor: Actor, path: ProjectPath, submission: Submission
) -> Report:
    """Create a report of what a client sent, and publish it unless it is a draft."""
    content = content_of(read_spec(submission.spec or '{"blocks":[]}'))
    new = ReportCreate(
        title=_line(submission.title or ""),
        description=submission.description or "",
        width=content.width,
        blocks=content.blocks,
        more=content.more,
    )
    report = services.reports.create(actor, path, new)
    return _published(services, actor, path, report.id, submission)


def save_report(
    services: Services,
    actor: Actor,
    path: ProjectPath,
    report: str,
    submission: Submission,
    loaded: Report | None = None,
) -> tuple[Report, Report]:
    """Change a report as far as a client changed it, and publish it unless it is a draft.

    Args:
        loaded: the report as the client has it. None compares with what is stored.

    Returns:
        The report as it is stored now, and as the client has it: without changes by others.
    """
    for _ in range(_TRIES):
        stored = services.reports.get(actor, path, report, version=DRAFT)
        edit, document = _edit_of(stored, loaded or stored, submission)
        try:
            services.reports.edit(actor, path, report, edit)
            saved = _published(services, actor, path, report, submission)
            return saved, replace(saved, document=document)
        except Outdated:
            continue
    raise Unavailable(f"report {report} changes all the time: try again")


def _published(
    services: Services, actor: Actor, path: ProjectPath, report: str, submission: Submission
) -> Report:
    if not submission.is_draft:
        services.reports.publish(actor, path, report, ReportPublish())
    return services.reports.get(actor, path, report, version=DRAFT)


def _edit_of(
    stored: Report, loaded: Report, submission: Submission
) -> tuple[ReportEdit, ReportDocument]:
    """The change of what is stored, and the document that the client has."""
    title = None if submission.title is None else _line(submission.title)
    description = submission.description
    edit: Json = {
        "title": None if title == loaded.document.title else title,
        "description": None if description == loaded.document.description else description,
        "seq": stored.seq,
    }
    document = loaded.document
    document = replace(
        document,
        title=document.title if title is None else title,
        description=document.description if description is None else description,
    )
    if submission.spec is None:
        return ReportEdit(**edit), document
    before = _content(loaded)
    full = spec_of(before, hides_ids=False)
    sent = read_spec(submission.spec)
    own = {block["id"]: block for block in before.blocks}
    stored_blocks = [
        (source, own[source[ID]]) for source in full["blocks"] if source.get(ID) in own
    ]
    merged = merged_frame(full, sent)
    merged["blocks"] = merged_blocks(full["blocks"], sources_of(sent))
    after = content_of(merged, stored_blocks)
    changed = _merged_content(stored_blocks, after.blocks)
    complete = ReportEdit(
        **edit,
        width=None if after.width == before.width else after.width,
        blocks=merge_blocks(before.blocks, changed, list(stored.document.blocks)),
        more=foreign_more(stored.document.more, after.more),
    )
    more = foreign_more(before.more, after.more)
    return complete, replace(document, width=after.width, blocks=changed, more=more)


def _merged_content(stored: Sequence[tuple[Json, Json]], blocks: Sequence[Json]) -> list[Json]:
    """The new blocks, with what only weft's own blocks say of those that were there before."""
    earlier = {block["id"]: (source, block) for source, block in stored}
    new_id = new_ids(set(earlier))
    merged: list[Json] = []
    for block in blocks:
        source, own = earlier.get(block["id"], (None, None))
        is_changed = source is not None and own is not block
        merged.append(merge_values(block_of(source, new_id), own, block) if is_changed else block)
    return merged


def _content(report: Report) -> Content:
    document = report.document
    return Content(document.width, list(document.blocks), dict(document.more))


def _line(title: str) -> str:
    return " ".join(title.splitlines())
