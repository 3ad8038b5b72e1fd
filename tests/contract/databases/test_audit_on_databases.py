"""The audit log on SQLite and on a real PostgreSQL."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from at_length import engines_at_length
from service_uploads import START, WriterLog
from weft.errors import Conflict, Forbidden
from weft.records.record import Run
from weft.server.services.access.actors import LOCAL
from weft.server.services.access.paths import ProjectPath
from weft.server.services.opening.services import Services, open_services
from weft.server.services.users import AuditQuery
from weft.server.storage.metadata import AuditFilter, AuditRow
from weft.wire.metrics.exports import ExportQuery
from weft.wire.runs.bulk import BulkChange, DeleteAction, EditAction

pytestmark = pytest.mark.usefixtures("ticking")


def entries(services: Services, selected: AuditFilter | None = None) -> list[AuditRow]:
    metadata = services.stores.metadata
    with metadata.read() as tx:
        return metadata.audit.page(tx, selected or AuditFilter(), before_id=None, limit=100)


def test_an_entry_has_actor_role_address_and_no_secret(services: Services) -> None:
    key = "weft-" + "0" * 40
    ada = services.users.add_user(LOCAL, "ada", api_key=key)
    actor = services.users.owner(LOCAL, ada.api_key)
    assert actor is not None
    actor = replace(actor, address="192.0.2.7")
    stores = services.stores
    with stores.metadata.write() as tx:
        stores.audit.note(
            tx,
            actor,
            "project.access",
            "ada",
            ProjectPath("ada", "mnist"),
            {"visibility": "private"},
            {"visibility": "open", "password": "hunter2", "names": [key], "ids": list("x" * 500)},
        )
        stores.audit.note(tx, actor, "sign_in.failed", "", f"typed {key}")
    access, failed = sorted(
        (row for row in entries(services) if row.actor == "ada"), key=lambda row: row.action
    )
    assert (access.role, access.address, access.key_prefix) == ("admin", "192.0.2.7", "weft-00000")
    assert (access.entity, access.object) == ("ada", "ada/mnist")
    assert access.before == '{"visibility":"private"}'
    assert failed.role == "user"
    texts = f"{access} {failed}"
    assert key not in texts
    assert "hunter2" not in texts
    assert len(access.after or "") < 1000


def test_entries_are_selected_and_the_oldest_deleted(services: Services) -> None:
    stores = services.stores
    with stores.metadata.write() as tx:
        stores.audit.note(tx, LOCAL, "team.add", "lab", "lab")
        stores.audit.note(tx, LOCAL, "team.change", "lab", "lab")
        stores.audit.note(tx, LOCAL, "key.add", "ada", "ada")
    newest, second, oldest = entries(services)
    assert [newest.action, oldest.action] == ["key.add", "team.add"]
    assert entries(services, AuditFilter(entities=["lab"])) == [second, oldest]
    assert entries(services, AuditFilter(action="team")) == [second, oldest]
    assert entries(services, AuditFilter(action="team.add", actor="local")) == [oldest]
    assert entries(services, AuditFilter(action="tea")) == []
    since = AuditFilter(since_micros=second.at_micros, until_micros=newest.at_micros)
    assert entries(services, since) == [second]
    with stores.metadata.write() as tx:
        assert stores.metadata.audit.page(tx, AuditFilter(), before_id=newest.row_id, limit=1) == [
            second
        ]
        assert stores.metadata.audit.delete_before(tx, newest.at_micros) == 2
    assert entries(services) == [newest]


def test_nothing_is_noted_of_a_change_that_failed(services: Services) -> None:
    stores = services.stores

    def fail() -> None:
        with stores.metadata.write() as tx:
            stores.audit.note(tx, LOCAL, "team.add", "lab", "lab")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert entries(services) == []


@engines_at_length("postgresql")
def test_people_see_what_belongs_to_them_and_administrators_all(services: Services) -> None:
    services.users.add_user(LOCAL, "ada")
    ada = services.users.account(LOCAL, "ada")
    assert ada is not None
    stores = services.stores
    with stores.metadata.write() as tx:
        stores.audit.note(tx, LOCAL, "team.add", "lab", "lab", after={"is_closed": False})
        for n in range(3):
            stores.audit.note(tx, ada, "key.change", "ada", "ada", after={"name": f"key {n}"})
    all_entries = services.audit.page(LOCAL, AuditQuery()).entries
    assert {"ada", "lab"} <= {entry.entity for entry in all_entries}
    assert {entry.entity for entry in services.audit.page(ada, AuditQuery()).entries} == {"ada"}
    with pytest.raises(Forbidden):
        services.audit.page(ada, AuditQuery(entity="lab"))
    names: list[object] = []
    cursor = None
    while True:
        page = services.audit.page(ada, AuditQuery(action="key.change"), limit=2, cursor=cursor)
        names += [(entry.after or {})["name"] for entry in page.entries]
        cursor = page.cursor
        if cursor is None:
            break
    assert names == ["key 2", "key 1", "key 0"]
    lines = b"".join(services.audit.export(LOCAL, AuditQuery(entity="lab"))).splitlines()
    assert [json.loads(line)["after"] for line in lines] == [
        {"entity": "lab"},
        {"is_closed": False},
    ]
    assert (
        services.audit.page(LOCAL, AuditQuery(action="audit")).entries[0].action == "audit.export"
    )


@engines_at_length("postgresql")
def test_a_server_without_accounts_notes_changes_and_exports(services: Services) -> None:
    path = ProjectPath("local", "p")
    for run in ("run0", "run1"):
        services.ingest.apply_upload(LOCAL, path.run(run), WriterLog("w").upload(Run(run, "p")))
    upload = services.files.upload(LOCAL, path.run("run0"), "weights.bin")
    upload.write(b"weights")
    upload.commit()
    token = "weft-" + "a" * 40
    edit = EditAction(add_tags=["good"], add_notes=token, is_locked=True)
    services.bulk.apply_change(LOCAL, path, BulkChange(runs=["run0", "run1"], action=edit))
    refused = services.bulk.apply_change(
        LOCAL, path, BulkChange(runs=["run0", "run1"], action=DeleteAction())
    )
    assert sorted(failure.run for failure in refused.failed) == ["run0", "run1"]
    with pytest.raises(Conflict, match="run0 is locked by local"):
        services.files.delete(LOCAL, path.run("run0"), "weights.bin")
    unlock = BulkChange(runs=["run0"], action=EditAction(is_locked=False))
    services.bulk.apply_change(LOCAL, path, unlock)
    services.files.delete(LOCAL, path.run("run0"), "weights.bin")
    services.exports.history(LOCAL, path, ExportQuery(format="csv"))
    services.sql.prepare(LOCAL, path, f"SELECT '{token}' FROM runs")
    b"".join(services.folders.zip(LOCAL, path.run("run1")))
    services.runs.delete(LOCAL, path.run("run0"))
    rows = entries(services)
    assert [(row.action, row.object) for row in reversed(rows)] == [
        ("lock.add", "local/p"),
        ("run.change", "local/p"),
        ("lock.remove", "local/p/run0"),
        ("file.remove", "local/p/run0/weights.bin"),
        ("export", "local/p"),
        ("export", "local/p"),
        ("export", "local/p/run1"),
        ("run.remove", "local/p"),
    ]
    assert {(row.actor, row.role) for row in rows} == {("local", "local")}
    change = next(row for row in rows if row.action == "run.change")
    assert json.loads(change.before or "") == {
        "runs": {run: {"notes": None, "tags": []} for run in ("run0", "run1")}
    }
    assert json.loads(change.after or "")["fields"] == ["add_notes", "add_tags"]
    assert token not in str(rows)
    assert [json.loads(row.after or "")["kind"] for row in rows if row.action == "export"] == [
        "files", "sql", "history",
    ]  # fmt: skip


def test_entries_go_after_their_time(tmp_path: Path) -> None:
    now = START
    services = open_services(tmp_path, now=lambda: now, audit_micros=1000, jobs=False)
    stores = services.stores
    with stores.metadata.write() as tx:
        stores.audit.note(tx, LOCAL, "team.add", "lab", "lab")
    now += 1000
    assert not stores.audit.expire()
    now += 1
    assert stores.audit.expire()
    assert not entries(services)
    services.close()
