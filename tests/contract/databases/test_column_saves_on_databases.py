"""Saved columns spare a new server the database, and never show what it does not have (MD15)."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event

from weft.records.merge import Stamp
from weft.server.services.access.actors import LOCAL
from weft.server.services.background.column_saver import ColumnSaver
from weft.server.services.columns import current_save, project_columns
from weft.server.services.columns.cache import ColumnCache
from weft.server.services.columns.project_columns import ProjectColumns, Savable
from weft.server.services.columns.saved_columns import ColumnSaves
from weft.server.storage.metadata import (
    FieldChange,
    LoggedPut,
    MetadataStore,
    NewRun,
    copy_metadata,
    load_metadata,
)
from weft.server.storage.metadata.database.schema import column_save, run_change
from weft.server.storage.metadata.database.shared_changes import SharedChanges
from weft.server.storage.metadata.runs import column_saves

NAMES = ["config.lr", "config.opt", "summary.loss", "name", "tags", "state", "writer.rank"]


class Killed(BaseException):
    """The end of a process between two of its writes."""


class Server:
    """The columns of one server: its data directory, what it has in memory, and its saver."""

    def __init__(self, store: MetadataStore, folder: Path) -> None:
        self.store = store
        self.folder = folder
        self.start()

    def start(self) -> None:
        """Start with an empty memory, as after a kill."""
        self.saves = ColumnSaves(self.store, self.folder)
        self.cache = ColumnCache(self.store, lambda: 0, self.saves)
        self.saver = ColumnSaver(self.store, self.cache, self.saves)

    def answer(self, names: list[str] = NAMES) -> dict[str, list[Any]]:
        return answer_of(self.cache, names)

    def save(self) -> None:
        for _ in range(5):  # of a shared database, it waits for what others commit
            self.store.read_changes()
            self.saver.save_some()


def answer_of(cache: ColumnCache, names: list[str] = NAMES) -> dict[str, list[Any]]:
    """Values of all runs, by id of the run."""
    view = cache.view(LOCAL, 1, names)
    ids = view.runs.ids_of(view.runs.slots_of(view.runs.row_ids))
    return {
        run: [
            int(view.runs.created[slot]),
            bool(view.runs.is_trashed[slot]),
            *(view.columns[name].value(slot) for name in names),
        ]
        for slot, run in enumerate(ids)
        if view.runs.is_alive[slot]
    }


def truth(store: MetadataStore, names: list[str] = NAMES) -> dict[str, list[Any]]:
    """The same, read from the database only."""
    return answer_of(ColumnCache(store, lambda: 0), names)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "postgresql":
        return request.getfixturevalue("postgres_url")
    return f"sqlite:///{tmp_path / 'metadata.db'}"


@pytest.fixture
def store(url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[MetadataStore]:
    monkeypatch.setattr(project_columns, "MIN_SAVED_RUNS", 1)
    store = MetadataStore(url)
    with store.write() as tx:
        store.projects.make(tx, "local", "p", 1)
    for i in range(12):
        make(store, f"r{i}", i)
    yield store
    store.close()


@pytest.fixture
def columns_server(store: MetadataStore, tmp_path: Path) -> Server:
    return Server(store, tmp_path / "data")


def make(store: MetadataStore, run: str, i: int) -> int:
    with store.write() as tx:
        new = NewRun(run, f"name {run}", "running", 1 + i, 1, 1, color=1)
        row_id = store.runs.create(tx, "local", "p", 1, [new])[run].row_id
        put(store, tx, row_id, "lr", i)
        put(store, tx, row_id, "opt", None if i % 3 == 0 else f"é{i % 2}")
        log(store, tx, row_id, i / 2)
        return row_id


def put(store: MetadataStore, tx: Any, row_id: int, path: str, value: Any, at: int = 1) -> None:
    store.fields.put(tx, row_id, "config", {path: FieldChange(value, Stamp(at, "w", 0))})


def log(store: MetadataStore, tx: Any, row_id: int, value: Any, at: int = 1) -> None:
    store.fields.put_logged(
        tx, [LoggedPut(row_id, {"loss": FieldChange(value, Stamp(at, "w", 0))})]
    )


class Writer:
    """Changes runs at random, each time with a later stamp."""

    def __init__(self, store: MetadataStore, seed: int) -> None:
        self.store = store
        self.chance = random.Random(seed)
        self.at = 2

    def change(self) -> None:
        store, chance = self.store, self.chance
        self.at += 1
        rows = ColumnCache(store, lambda: 0).view(LOCAL, 1, ()).runs.row_ids.tolist()
        if len(rows) < 4 or chance.random() < 0.2:
            make(store, f"n{self.at}-{chance.random()}", self.at)
            return
        row_id = chance.choice(rows)
        value = chance.choice([self.at, f"v{self.at}", None, 2**60 + self.at, [self.at]])
        with store.write() as tx:
            match chance.randrange(5):
                case 0:
                    put(store, tx, row_id, "lr", value, self.at)
                case 1:
                    log(store, tx, row_id, value, self.at)
                case 2:
                    store.runs.set_heartbeats(tx, {row_id: self.at})
                    store.runs.set_state(
                        tx, row_id, state="failed", ended_micros=self.at, exit_code=1, reason=None
                    )
                case 3:
                    store.runs.delete(tx, row_id)
                case _:
                    store.trash.put_runs(tx, [row_id], self.at)


def save_each_change(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(current_save, "_RENEWED_SECS", -1)
    monkeypatch.setattr(current_save, "_RENEWED_AT_LAST_SECS", -1)


def n_rows(store: MetadataStore, table: Any) -> int:
    with store.read() as tx:
        return len(tx.connection.execute(table.select()).all())


def test_a_new_server_reads_only_what_changed_since(
    store: MetadataStore, columns_server: Server
) -> None:
    before = columns_server.answer()
    columns_server.save()
    columns_server.start()
    reads: list[Any] = []

    def note(_connection: Any, _cursor: Any, sql: str, parameters: Any, *_: Any) -> None:
        if "FROM field" in sql or "FROM run " in sql or "FROM run\n" in sql:
            reads.append((sql, parameters))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        assert columns_server.answer() == before
        assert not reads
        with store.write() as tx:
            put(store, tx, 3, "lr", "new", at=2)
        reads.clear()
        columns_server.start()
        before["r2"][2] = "new"
        assert columns_server.answer() == before
        assert len([sql for sql, _ in reads if "FROM field" in sql]) == 1
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def test_only_changed_columns_are_written_again(
    store: MetadataStore, columns_server: Server
) -> None:
    columns_server.answer(["config.lr", "name"])
    columns_server.save()
    folder = columns_server.folder / "columns" / "1"
    first = {path.name for path in folder.iterdir()}
    assert len(first) == 4, "the list, the runs and two columns"
    columns_server.start()
    columns_server.answer(["summary.loss"])
    columns_server.save()
    second = {path.name for path in folder.iterdir()}
    assert first < second
    assert len(second) == 5
    with store.write() as tx:
        put(store, tx, 3, "lr", "new", at=2)
    columns_server.start()
    columns_server.answer(["config.opt"])
    columns_server.save()
    third = {path.name for path in folder.iterdir()}
    assert len(third) == 6
    assert len(second - third) == 1, "config.lr, which was not even in memory"
    columns_server.start()
    assert columns_server.answer() == truth(store)


def test_a_change_during_a_save_is_in_memory_too(
    store: MetadataStore, columns_server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    columns_server.answer(["config.lr", "summary.loss"])
    columns_server.save()
    columns_server.start()
    columns_server.answer(["name"])
    with store.write() as tx:
        put(store, tx, 3, "lr", "new", at=2)
    unread_files = current_save.CurrentSave.unread_files

    def change_after(*args: Any) -> Any:
        files = unread_files(*args)
        with store.write() as tx:
            log(store, tx, 3, 77.0, at=2)
        return files

    monkeypatch.setattr(current_save.CurrentSave, "unread_files", change_after)
    columns_server.save()
    assert columns_server.answer() == truth(store)
    columns_server.start()
    assert columns_server.answer() == truth(store)


STEPS = ["write_files", "finish", "replace", "forget_others", "remove_unlisted"]


@pytest.mark.parametrize("is_after", [False, True])
@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("has_earlier", [False, True])
def test_a_kill_between_any_two_writes_leaves_the_truth(
    store: MetadataStore,
    columns_server: Server,
    monkeypatch: pytest.MonkeyPatch,
    step: str,
    *,
    is_after: bool,
    has_earlier: bool,
) -> None:
    writer = Writer(store, 1)
    if has_earlier:
        columns_server.answer(["config.lr"])
        columns_server.save()
        writer.change()
    columns_server.answer()
    owner: Any = (
        store.column_saves if step in {"finish", "forget_others"} else columns_server.saves
    )
    method: Callable[..., Any] = getattr(owner, step)

    def die(*args: Any) -> Any:
        if is_after:
            method(*args)
            if step in {"finish", "forget_others"}:
                args[0].after_commit(lambda: (_ for _ in ()).throw(Killed()))
                return True
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(owner, step, die)
        with pytest.raises(Killed):
            columns_server.save()
    for _ in range(3):
        writer.change()
    columns_server.start()
    assert columns_server.answer() == truth(store)
    save_each_change(monkeypatch)
    columns_server.save()
    assert n_rows(store, column_save) == 1, "names without files are forgotten"
    writer.change()
    columns_server.start()
    assert columns_server.answer() == truth(store)


def restore(store: MetadataStore, server: Server, backup: Path) -> MetadataStore:
    """A new database with the contents of a backup, for a server with the files of today."""
    folder = backup.parent / f"restored-{backup.stem}"
    folder.mkdir()
    if backup.suffix == ".db":
        shutil.copy(backup, folder / "metadata.db")
        return MetadataStore(f"sqlite:///{folder / 'metadata.db'}")
    restored = MetadataStore(f"sqlite:///{folder / 'metadata.db'}")
    load_metadata(restored, backup, lambda _: None)
    return restored


def back_up(store: MetadataStore, folder: Path) -> Path:
    folder.mkdir(parents=True)
    with store.snapshot() as tx:
        return copy_metadata(tx, folder, lambda _: None)


def test_MD15_a_restored_backup_of_any_moment_shows_its_own_values(
    store: MetadataStore, columns_server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = Writer(store, 2)
    backups: list[Path] = []

    def keep() -> None:
        backups.append(back_up(store, tmp_path / f"backup-{len(backups)}"))

    def keep_after(owner: Any, step: str) -> None:
        method = getattr(owner, step)

        def call(*args: Any) -> Any:
            writer.change()
            keep()
            answer = method(*args)
            if owner is columns_server.saves:
                keep()
            return answer

        setattr(owner, step, call)

    columns_server.answer()
    keep()
    columns_server.save()
    keep()
    writer.change()
    keep()
    # Backups and changes between the steps of the second save.
    for step in ("write_files", "replace", "remove_unlisted"):
        keep_after(columns_server.saves, step)
    savable = ProjectColumns.savable

    def read_what_the_backup_lacks(project: ProjectColumns) -> Savable:
        keep()
        writer.change()
        return savable(project)

    monkeypatch.setattr(ProjectColumns, "savable", read_what_the_backup_lacks)
    columns_server.answer([*NAMES, "notes"])
    columns_server.save()
    keep()
    writer.change()
    keep()
    assert len(backups) == 12
    for i, backup in enumerate(backups):
        restored = restore(store, columns_server, backup)
        try:
            copied = tmp_path / f"data-{i}"
            shutil.copytree(columns_server.folder, copied)
            again = Server(restored, copied)
            assert again.answer() == truth(restored), backup
            Writer(restored, i).change()
            again.start()
            assert again.answer() == truth(restored), backup
        finally:
            restored.close()


@pytest.mark.parametrize("seed", range(4))
def test_saves_hold_through_any_order_of_changes_saves_and_starts(
    store: MetadataStore, columns_server: Server, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    save_each_change(monkeypatch)
    chance, writer = random.Random(seed), Writer(store, seed)
    for _ in range(40):
        match chance.randrange(6):
            case 0:
                columns_server.start()
            case 1:
                columns_server.save()
            case 2:
                names = chance.sample(NAMES, chance.randrange(1, len(NAMES)))
                assert columns_server.answer(names) == truth(store, names)
            case 3:
                columns_server.saver.save_some()
            case _:
                writer.change()
    assert columns_server.answer() == truth(store)


def test_a_save_that_is_far_behind_is_forgotten(
    store: MetadataStore, columns_server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    columns_server.answer()
    columns_server.save()
    monkeypatch.setattr(column_saves, "MAX_CHANGES", 5)
    writer = Writer(store, 3)
    for _ in range(8):
        writer.change()
    with store.write() as tx:
        store.column_saves.trim(tx)
    assert n_rows(store, column_save) == 0
    columns_server.start()
    assert columns_server.answer() == truth(store)


def test_damaged_files_are_read_from_the_database(
    store: MetadataStore, columns_server: Server
) -> None:
    columns_server.answer()
    columns_server.save()
    folder = columns_server.folder / "columns" / "1"
    for path in sorted(folder.iterdir()):
        content = path.read_bytes()
        for damaged in (b"", content[:-1]):
            path.write_bytes(damaged)
            columns_server.start()
            assert columns_server.answer() == truth(store)
        path.unlink()
        columns_server.start()
        assert columns_server.answer() == truth(store)
        path.write_bytes(content)


def test_nothing_is_listed_for_small_projects_on_sqlite(tmp_path: Path) -> None:
    store = MetadataStore(f"sqlite:///{tmp_path / 'metadata.db'}")
    with store.write() as tx:
        store.projects.make(tx, "local", "p", 1)
    make(store, "r", 1)
    server = Server(store, tmp_path)
    server.answer()
    server.save()
    assert n_rows(store, column_save) == n_rows(store, run_change) == 0
    store.close()


def test_the_list_of_changes_is_cut_on_sqlite(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(project_columns, "MIN_SAVED_RUNS", 1)
    store = MetadataStore(f"sqlite:///{tmp_path / 'metadata.db'}")
    with store.write() as tx:
        store.projects.make(tx, "local", "p", 1)
    make(store, "r", 1)
    server = Server(store, tmp_path)
    writer = Writer(store, 4)
    save_each_change(monkeypatch)
    for names in (["name"], ["name", "tags"], NAMES):
        server.answer(names)
        server.save()
        for _ in range(3):
            writer.change()
        assert n_rows(store, run_change) <= 4
    server.start()
    assert server.answer() == truth(store)
    store.close()


@pytest.fixture
def other(postgres_url: str, store: MetadataStore) -> Iterator[MetadataStore]:
    """The database as another server has it open."""
    other = MetadataStore(postgres_url)
    yield other
    other.close()


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_MD15_changes_by_another_server_are_never_missed(
    store: MetadataStore, other: MetadataStore, columns_server: Server, tmp_path: Path
) -> None:
    theirs = Server(other, tmp_path / "theirs")
    writer = Writer(other, 5)
    columns_server.answer()
    theirs.answer()
    listed = columns_server.folder / "columns" / "1" / "save.json"
    with other.holding() as tx:
        # Its row of `run_change` is before the mark, and is committed after it.
        put(other, tx, 3, "lr", "late", at=10**6)
        SharedChanges().add(tx.connection, {("config", 3)}, ())
        make(store, "later", 1)
        for _ in range(3):
            columns_server.save()
        assert not listed.exists(), "a transaction is open"
    for _ in range(6):
        columns_server.saver.save_some()
    assert not listed.exists(), "the change is not read yet"
    columns_server.save()
    assert listed.exists()
    columns_server.start()
    assert columns_server.answer() == truth(store)
    theirs.save()
    assert n_rows(store, column_save) == 2
    for _ in range(4):
        writer.change()
        columns_server.start()
        theirs.start()
        assert columns_server.answer() == theirs.answer() == truth(store)
        writer.change()
        store.read_changes()
        assert columns_server.answer() == truth(store)
    columns_server.save()
    theirs.save()
    assert n_rows(store, column_save) == 2
