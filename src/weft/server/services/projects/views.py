"""Saved views of a project: the contents of a workspace, under a name or behind a link.

Column sets for the runs table are stored as views of the kind `columns`, in a separate list.

A view is a document that the web app makes; here it is any JSON object. Each change must name the
version that it is based on, so that if two people edit one view, the second gets an error.
"""

from __future__ import annotations

import builtins
import hashlib
import json
import secrets
from collections.abc import Mapping
from typing import Any, Final, Literal, cast, get_args

from weft.errors import (
    ConfigError,
    Conflict,
    CorruptLog,
    Forbidden,
    Gone,
    LimitExceeded,
    NotFound,
    Outdated,
)
from weft.records.actions.activity import ActivityAction
from weft.records.actions.audit import AuditAction
from weft.records.limits import MAX_NAME_CHARS
from weft.server.services.access.actors import Actor
from weft.server.services.access.paths import ProjectPath
from weft.server.services.access.permissions import Action, may, require
from weft.server.services.stores.stores import Service
from weft.server.storage.metadata import ActivityObject, NewView, Transaction, ViewRow
from weft.wire.projects.views import ListedKind, View, ViewEdit, ViewInfo, ViewKind

NamedKind = Literal["personal", "shared", "columns"]

DEFAULT: Final = "default"
"""Used as an id: the view that a user sees without selecting another."""

MAX_DOCUMENT_BYTES: Final = 1 << 20
"""Longest document, as JSON. A thousand panels with their own settings take half of it."""

MAX_DEPTH: Final = 64
"""Deepest nesting of a document. A view contains panels that contain chart specifications."""

MAX_VIEWS: Final = 1000
"""Most views, and most column sets, in one user's list for a project."""

MAX_LINK_BYTES: Final = 64 << 20
"""Most bytes of all links of a project. The least recently opened are dropped first."""

_UNCHANGED: Final = ViewRow(0, DEFAULT, DEFAULT, "", "", 0, 0, 0, "")
"""A default view that was never changed."""


