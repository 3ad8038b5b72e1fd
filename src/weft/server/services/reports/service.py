"""Operations on reports: drafts that people and scripts edit, published versions, the trash."""

from __future__ import annotations

import builtins
import secrets
import zlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from weft.errors import Conflict, Forbidden, LimitExceeded, NotFound, Outdated
from weft.records.actions.activity import ActivityAction
from weft.server.services.access.actors import Actor
from weft.server.services.access.cursors import decode_cursor, encode_cursor
from weft.server.services.access.paths import ProjectPath
from weft.server.services.access.permissions import Action, may, require
from weft.server.services.reports.bounds import (
    MAX_VERSIONS,
    check_new_report,
    check_reports_room,
)
from weft.server.services.reports.describing import (
    check_content,
    checked_meta,
    checked_more,
    content_of,
    document_of,
    encode,
    fields_of,
    info_of,
    noted,
    number_of,
    sort_key,
    version_info_of,
)
from weft.server.services.reports.drafts import (
    Awareness,
    Drafts,
    Follower,
    Listener,
    heading_of,
    present,
)
from weft.server.services.reports.figures import readable_figures
from weft.server.services.reports.finding import find_report, present_report, version_document
from weft.server.services.reports.listing.thumbnails import thumbnail_tags
from weft.server.services.reports.readers import find_readable, info_for, reader_of
from weft.server.services.reports.searching import ReportSearch
from weft.server.services.reports.texts import text_of_content, words_of
from weft.server.services.stores.live_relay import PageNews
from weft.server.services.stores.stores import Service, Stores
from weft.server.storage.metadata import (
    ActivityObject,
    NewReport,
    ReportPart,
    ReportRow,
    Transaction,
)
from weft.wire.reports.checks import MAX_DOCUMENT_BYTES, SCHEMA
from weft.wire.reports.reports import (
    DRAFT,
    MAX_UPDATE_BYTES,
    PUBLISHED,
    Report,
    ReportChange,
    ReportCreate,
    ReportEdit,
    ReportInfo,
    ReportList,
    ReportOrder,
    ReportPublish,
    ReportVersionInfo,
    ReportVersionList,
)

if TYPE_CHECKING:
    from weft.server.services.reports.draft import Draft


