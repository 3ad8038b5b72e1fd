"""Work that a killed server left undone is finished by the next; stores are opened and closed."""

from __future__ import annotations

import math
import shutil
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from memory_engine.metrics import MemoryMetricStore
from service_uploads import START, Clock, WriterLog
from weft.errors import Gone
from weft.records.record import Run
from weft.server.services.access.actors import LOCAL
from weft.server.services.access.paths import ProjectPath, RunPath
from weft.server.services.opening.services import Services, open_services
from weft.server.services.stores.metric_stores import MAX_OPEN, MetricStores, embedded_engine
from weft.server.services.summaries.projection import project_summaries
from weft.server.storage.contract import KeyInfo, MetricStore
from weft.server.storage.metadata import LoggedPut, Transaction
from weft.server.storage.metrics.engine import SqliteEngine

PATH = RunPath("local", "p", "ab12cd34")
RUN = Run("ab12cd34", "p", start_micros=START)


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def as_if_killed(services: Services, data: Path) -> Path:
    """A copy of the files as a kill at this moment would leave them."""
    left = data.with_name("left")
    with services.stores.metadata.write():
        shutil.copytree(data, left)
    services.close()
    return left


def idle_services(data: Path) -> Services:
    """Services whose background jobs have stopped, so that only the test calls them."""
    services = open_services(data, now=Clock())
    services.background.stop()
    return services


def test_a_summary_that_was_only_in_memory_is_taken_up(tmp_path: Path) -> None:
    services = idle_services(tmp_path / "data")
    log = WriterLog("w1")
    upload = log.upload(RUN, rows=[{"loss": 1.0, "acc": 1}, {"loss": 0.5}])
    services.ingest.apply_upload(LOCAL, PATH, upload)
    left = as_if_killed(services, tmp_path / "data")

    again = open_services(left, now=Clock())
    until(lambda: again.runs.get(LOCAL, PATH).summary == {"loss": 0.5, "acc": 1})
    again.close()


def test_written_runs_that_are_quiet_are_no_longer_dirty(tmp_path: Path) -> None:
    clock = Clock()
    services = open_services(tmp_path, now=clock)
    services.background.stop()
    services.ingest.apply_upload(LOCAL, PATH, WriterLog("w1").upload(RUN, rows=[{"loss": 1.0}]))
    project_id = services.stores.metrics.stored_ids()[0]
    with services.stores.metrics.use(project_id) as store:
        services.background.stop()
        assert store.dirty_runs() == [PATH.run]
        clock.forward(61)
        services.background.stop()
        assert store.dirty_runs() == []
    assert services.runs.get(LOCAL, PATH).summary == {"loss": 1.0}
    services.close()


def test_deletions_that_were_begun_are_finished(tmp_path: Path) -> None:
    services = idle_services(tmp_path / "data")
    other = RunPath("local", "p", "other")
    for path in (PATH, other):
        upload = WriterLog("w1").upload(Run(path.run, "p"), rows=[{"loss": 1.0, "acc": 1.0}])
        services.ingest.apply_upload(LOCAL, path, upload)
    metadata = services.stores.metadata
    with metadata.write() as tx:
        row = metadata.runs.get(tx, "local", "p", PATH.run)
        run = metadata.runs.get(tx, "local", "p", "other")
        assert row is not None
        assert run is not None
        metadata.tombstones.add_runs(
            tx, "local", "p", [PATH.run], now_micros=START, purge_project_id=row.project_id
        )
        metadata.runs.delete(tx, row.row_id)
        metadata.tombstones.add_metrics(tx, run.row_id, ["acc"], now_micros=START)
        # Its project is no more: there is no file that could be told.
        metadata.tombstones.add_runs(
            tx, "local", "gone", ["r"], now_micros=START, purge_project_id=98
        )
    left = as_if_killed(services, tmp_path / "data")
    (left / "metrics" / "99.db").write_bytes(b"")

    again = open_services(left, now=Clock())

    def pending() -> int:
        with again.stores.metadata.read() as tx:
            tombstones = again.stores.metadata.tombstones
            return len(tombstones.projects_to_purge(tx)) + len(tombstones.pending_metrics(tx))

    until(lambda: pending() == 0)
    assert again.stores.metrics.stored_ids() == [row.project_id]
    with again.stores.metrics.use(row.project_id) as store:
        keys = {run: [info.key for info in infos] for run, infos in store.keys().items() if infos}
    assert keys == {"other": ["loss"]}
    assert again.runs.get(LOCAL, other).summary == {"loss": 1.0}
    again.close()


def test_a_project_made_during_the_start_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    services = idle_services(tmp_path)
    read_row_ids = services.stores.metadata.projects.row_ids

    def row_ids(tx: Transaction) -> set[int]:
        row_ids = read_row_ids(tx)
        services.ingest.apply_upload(
            LOCAL, PATH, WriterLog("w1").upload(RUN, rows=[{"loss": 1.0}])
        )
        return row_ids

    monkeypatch.setattr(services.stores.metadata.projects, "row_ids", row_ids)
    services.background._stopping.clear()
    services.background.resume()
    assert services.runs.get(LOCAL, PATH).summary == {"loss": 1.0}
    assert len(services.history.rows(LOCAL, PATH).rows) == 1
    services.close()