class ViewService(Service):
    """Operations on views."""

    def list(
        self, actor: Actor, path: ProjectPath, kind: ListedKind = "view"
    ) -> builtins.list[ViewInfo]:
        """List the actor's own and the shared views, or the project's column sets, ordered by
        name.
        """
        require(actor, Action.READ, path)
        project_id = self._stores.find_project(path)
        with self._stores.metadata.read() as tx:
            rows = self._listed(tx, project_id, actor, kind)
        return [_info(row, actor) for row in rows]

    def note_export(self, actor: Actor, path: ProjectPath, name: str) -> None:
        """Note in the audit log that a view, with its runs, was saved as a file."""
        require(actor, Action.READ, path)
        self._stores.find_project(path)
        exported = {"kind": "view", "format": "html", "name": name}
        self._stores.audit.note_alone(actor, "export", path.entity, path, exported)

    def get(self, actor: Actor, path: ProjectPath, view: str) -> View:
        """Get any view of the project by its id, or the actor's default.

        A personal view is only in its owner's list, but anyone with its link can open it. A
        default that was never changed has version 0.
        """
        require(actor, Action.READ, path)
        project_id = self._stores.find_project(path)
        views = self._stores.metadata.views
        with self._stores.metadata.read() as tx:
            if view == DEFAULT and views.find_default(tx, project_id, _owner(actor)) is None:
                return _whole(_UNCHANGED, actor, "{}")
            row = self._find(tx, project_id, view, actor)
            text = views.document(tx, row.row_id)
        if row.kind == "link":
            with self._stores.metadata.write() as tx:
                views.note_opened(tx, row.row_id, self._stores.now())
        return _whole(row, actor, text)

    def create(
        self,
        actor: Actor,
        path: ProjectPath,
        *,
        kind: NamedKind | Literal["link"],
        name: str,
        document: Mapping[str, Any],
    ) -> View:
        """Create a view.

        For a `link` only the document matters: equal documents get the same id. Conflict if
        another view has the name.
        """
        require(actor, Action.WRITE, path)
        project_id = self._stores.find_project(path)
        text = document_text(document)
        stores = self._stores
        owner = _owner(actor)
        if kind == "link":
            id_, name = hashlib.blake2b(text.encode(), digest_size=10).hexdigest(), ""
        else:
            id_, name = secrets.token_hex(6), _name(name)
        now = stores.now()
        new = NewView(id_, kind, owner, name, text, now)
        with stores.metadata.write() as tx:
            if kind != "link":
                self._check_free(tx, project_id, actor, name, kind)
            stores.metadata.views.add_view(tx, project_id, new)
            row = self._find(tx, project_id, id_, actor)
            if kind == "link":
                stores.metadata.views.note_opened(tx, row.row_id, now)
                stores.metadata.views.drop_links(tx, project_id, MAX_LINK_BYTES)
            else:
                self._note(tx, actor, project_id, "view.add", row)
        return _whole(row, actor, text)

    def edit(
        self, actor: Actor, path: ProjectPath, view: str, edit: ViewEdit, version: int
    ) -> ViewInfo:
        """Change a named view; Outdated if it was changed after `version`.

        Forbidden if another user owns it: others may change the document of a shared view, but not
        its name or kind.
        """
        require(actor, Action.WRITE, path)
        stores = self._stores
        project_id = stores.find_project(path)
        text = None if edit.document is None else document_text(edit.document)
        with stores.metadata.write() as tx:
            row = self._find(tx, project_id, view, actor)
            if row.kind not in get_args(NamedKind):
                raise Conflict("only named views can be changed in this way")
            if row.kind == "columns" and edit.kind is not None:
                raise Conflict("a set of columns cannot become a view")
            is_own = row.owner == _owner(actor)
            if not is_own and (row.kind == "personal" or edit.name or edit.kind):
                raise Forbidden(f"view {view} is {row.owner}'s")
            kind = cast("NamedKind", edit.kind or row.kind)
            name = row.name if edit.name is None else _name(edit.name)
            if name != row.name or kind != row.kind:
                self._check_free(tx, project_id, actor, name, kind, but=row)
            self._change(tx, row, version, actor, kind=kind, name=name, document=text)
            changed = self._find(tx, project_id, view, actor)
            is_new_to_others = kind == "shared" and row.kind != "shared"
            action = "view.add" if is_new_to_others else "view.change"
            self._note(tx, actor, project_id, action, changed)
            return _info(changed, actor)

    def put_default(
        self,
        actor: Actor,
        path: ProjectPath,
        document: Mapping[str, Any],
        version: int,
    ) -> ViewInfo:
        """Save the actor's default view.

        `version` is the one that the change is based on, 0 before the first save.
        """
        require(actor, Action.READ, path)
        stores = self._stores
        project_id = stores.find_project(path)
        owner = _owner(actor)
        text = document_text(document)
        new = NewView(secrets.token_hex(6), "default", owner, "", text, stores.now())
        views = stores.metadata.views
        with stores.metadata.write() as tx:
            row = views.find_default(tx, project_id, owner)
            if row is not None:
                self._change(tx, row, version, actor, document=text)
            elif version != _UNCHANGED.version or not views.add_view(tx, project_id, new):
                raise _outdated(_UNCHANGED)
            return _info(self._find(tx, project_id, DEFAULT, actor), actor)

    def delete(
        self,
        actor: Actor,
        path: ProjectPath,
        view: str,
        version: int | None = None,
        *,
        permanently: bool = False,
    ) -> None:
        """Move a named view to the trash; deleting the default view or a link removes it.

        `permanently` deletes without the trash, or from it. Outdated if the view was changed after
        `version`.
        """
        require(actor, Action.WRITE, path)
        stores = self._stores
        project_id = stores.find_project(path)
        with stores.metadata.write() as tx:
            row = stores.metadata.views.find_trashed(tx, project_id, view) if permanently else None
            row = row or self._find(tx, project_id, view, actor)
            if row.owner != _owner(actor):
                raise Forbidden(f"view {view} is {row.owner}'s")
            if version is not None and version != row.version:
                raise _outdated(row)
            is_named = row.kind in get_args(NamedKind)
            if permanently or not is_named or stores.trash_micros == 0:
                stores.metadata.views.delete(tx, row.row_id)
            else:
                stores.metadata.views.set_trashed(tx, row.row_id, stores.now())
            if row.trashed_micros is None:
                self._note(tx, actor, project_id, "view.remove", row)
            if is_named:
                action: AuditAction = "view.purge" if permanently else "view.remove"
                stores.audit.note(
                    tx, actor, action, path.entity, f"{path}/views/{view}", before=_noted(row)
                )

    def undelete(
        self, actor: Actor, path: ProjectPath, view: str, *, name: str | None = None
    ) -> View:
        """Restore a view from the trash; links to it work again.

        Its owner may, and admins of the project. Conflict if another view has the name.
        """
        require(actor, Action.WRITE, path)
        stores = self._stores
        project_id = stores.find_project(path)
        with stores.metadata.write() as tx:
            row = stores.metadata.views.find_trashed(tx, project_id, view)
            if row is None or not row.is_listed_for(_owner(actor)):
                raise NotFound(f"no view {view} in the trash")
            if row.owner != _owner(actor) and not may(actor, Action.ADMIN, path):
                raise Forbidden(f"view {view} is {row.owner}'s")
            new_name = row.name if name is None else _name(name)
            self._check_free(tx, project_id, actor, new_name, cast("NamedKind", row.kind))
            stores.metadata.views.set_trashed(tx, row.row_id, None)
            if new_name != row.name:
                self._change(tx, row, row.version, actor, name=new_name, document=None)
            stores.audit.note(
                tx, actor, "view.restore", path.entity, f"{path}/views/{view}", after=_noted(row)
            )
            restored = self._find(tx, project_id, view, actor)
            self._note(tx, actor, project_id, "view.restore", restored)
            return _whole(restored, actor, stores.metadata.views.document(tx, row.row_id))

    def _find(self, tx: Transaction, project_id: int, view: str, actor: Actor) -> ViewRow:
        views = self._stores.metadata.views
        if view == DEFAULT:
            row = views.find_default(tx, project_id, _owner(actor))
        else:
            row = views.find_view(tx, project_id, view)
        if row is None and views.find_trashed(tx, project_id, view) is not None:
            raise Gone(f"view {view} was deleted; it can still be taken out of the trash")
        if row is None or (row.kind == DEFAULT and row.owner != _owner(actor)):
            raise NotFound(f"no view {view}")
        return row

    def _note(
        self,
        tx: Transaction,
        actor: Actor,
        project_id: int,
        action: ActivityAction,
        row: ViewRow,
    ) -> None:
        """Note a change of a view in the activity, if others see the view, too."""
        if row.kind == "shared":
            changed = ActivityObject(row.view, row.name)
            self._stores.activity.note(tx, project_id, actor.user, action, [changed])

    def _change(
        self,
        tx: Transaction,
        row: ViewRow,
        version: int,
        actor: Actor,
        *,
        document: str | None,
        kind: str | None = None,
        name: str | None = None,
    ) -> None:
        stores = self._stores
        if version != row.version or not stores.metadata.views.change(
            tx, row.row_id, version,
            now_micros=stores.now(), editor=_owner(actor), kind=kind, name=name, document=document,
        ):  # fmt: skip
            raise _outdated(row)

    def _check_free(
        self,
        tx: Transaction,
        project_id: int,
        actor: Actor,
        name: str,
        kind: NamedKind,
        *,
        but: ViewRow | None = None,
    ) -> None:
        is_columns = kind == "columns"
        listed = self._listed(tx, project_id, actor, "columns" if is_columns else "view")
        if but is None and len(listed) >= MAX_VIEWS:
            things = "sets of columns" if is_columns else "views"
            raise LimitExceeded(f"there are {MAX_VIEWS} {things} already: delete some")
        for other in listed:
            if other.name == name and other.kind == kind and other != but:
                thing = "set of columns" if is_columns else f"{kind} view"
                raise Conflict(f"there is a {thing} {name!r} already: choose another name")

    def _listed(
        self, tx: Transaction, project_id: int, actor: Actor, kind: ListedKind
    ) -> builtins.list[ViewRow]:
        views = self._stores.metadata.views
        if kind == "columns":
            return views.column_sets(tx, project_id)
        return views.listed(tx, project_id, _owner(actor))