class ReportService(Service):
    """Operations on reports."""

    def __init__(self, stores: Stores, drafts: Drafts, search: ReportSearch) -> None:
        super().__init__(stores)
        self._drafts = drafts
        self._search = search

    def list(
        self,
        actor: Actor,
        path: ProjectPath,
        *,
        search: str = "",
        order: ReportOrder = "edited",
        limit: int = 100,
        cursor: str | None = None,
    ) -> ReportList:
        """List the reports of a project that have all words of a search; without the right to
        write, the published ones, and as they were published.
        """
        require(actor, Action.READ, path)
        project_id = self._stores.find_project(path)
        is_writer = may(actor, Action.WRITE, path)
        first = 0 if cursor is None else decode_cursor(cursor, tuple[int])[0]
        part: ReportPart = "draft" if is_writer else "published"
        words = words_of(search)
        matching = self._search.find_reports(project_id, part, words) if words else None
        with self._stores.metadata.read() as tx:
            heads = self._stores.metadata.reports.heads(tx, project_id)
            threads = self._stores.metadata.comments.open_threads(
                tx, project_id, for_editors=is_writer
            )
            starred = self._stores.metadata.report_stars.starred(tx, project_id, reader_of(actor))
        reports = [
            (info_of(row, is_writer=is_writer, is_starred=row.row_id in starred), row)
            for row in heads
            if (is_writer or row.published_version is not None)
            and (matching is None or row.row_id in matching)
        ]
        reports.sort(key=lambda report: sort_key(report[0], order))
        end = first + limit
        page = reports[first:end]
        rows = [row for _, row in page]
        tags = thumbnail_tags(self._stores, actor, [row.row_id for row in rows])
        return ReportList(
            reports=[
                msgspec.structs.replace(info, thumbnail=tags.get(row.row_id)) for info, row in page
            ],
            cursor=encode_cursor((end,)) if end < len(reports) else None,
            total=len(reports),
            matches=self._search.excerpts(rows, part, words) if words else {},
            open_threads={info.id: threads[info.id] for info, _ in page if info.id in threads},
        )

    def create(self, actor: Actor, path: ProjectPath, new: ReportCreate) -> Report:
        """Create a report with a draft."""
        require(actor, Action.WRITE, path)
        stores = self._stores
        project_id = stores.find_project(path)
        meta = {"title": new.title, "description": new.description, "width": new.width}
        values = checked_meta(meta | checked_more(new.more)) | {"schema": SCHEMA}
        check_content(new.blocks)
        title, description = heading_of(values)
        name, now = secrets.token_hex(6), stores.now()
        row = NewReport(name, title, description, _user(actor), now)
        update = self._drafts.first_update(new.blocks, values)
        reports = stores.metadata.reports
        with stores.metadata.write() as tx:
            check_new_report(stores.metadata, tx, project_id)
            row_id = reports.add_report(tx, project_id, row)
            reports.add_update(
                tx, present(reports.by_row_id(tx, row_id)), update,
                now_micros=now, editor=_user(actor), title=title, description=description,
            )  # fmt: skip
        return self._draft(actor, row_id)

    def get(
        self, actor: Actor, path: ProjectPath, report: str, *, version: str = PUBLISHED
    ) -> Report:
        """Return a report with its draft, what was published, or a version.

        Forbidden for drafts and former versions without the right to write.
        """
        require(actor, Action.READ, path)
        row = find_readable(self._stores, actor, path, report)
        is_writer = may(actor, Action.WRITE, path)
        if version == DRAFT:
            self._require_writer(is_writer=is_writer)
            return self._draft(actor, row.row_id)
        number = row.published_version if version == PUBLISHED else number_of(version)
        if number is None:
            raise NotFound(f"report {report} was never published: its draft is `version=draft`")
        if number != row.published_version:
            self._require_writer(is_writer=is_writer)
        info = info_for(self._stores, actor, row, is_writer=is_writer)
        document = version_document(self._stores, row, number)
        figures = readable_figures(self._stores, actor, row, number)
        return Report(
            **fields_of(info), version=number, document=document_of(document), figures=figures
        )

    def edit(self, actor: Actor, path: ProjectPath, report: str, edit: ReportEdit) -> ReportInfo:
        """Change a draft as a difference; Outdated if it is no longer at `edit.seq`."""
        require(actor, Action.WRITE, path)
        row = find_report(self._stores, path, report)
        meta = {"title": edit.title, "description": edit.description, "width": edit.width}
        values = checked_meta({key: value for key, value in meta.items() if value is not None})
        if edit.more is not None:
            values |= checked_meta(checked_more(edit.more))
        if edit.blocks is not None:
            check_content(edit.blocks)
        return self._write(actor, row, edit.blocks, values, seq=edit.seq)

    def update(
        self,
        actor: Actor,
        path: ProjectPath,
        report: str,
        update: bytes,
        *,
        schema: int = SCHEMA,
        client: str | None = None,
    ) -> ReportChange:
        """Apply a Yjs update of a page to the draft. It is durable once this returns.

        ConfigError or LimitExceeded if it is refused: the page reads the draft again. Outdated if
        the page does not know all that the document has. Conflict if the update follows others
        that the server lacks.
        """
        require(actor, Action.WRITE, path)
        if len(update) > MAX_UPDATE_BYTES:
            raise LimitExceeded(f"an update has at most {MAX_UPDATE_BYTES} bytes")
        row = find_report(self._stores, path, report)

        def apply(draft: Draft) -> bytes | None:
            if schema < draft.schema:
                raise Outdated(
                    f"the report has blocks that this page does not know (schema {draft.schema}, "
                    f"the page has {schema}): reload the page"
                )
            return draft.apply(update)

        changed = self._drafts.change(
            row.row_id, apply, now_micros=self._stores.now(), editor=_user(actor), client=client
        )
        return ReportChange(seq=changed.seq)

    def sync(
        self, actor: Actor, path: ProjectPath, report: str, state_vector: bytes
    ) -> tuple[bytes, int, int]:
        """The update that a page lacks, the number of the draft's last change, and the schema
        number.
        """
        require(actor, Action.WRITE, path)
        row = find_report(self._stores, path, report)
        with self._drafts.reading(row.row_id) as (row, draft):
            return draft.missing(state_vector), row.seq, draft.schema

    def check_open(self, actor: Actor, path: ProjectPath, report: str) -> None:
        """Refuse who may not edit a draft, or one that is not there."""
        require(actor, Action.WRITE, path)
        find_report(self._stores, path, report)

    def follow(
        self,
        actor: Actor,
        path: ProjectPath,
        report: str,
        listener: Listener,
        *,
        after: int | None = None,
    ) -> Follower:
        """Have a function called with each change of a draft after a number; None: after now."""
        require(actor, Action.WRITE, path)
        row = find_report(self._stores, path, report)
        # A page may have more than a server whose database was restored from a backup.
        begin = row.seq if after is None else min(after, row.seq)
        return self._drafts.follow(row.row_id, listener, begin)

    def send_awareness(
        self, actor: Actor, path: ProjectPath, report: str, state: bytes, *, client: str
    ) -> None:
        """Pass the state of a page, such as its cursor, on to the others, and store nothing."""
        require(actor, Action.WRITE, path)
        row = find_report(self._stores, path, report)
        self._drafts.pass_on(row.row_id, Awareness(client, state))
        relay = self._stores.live.relay
        if relay is not None:
            relay.add_page(PageNews(row.row_id, client, state))

    def publish(
        self, actor: Actor, path: ProjectPath, report: str, options: ReportPublish
    ) -> ReportVersionInfo:
        """Make the draft the published version."""
        require(actor, Action.WRITE, path)
        stores = self._stores
        row = find_report(self._stores, path, report)
        with self._drafts.reading(row.row_id) as (row, draft):
            content = content_of(draft)
        text = encode(content)
        if len(text) > MAX_DOCUMENT_BYTES:
            raise LimitExceeded(
                f"the report has {len(text)} bytes as JSON, more than {MAX_DOCUMENT_BYTES}: "
                "move a part of it to another report"
            )
        reports, packed = stores.metadata.reports, zlib.compress(text)
        with stores.metadata.write() as tx:
            present(reports.by_row_id(tx, row.row_id, for_update=True))
            check_reports_room(stores.metadata, tx, row.project_id, len(packed))
            if len(reports.versions(tx, row.row_id)) >= MAX_VERSIONS:
                raise LimitExceeded(f"the report has {MAX_VERSIONS} versions already: clone it")
            version = reports.add_version(
                tx,
                row,
                packed,
                name=options.name,
                author=_user(actor),
                now_micros=stores.now(),
                n_bytes=len(text),
                title=content["title"],
                description=content["description"],
            )
            # Both at once: what was removed from the draft must not stay in its text either.
            texts = stores.metadata.report_texts
            texts.put(tx, row.row_id, text_of_content("draft", row.seq, content))
            texts.put(tx, row.row_id, text_of_content("published", version.version, content))
            self._note(tx, actor, "report.publish", row)
        self._drafts.compact(row.row_id)
        return version_info_of(version)

    def versions(self, actor: Actor, path: ProjectPath, report: str) -> ReportVersionList:
        """List the versions of a report, newest first."""
        require(actor, Action.WRITE, path)
        row = find_report(self._stores, path, report)
        with self._stores.metadata.read() as tx:
            rows = self._stores.metadata.reports.versions(tx, row.row_id)
        return ReportVersionList([version_info_of(version) for version in rows])

    def restore(self, actor: Actor, path: ProjectPath, report: str, number: str) -> ReportInfo:
        """Give the draft the content of a version, as a difference."""
        require(actor, Action.WRITE, path)
        row = find_report(self._stores, path, report)
        content = version_document(self._stores, row, number_of(number))
        blocks = content.pop("blocks")
        with self._drafts.reading(row.row_id) as (_, draft):
            removed = dict.fromkeys(draft.meta.keys() - content.keys() - {"schema"})
        content.pop("schema", None)
        return self._write(actor, row, blocks, removed | content)

    def delete(
        self, actor: Actor, path: ProjectPath, report: str, *, permanently: bool = False
    ) -> None:
        """Move a report to the trash. `permanently` deletes without the trash, or from it, which
        needs the right to delete.
        """
        require(actor, Action.DELETE if permanently else Action.WRITE, path)
        stores = self._stores
        project_id = stores.find_project(path)
        reports = stores.metadata.reports
        with stores.metadata.write() as tx:
            row = reports.find_report(tx, project_id, report)
            if row is None or (row.trashed_micros is not None and not permanently):
                row = present_report(row, report)
            if permanently or stores.trash_micros == 0:
                stores.blobs.drop_after(tx, reports.delete(tx, row.row_id))
            else:
                reports.set_trashed(tx, row.row_id, stores.now())
            if row.trashed_micros is None:
                self._note(tx, actor, "report.remove", row)
            stores.audit.note(
                tx,
                actor,
                "report.purge" if permanently else "report.remove",
                path.entity,
                f"{path}/reports/{report}",
                before=noted(row),
            )
        self._drafts.tell_of_others([row.row_id])

    def undelete(self, actor: Actor, path: ProjectPath, report: str) -> ReportInfo:
        """Restore a report from the trash, as it was."""
        require(actor, Action.WRITE, path)
        stores = self._stores
        project_id = stores.find_project(path)
        reports = stores.metadata.reports
        with stores.metadata.write() as tx:
            row = reports.find_report(tx, project_id, report)
            if row is None or row.trashed_micros is None:
                raise NotFound(f"no report {report} in the trash")
            reports.set_trashed(tx, row.row_id, None)
            self._note(tx, actor, "report.restore", row)
            target = f"{path}/reports/{report}"
            stores.audit.note(tx, actor, "report.restore", path.entity, target, after=noted(row))
        return info_for(self._stores, actor, row, is_writer=True)

    def _write(
        self,
        actor: Actor,
        row: ReportRow,
        blocks: builtins.list[dict[str, Any]] | None,
        values: Mapping[str, Any],
        *,
        seq: int | None = None,
    ) -> ReportInfo:
        def write(draft: Draft) -> bytes | None:
            if seq is not None and seq != draft.seq:
                raise Outdated(
                    f"report {row.report} was changed since it was read: it is at {draft.seq}"
                )
            if draft.schema > SCHEMA:
                raise Conflict(f"a later version of weft wrote report {row.report}: upgrade")
            return draft.write(blocks, values)

        changed = self._drafts.change(
            row.row_id, write, now_micros=self._stores.now(), editor=_user(actor)
        )
        return info_for(self._stores, actor, changed, is_writer=True)

    def _draft(self, actor: Actor, row_id: int) -> Report:
        with self._drafts.reading(row_id) as (row, draft):
            document = content_of(draft)
        fields = fields_of(info_for(self._stores, actor, row, is_writer=True))
        return Report(**fields, version=None, document=document_of(document))

    def _require_writer(self, *, is_writer: bool) -> None:
        if not is_writer:
            raise Forbidden("drafts and former versions are for those who may edit the report")

    def _note(self, tx: Transaction, actor: Actor, action: ActivityAction, row: ReportRow) -> None:
        """Note a change in the activity, if all who may read the project see the report."""
        if action == "report.publish" or row.published_version is not None:
            changed = ActivityObject(row.report, row.title)
            self._stores.activity.note(tx, row.project_id, actor.user, action, [changed])


def _user(actor: Actor) -> str:
    return actor.user or ""
