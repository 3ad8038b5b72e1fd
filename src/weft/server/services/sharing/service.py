"""Shares of a project, for its members, and the readers of their links."""

from __future__ import annotations

import secrets
from typing import Any, Final, cast

import msgspec

from weft.errors import ConfigError, Conflict, LimitExceeded, NotFound
from weft.queries.filter_json import FilterForm, decode_filter, encode_filter, filter_of
from weft.queries.filter_text import format_filter
from weft.queries.filters import Comparison
from weft.records.actions.activity import ActivityAction
from weft.server.services.access.actors import Actor
from weft.server.services.access.paths import ProjectPath, SharedLink
from weft.server.services.access.permissions import NO_SHARE, SERVER, Action, require
from weft.server.services.projects.views import document_text
from weft.server.services.selecting.select import select_runs
from weft.server.services.sharing.codes import LinkCodes
from weft.server.services.sharing.content import ShareContent, shown_document
from weft.server.services.sharing.opened import open_share
from weft.server.services.stores.stores import Stores
from weft.server.storage.metadata import ActivityObject, NewShare, ShareRow, Transaction
from weft.wire.projects.shares import (
    MAX_DAYS,
    MAX_SHARED_RUNS,
    Share,
    ShareCreate,
    ShareKind,
    ShareList,
)

MAX_SHARES: Final = 1000
"""Most shares of a project that are not revoked."""

ALL_RUNS: Final[dict[str, Any]] = {"and": []}

_DAY_MICROS: Final = 86_400 * 1_000_000