def check_archived(rows: Any) -> None:
    """Check that rows from an archive are valid views."""
    wrong = CorruptLog("the archive is damaged: its views can't be read")
    if not isinstance(rows, list):
        raise wrong
    for row in cast("list[Any]", rows):
        if not isinstance(row, dict):
            raise wrong
        view = cast("dict[Any, Any]", row)
        if view.get("kind") not in get_args(ViewKind) or not isinstance(view.get("name"), str):
            raise wrong
        try:
            document = json.loads(view.get("document") or "")
            if not isinstance(document, dict):
                raise wrong
            document_text(cast("dict[str, Any]", document))
        except (TypeError, ValueError, RecursionError, LimitExceeded):
            raise wrong from None


def _owner(actor: Actor) -> str:
    return actor.user or ""


def _noted(row: ViewRow) -> dict[str, Any]:
    return {"name": row.name, "kind": row.kind, "owner": row.owner}


def _name(name: str) -> str:
    clean = " ".join(name.split())
    if not clean or len(clean) > MAX_NAME_CHARS or not clean.isprintable():
        raise ConfigError(f"name must be a line of 1 to {MAX_NAME_CHARS} printable characters")
    return clean


def document_text(document: Mapping[str, Any]) -> str:
    """The JSON of a view's document; refuses one that is too large or too deep."""
    wrong = ConfigError("document must be a JSON object")
    try:
        _check_depth(document, MAX_DEPTH)
        text = json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        n_bytes = len(text.encode())
    except (ValueError, TypeError) as error:
        if isinstance(error, ConfigError):
            raise
        raise wrong from None
    if n_bytes > MAX_DOCUMENT_BYTES:
        raise LimitExceeded(f"the document of a view has at most {MAX_DOCUMENT_BYTES} bytes")
    return text