def test_beats_are_written_now_and_then(tmp_path: Path) -> None:
    clock = Clock()
    services = open_services(tmp_path, now=clock)
    services.background.stop()
    services.ingest.apply_upload(LOCAL, PATH, WriterLog("w1").upload(RUN))
    clock.forward(60)
    services.ingest.note_heartbeat(LOCAL, PATH, "w1", position=100)
    services.background.write_heartbeats()
    metadata = services.stores.metadata
    with metadata.read() as tx:
        row = metadata.runs.get(tx, "local", "p", PATH.run)
        assert row is not None
        (writer,) = metadata.writers.of_run(tx, row.row_id)
    assert (row.heartbeat_micros, writer.heartbeat_micros) == (clock(), clock())
    assert services.projects.get(LOCAL, ProjectPath("local", "p")).active_micros == clock()
    services.close()


class Opening(SqliteEngine):
    """An engine that opens stores as a test says."""

    def __init__(self, directory: Path, open_store: Callable[[Path], MetricStore]) -> None:
        super().__init__(directory)
        self._open_store = open_store

    def open(self, name: str) -> MetricStore:
        return self._open_store(self.path_of(name))


def test_idle_stores_are_closed_at_a_bound(tmp_path: Path) -> None:
    stores = MetricStores(embedded_engine(tmp_path))
    with stores.use(1) as held:
        for project_id in range(2, MAX_OPEN + 10):
            with stores.use(project_id) as store:
                assert store.keys() == {}
        assert len(stores.open_ids()) == MAX_OPEN
        assert 1 in stores.open_ids()
        assert held.keys() == {}
    with stores.use(2) as store:
        assert store.keys() == {}
    stores.close()


def test_nobody_waits_while_the_file_of_another_project_is_opened(tmp_path: Path) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def open_store(path: Path) -> MetricStore:
        if path.stem == "1":
            begun.set()
            assert go_on.wait(30)
        return MemoryMetricStore()

    stores = MetricStores(Opening(tmp_path, open_store))

    def use_slow() -> dict[str, list[KeyInfo]]:
        with stores.use(1) as store:
            return store.keys()

    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(use_slow)
        assert begun.wait(30)
        with stores.use(2) as store:
            assert store.keys() == {}
        assert not slow.done()
        go_on.set()
        assert slow.result(30) == {}
    stores.close()


class OnceOpen(MemoryMetricStore):
    """A store of which one may be open at a path, as of a file."""

    def __init__(self, path: Path, paths: set[Path]) -> None:
        super().__init__()
        assert path not in paths
        paths.add(path)
        self._path, self._paths = path, paths

    def close(self) -> None:
        """See `MetricStore.close`."""
        self._paths.remove(self._path)

    def is_open(self) -> bool:
        return self._path in self._paths


def test_a_store_is_closed_and_opened_again_by_one_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("weft.server.services.stores.metric_stores.MAX_OPEN", 2)
    paths: set[Path] = set()
    stores = MetricStores(Opening(tmp_path, lambda path: OnceOpen(path, paths)))

    def use_many(first: int) -> None:
        for n in range(500):
            with stores.use((first + n * 3) % 7) as store:
                assert isinstance(store, OnceOpen)
                assert store.is_open()

    with ThreadPoolExecutor(6) as pool:
        for done in [pool.submit(use_many, first) for first in range(6)]:
            done.result(60)
    with stores.use(8):
        assert len(stores.open_ids()) == len(paths) == 2
    stores.close()
    assert paths == set()


def test_a_removed_store_is_gone_with_its_files(tmp_path: Path) -> None:
    stores = MetricStores(embedded_engine(tmp_path / "metrics"))
    with stores.use(7):
        pass
    stores.remove(7)
    assert list((tmp_path / "metrics").iterdir()) == []
    with pytest.raises(Gone), stores.use(7):
        pass
    stores.close()


def test_a_run_with_many_metrics_is_written_in_small_transactions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    services = idle_services(tmp_path)
    log = WriterLog("w1")
    services.ingest.apply_upload(LOCAL, PATH, log.upload(RUN))
    values = {f"k{i}": i for i in range(5000)}
    services.ingest.apply_upload(LOCAL, PATH, log.upload(rows=[values]))
    sizes: list[int] = []
    put = services.stores.metadata.fields.put_logged

    def counted(tx: Transaction, puts: Sequence[LoggedPut]) -> bool:
        sizes.append(sum(len(put.changes) for put in puts))
        return put(tx, puts)

    monkeypatch.setattr(services.stores.metadata.fields, "put_logged", counted)
    while not project_summaries(services.stores):
        pass
    assert sum(sizes) == 5000
    assert max(sizes) <= 2000
    assert services.runs.get(LOCAL, PATH).summary == values
    services.close()


def test_a_run_does_not_wait_for_the_pause_of_another(tmp_path: Path) -> None:
    services = idle_services(tmp_path)
    other = RunPath("local", "p", "other")
    registry = services.stores.registry

    def is_written(path: RunPath) -> bool:
        entry = registry.find_run(path)
        assert entry is not None
        assert entry.summary.latest is not None
        return entry.summary.latest.is_written

    log = WriterLog("w1")
    services.ingest.apply_upload(
        LOCAL, PATH, log.upload(RUN, rows=[{f"k{i}": i for i in range(3000)}])
    )
    begin = time.monotonic()
    while not project_summaries(services.stores):
        pass
    entry = registry.find_run(PATH)
    assert entry is not None
    assert entry.summary.projection_secs > begin + 1  # the shortest pause: a slow pass is split
    entry.summary.projection_secs = math.inf  # the pause lasts, however slow this test is
    services.ingest.apply_upload(LOCAL, PATH, log.upload(rows=[{"k1": 5}]))
    services.ingest.apply_upload(LOCAL, other, WriterLog("w1").upload(RUN, rows=[{"loss": 1.0}]))
    assert project_summaries(services.stores)
    assert is_written(other)
    assert not is_written(PATH)
    assert project_summaries(services.stores, at_end=True)
    assert is_written(PATH)
    services.close()