class SharingService:
    """Operations on the shares of a project."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores
        self._codes = LinkCodes(stores.metadata)

    def check_may_share(self, actor: Actor, path: ProjectPath) -> None:
        """Refuse who may not share a part of a project."""
        require(actor, Action.SHARE, path)

    def create(self, actor: Actor, path: ProjectPath, new: ShareCreate) -> Share:
        """Share a part of a project.

        NotFound if a run that it names does not exist. `days` has its limits here too, for callers
        without HTTP.
        """
        require(actor, Action.SHARE, path)
        stores = self._stores
        if new.days is not None and not 0 < new.days <= MAX_DAYS:
            raise ConfigError(f"days must be more than 0 and at most {MAX_DAYS}", field="days")
        project_id = stores.find_project(path)
        content = self._content(actor, project_id, new)
        now = stores.now()
        row = NewShare(
            share=secrets.token_hex(6),
            kind=new.kind,
            name=" ".join(new.name.split()),
            document=msgspec.json.encode(content).decode(),
            user=actor.user or "",
            created_micros=now,
            expires_micros=None if new.days is None else now + round(new.days * _DAY_MICROS),
            may_embed=new.may_embed,
        )
        shares = stores.metadata.shares
        with stores.metadata.write() as tx:
            if len(shares.of_project(tx, project_id)) >= MAX_SHARES:
                raise LimitExceeded(f"there are {MAX_SHARES} shares already: revoke some")
            self._codes.prepare(tx)
            shares.add_share(tx, project_id, row)
            added = shares.find_share(tx, row.share)
            stores.audit.note(
                tx, actor, "share.add", path.entity, path,
                after={"share": row.share, "kind": new.kind, "days": new.days,
                       "may_embed": new.may_embed, "shows_files": new.shows_files,
                       "shows_console": new.shows_console, "shows_runs": new.shows_runs,
                       "shows_pages": new.shows_pages},
            )  # fmt: skip
            self._note(tx, actor, "share.add", added)
        assert added is not None
        return self._info(added)

    def list(self, actor: Actor, path: ProjectPath) -> ShareList:
        """List the shares that were not revoked, newest first; also those that have ended."""
        require(actor, Action.SHARE, path)
        project_id = self._stores.find_project(path)
        with self._stores.metadata.read() as tx:
            rows = self._stores.metadata.shares.of_project(tx, project_id)
        return ShareList([self._info(row) for row in rows])

    def revoke(self, actor: Actor, path: ProjectPath, share: str) -> None:
        """Revoke a share: its link stops working at once."""
        require(actor, Action.WRITE, path)
        stores = self._stores
        project_id = stores.find_project(path)
        with stores.metadata.write() as tx:
            row = stores.metadata.shares.find_share(tx, share)
            if row is None or row.project_id != project_id or row.revoked_micros is not None:
                raise NotFound(f"no share {share} in {path}")
            stores.metadata.shares.revoke(tx, row.row_id, stores.now())
            before = {"share": share, "kind": row.kind, "user": row.user}
            stores.audit.note(tx, actor, "share.revoke", path.entity, path, before=before)
            self._note(tx, actor, "share.revoke", row)

    def _note(
        self, tx: Transaction, actor: Actor, action: ActivityAction, row: ShareRow | None
    ) -> None:
        if row is not None:
            shared = ActivityObject(row.share, row.name, row.kind)
            self._stores.activity.note(tx, row.project_id, actor.user, action, [shared])

    def reader(self, actor: Actor, link: SharedLink) -> Actor | None:
        """The reader of a share whose link a request has; None if the link is not genuine."""
        require(actor, Action.READ, SERVER)
        if not self._codes.is_genuine(link):
            return None
        return Actor("anyone", people=self._stores.people, share=link.share)

    def project_of(self, actor: Actor, link: SharedLink) -> ProjectPath:
        """The project of a share whose link the actor has; NotFound if the link opens nothing."""
        require(actor, Action.READ, SERVER)
        if not self._codes.is_genuine(link):
            raise NotFound(NO_SHARE)
        return open_share(self._stores, link).path

    def _content(self, actor: Actor, project_id: int, new: ShareCreate) -> ShareContent:
        """The content that is stored, with the runs as they are now unless it is live."""
        if new.kind == "report":
            return self._report(project_id, new)
        if new.report is not None:
            raise ConfigError(f"a share of a {new.kind} has no report", field="report")
        for_reports = {"shows_runs": new.shows_runs, "shows_pages": new.shows_pages}
        field = next((name for name, value in for_reports.items() if value), None)
        if field is not None:
            raise ConfigError(
                f"a share of a {new.kind} shows its runs anyway: {field} is of reports",
                field=field,
            )
        document = self._document(project_id, new)
        form: FilterForm = new.filter
        if form is None and new.runs is None and new.kind == "view":
            form = document.get("filter") or ALL_RUNS
        if (new.runs is None) == (form is None):
            raise ConfigError("give runs or a filter", field="runs")
        if new.is_live and form is None:
            raise ConfigError("runs that are named can't be live: give a filter", field="is_live")
        if new.kind != "run" and (new.shows_files or new.shows_console):
            raise ConfigError(
                f"a share of a {new.kind} shows no files and no console: share a run",
                field="shows_files" if new.shows_files else "shows_console",
            )
        if new.kind == "run" and (new.runs is None or len(new.runs) != 1):
            raise ConfigError("a share of a run names that run alone", field="runs")
        tree = filter_of(form) if new.runs is None else Comparison("id", "in", tuple(new.runs))
        runs = select_runs(self._stores, actor, project_id, tree).ids
        missing = set(new.runs or ()) - set(runs)
        if missing:
            raise NotFound(f"no run {min(missing)} in this project")
        if len(runs) > MAX_SHARED_RUNS:
            raise LimitExceeded(
                f"a share has at most {MAX_SHARED_RUNS:,} runs, not {len(runs):,}: use a filter"
            )
        shown = shown_document(new.kind, document, runs)
        if new.is_live and tree is not None:
            return ShareContent(filter=encode_filter(tree), document=shown)
        return ShareContent(
            runs=runs,
            document=shown,
            shows_files=new.shows_files,
            shows_console=new.shows_console,
        )

    def _report(self, project_id: int, new: ShareCreate) -> ShareContent:
        parts = {
            "runs": new.runs,
            "filter": new.filter,
            "is_live": new.is_live,
            "view": new.view,
            "document": new.document,
        }
        field = next((name for name, value in parts.items() if value), None)
        if field is not None:
            raise ConfigError(f"a share of a report has no {field}", field=field)
        if new.report is None:
            raise ConfigError("a share of a report names the report", field="report")
        if new.shows_pages and not new.shows_runs:
            raise ConfigError(
                "pages are those of the runs behind a report: set shows_runs, too",
                field="shows_pages",
            )
        if (new.shows_files or new.shows_console) and not new.shows_pages:
            raise ConfigError(
                "files and the console are on pages of runs: set shows_pages, too",
                field="shows_files" if new.shows_files else "shows_console",
            )
        with self._stores.metadata.read() as tx:
            row = self._stores.metadata.reports.find_report(tx, project_id, new.report)
        if row is None or row.trashed_micros is not None:
            raise NotFound(f"no report {new.report}")
        if row.published_version is None:
            raise Conflict(
                f"report {new.report} was never published, and a share shows what was: publish "
                "it first"
            )
        return ShareContent(
            report=new.report,
            shows_runs=new.shows_runs,
            shows_pages=new.shows_pages,
            shows_files=new.shows_files,
            shows_console=new.shows_console,
        )

    def _document(self, project_id: int, new: ShareCreate) -> dict[str, Any]:
        if new.view is not None and new.document is not None:
            raise ConfigError("give a view or a document", field="view")
        if new.kind not in {"view", "panel"} and (new.view or new.document is not None):
            raise ConfigError(f"a share of a {new.kind} has no document", field="document")
        if new.view is not None and new.kind == "view":
            return self._saved_view(project_id, new.view)
        if new.kind in {"view", "panel"} and new.document is None:
            raise ConfigError(f"a share of a {new.kind} needs its document", field="document")
        document = new.document or {}
        document_text(document)  # checks its size
        if new.kind == "panel" and not isinstance(document.get("panel"), dict):
            raise ConfigError("the document of a panel is {panel, settings}", field="document")
        return document

    def _saved_view(self, project_id: int, view: str) -> dict[str, Any]:
        views = self._stores.metadata.views
        with self._stores.metadata.read() as tx:
            row = views.find_view(tx, project_id, view)
            if row is None or row.kind in {"default", "columns"}:
                raise NotFound(f"no view {view}")
            return msgspec.json.decode(views.document(tx, row.row_id), type=dict[str, Any])

    def _info(self, row: ShareRow) -> Share:
        content = msgspec.json.decode(row.document, type=ShareContent)
        return Share(
            id=row.share,
            path=f"/share/{self._codes.link(row.share)}",
            kind=cast("ShareKind", row.kind),
            name=row.name,
            report=content.report,
            n_runs=None if content.runs is None else len(content.runs),
            filter=None
            if content.filter is None
            else format_filter(decode_filter(content.filter)),
            user=row.user or None,
            created_micros=row.created_micros,
            expires_micros=row.expires_micros,
            has_expired=row.expires_micros is not None
            and row.expires_micros <= self._stores.now(),
            may_embed=row.may_embed,
            shows_files=content.shows_files,
            shows_console=content.shows_console,
            shows_runs=content.shows_runs,
            shows_pages=content.shows_pages,
            n_opened=row.n_opened,
            opened_micros=row.opened_micros,
        )