def _check_depth(value: Any, levels_left: int) -> None:
    if levels_left == 0:
        raise ConfigError(f"document must be nested at most {MAX_DEPTH} deep")
    if isinstance(value, dict):
        for part in cast("dict[Any, Any]", value).values():
            _check_depth(part, levels_left - 1)
    elif isinstance(value, list):
        for part in cast("list[Any]", value):
            _check_depth(part, levels_left - 1)


def _outdated(row: ViewRow) -> Outdated:
    subject = f"view {row.name!r}" if row.name else "the view"
    return Outdated(f"{subject} was changed since it was read: it is at version {row.version}")


def _info(row: ViewRow, actor: Actor) -> ViewInfo:
    return ViewInfo(**_fields(row, actor))


def _whole(row: ViewRow, actor: Actor, text: str) -> View:
    return View(**_fields(row, actor), document=json.loads(text))


def _fields(row: ViewRow, actor: Actor) -> dict[str, Any]:
    return {
        "id": row.view,
        "kind": row.kind,
        "name": row.name,
        "owner": row.owner or None,
        "is_mine": row is _UNCHANGED or row.owner == _owner(actor),
        "version": row.version,
        "created_micros": row.created_micros,
        "edited_micros": row.edited_micros,
        "edited_by": row.edited_by or None,
    }
