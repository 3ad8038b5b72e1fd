"""The mirror of points in ClickHouse: in the end it has each point once, whatever happened."""

from __future__ import annotations

import random
import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import pytest

from at_length import at_length, case_at_length
from clickhouse_server import ClickHouseServer
from faulty_relay import FaultyRelay
from metric_answers import batch, make_rows
from postgres_cluster import PostgresCluster
from server_forks import fork_module
from weft.errors import ConfigError, Gone, Unavailable
from weft.server.storage.clickhouse import cluster
from weft.server.storage.clickhouse.clients import Clients
from weft.server.storage.clickhouse.engine import SharedEngine
from weft.server.storage.contract import Column, MetricStore, RowBlock

PATHS = {1: "lab/mnist", 2: "lab/cifar"}


class Mirror:
    """An engine that mirrors points, and a look into what it wrote."""

    def __init__(self, url: str, clickhouse_url: str) -> None:
        self.url = url
        self.clickhouse_url = clickhouse_url
        self._clients = Clients(clickhouse_url)
        self.engine = SharedEngine(url, clickhouse_url, mirrors_points=True)

    def start_again(self, *, mirrors_points: bool = True) -> None:
        self.engine.close()
        self.engine = SharedEngine(self.url, self.clickhouse_url, mirrors_points=mirrors_points)

    def copy(self) -> None:
        """Write all that is due."""
        while self.engine.mirror_points(PATHS):
            pass

    def read(self, statement: str) -> list[tuple[Any, ...]]:
        return self._clients.read(statement)

    def points(self) -> Counter[tuple[Any, ...]]:
        """All points that the mirror has."""
        rows = self.read(
            "SELECT toUInt32(project), run, key, writer, row, step + fraction, time, value, text"
            " FROM points"
        )
        return Counter((project, *map(plain, row)) for project, *row in rows)

    def expected(self) -> Counter[tuple[Any, ...]]:
        """All points of runs that are there."""
        points: Counter[tuple[Any, ...]] = Counter()
        for project in PATHS:
            store = self.engine.open(str(project))
            points.update(points_of(store, project))
        return points

    def lose(self, condition: str) -> None:
        """Remove rows behind the mirror's back."""
        self.read(f"ALTER TABLE points DELETE WHERE {condition}")
        while self.read(f"SELECT count() FROM points WHERE {condition}") != [(0,)]:
            pass

    def close(self) -> None:
        self.engine.close()
        self._clients.close()


def plain(value: Any) -> Any:
    value = value.decode() if isinstance(value, bytes) else value
    return repr(value) if isinstance(value, float) else value


def points_of(store: MetricStore, project: int) -> Iterator[tuple[Any, ...]]:
    runs = [*store.keys()]
    for rows in store.columns(runs, apart=True):
        for key, columns in rows.columns.items():
            for column in columns:
                at = range(len(rows)) if column.rows is None else column.rows.tolist()
                for nth, value in zip(at, column.values, strict=True):
                    number = None if column.kind == "object" else repr(float(value))
                    yield (
                        project, rows.run, key, rows.writers[int(rows.writer[nth])],
                        int(rows.rows[nth]), repr(float(rows.steps[nth])), int(rows.times[nth]),
                        number, None if number is not None else f'"{value}"',
                    )  # fmt: skip


@pytest.fixture
def mirror(
    postgres_cluster: PostgresCluster, clickhouse_server: ClickHouseServer
) -> Iterator[Mirror]:
    mirror = Mirror(postgres_cluster.new_database(), clickhouse_server.new_database())
    yield mirror
    mirror.close()


def rows(row_lo: int, n_rows: int, *keys: str) -> RowBlock:
    at = np.arange(row_lo, row_lo + n_rows)
    columns = {key: [Column("float", None, at.astype(float))] for key in keys or ("loss",)}
    return RowBlock(row_lo, at, at * 1000, None, columns)


def test_the_mirror_has_the_points_of_a_run_as_they_are_logged(mirror: Mirror) -> None:
    store = mirror.engine.open("1")
    values = [np.array([1.5, np.nan]), np.array([1, 2**60]), np.array([True, False])]
    mixed = RowBlock(
        10, np.array([0.5, 2.0]), np.array([7, 8]), None,
        {
            "a": [Column("float", None, values[0])],
            "b": [Column("int", None, values[1])],
            "c": [Column("bool", None, values[2])],
            "text": [Column("object", np.array([1], np.uint32), ["x"])],
        },
    )  # fmt: skip
    store.append([batch("r", "w", 0, rows(0, 10, "loss"))])
    mirror.copy()
    assert mirror.points() == mirror.expected() != Counter()
    store.append([batch("r", "w", 10, mixed)])
    store.append([batch("r", "m", 0, rows(0, 5, "gpu"), system=True)])
    mirror.copy()
    assert mirror.points() == mirror.expected()
    store.compact(until_idle=True)
    mirror.copy()
    assert mirror.points() == mirror.expected()
    assert mirror.read("SELECT project, path FROM projects ORDER BY project") == [
        (1, b"lab/mnist"), (2, b"lab/cifar")
    ]  # fmt: skip
    assert mirror.read("SELECT count() FROM points WHERE key = 'gpu'") == [(0,)]
    ((n_late,),) = mirror.read("SELECT max(until) < now() - 60 FROM points_copied")
    assert n_late == 0


@pytest.mark.parametrize("seed", [1, *map(case_at_length, range(2, 12))])
def test_changes_of_runs_in_any_order_reach_the_mirror(mirror: Mirror, seed: int) -> None:
    rng = random.Random(seed)
    numbers = np.random.default_rng(seed)
    stores = {project: mirror.engine.open(str(project)) for project in PATHS}
    for nth in range(60):
        project = rng.choice([*PATHS])
        store, run = stores[project], f"r{rng.randrange(4)}"
        action = rng.choice(
            ["append"] * 6 + ["copy"] * 3
            + ["compact", "hide", "show", "delete metrics", "delete", "rename", "copy run", "turn"]
        )  # fmt: skip
        if action == "append":
            writer = rng.choice(["v", "w"])
            stored = store.position(run, writer)
            shape = rng.choice(["regular", "descending", "fraction", "huge", "tiny", "wild"])
            first = 0 if stored is None else stored.position
            block = make_rows(numbers, first, rng.randrange(1, 30), shape, "odd", False)
            try:
                store.append([batch(run, writer, first, block)])
            except Gone:
                pass  # it is hidden
        elif action == "copy":
            mirror.engine.mirror_points(PATHS)
        elif action == "compact":
            store.compact(until_idle=True)
        elif action == "hide":
            store.hide_runs([run])
        elif action == "show":
            store.show_runs([run])
        elif action == "delete metrics":
            store.delete_metrics([run], ["acc"])
        elif action == "delete":
            store.drop_runs([run])
        elif action == "rename":
            store.name_runs({run: f"{run}-{nth}"})
        elif action == "copy run":
            name = f"copy{nth}"
            store.copy_runs({run: name}, stores[3 - project])
            stores[3 - project].show_runs([name])
        elif action == "turn":
            mirror.start_again(mirrors_points=False)
            mirror.engine.open("1").append([batch(f"off{nth}", "w", 0, rows(0, 3))])
            mirror.start_again()
            stores = {project: mirror.engine.open(str(project)) for project in PATHS}
    mirror.copy()
    assert mirror.points() == mirror.expected() != Counter()


@at_length
def test_points_are_there_once_after_answers_were_lost(
    postgres_cluster: PostgresCluster,
    clickhouse_server: ClickHouseServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cluster, "REST_SECS", 0)
    mirror = Mirror(postgres_cluster.new_database(), clickhouse_server.new_database())
    database = mirror.clickhouse_url.rpartition("/")[2]
    n_lost = 0
    with FaultyRelay(
        f"clickhouse://127.0.0.1:{clickhouse_server.port}", most_down=lambda nth: 40 + nth * 37
    ) as relay:
        url = f"clickhouse://127.0.0.1:{relay.url.rpartition(':')[2]}/{database}"
        faulty = SharedEngine(mirror.url, url, mirrors_points=True)
        store = faulty.open("1")
        relay.start_faults()
        for nth in range(20):
            store.append([batch("r", "w", nth * 5, rows(nth * 5, 5, "loss", "acc"))])
            if nth == 10:
                store.delete_metrics(["r"], ["acc"])
            try:
                while faulty.mirror_points(PATHS):
                    pass
            except Unavailable:
                n_lost += 1
        assert n_lost > 5
        faulty.close()
    mirror.copy()
    assert mirror.points() == mirror.expected() != Counter()
    mirror.close()


STEPS = [
    ("Clients.insert", 1),  # nothing is written
    ("Bookkeeping.end_writing", 1),  # points of a whole run are written, and not noted
    ("Bookkeeping.end_writing", 2),
    ("MirrorTables.remove", 1),
    ("Bookkeeping.note_removed", 1),  # points are removed, and that is not noted
]


@pytest.mark.parametrize("steps", [STEPS[1:2], case_at_length(STEPS)], ids=["one", "all"])
def test_points_are_there_once_after_the_server_was_killed(
    mirror: Mirror, steps: list[tuple[str, int]]
) -> None:
    for method, nth in steps:
        store = mirror.engine.open("1")
        store.append([batch(f"{method}{nth}", "w", 0, rows(0, 10))])
        store.append([batch(f"less {method}{nth}", "w", 0, rows(0, 10, "loss", "acc"))])
        mirror.copy()
        # What is new of a run that is there, a new run, and one without a metric.
        store.append([batch(f"{method}{nth}", "w", 10, rows(10, 10))])
        store.append([batch(f"new {method}{nth}", "w", 0, rows(0, 10))])
        store.delete_metrics([f"less {method}{nth}"], ["acc"])
        mirror.engine.close()
        child = Path(__file__).with_name("mirroring_child.py")
        mirroring = fork_module(child, mirror.url, mirror.clickhouse_url, method, nth)
        assert mirroring.wait(120) == -signal.SIGKILL, method
        mirror.start_again()
        mirror.copy()
        assert mirror.points() == mirror.expected() != Counter()


def test_points_are_there_no_earlier_than_the_path_of_their_project(mirror: Mirror) -> None:
    mirror.engine.open("1").append([batch("r", "w", 0, rows(0, 10))])
    mirror.engine.close()
    child = Path(__file__).with_name("mirroring_child.py")
    mirroring = fork_module(child, mirror.url, mirror.clickhouse_url, "MirrorTables.set_paths", 1)
    assert mirroring.wait(120) == -signal.SIGKILL
    assert mirror.points() == Counter()
    mirror.start_again()
    mirror.copy()
    assert mirror.points() == mirror.expected() != Counter()


def test_paths_are_those_of_the_server_that_wrote_last_whatever_its_clock(mirror: Mirror) -> None:
    mirror.copy()
    day_nanos = 86_400 * 10**9
    mirror.read(
        "INSERT INTO project_paths SELECT project, 'lab/old', version + "
        f"{day_nanos} FROM project_paths"
    )
    assert {path for (path,) in mirror.read("SELECT path FROM projects")} == {b"lab/old"}
    mirror.start_again()
    mirror.copy()
    assert mirror.read("SELECT project, path FROM projects ORDER BY project") == [
        (project, path.encode()) for project, path in PATHS.items()
    ]


def test_what_clickhouse_lost_or_has_twice_is_written_again_once_a_day(mirror: Mirror) -> None:
    store = mirror.engine.open("1")
    for run in ("a", "b", "c", "d"):
        store.append([batch(run, "w", 0, rows(0, 10))])
    mirror.copy()
    mirror.lose("run = 'a' AND row = 3")
    columns = "project, run, key, writer, row, step, fraction, time, value, text, number"
    mirror.read(f"INSERT INTO points SELECT {columns} FROM points WHERE run = 'b'")
    mirror.read(
        f"INSERT INTO points SELECT {columns.replace('number', '999')} FROM points WHERE run = 'c'"
    )
    mirror.copy()
    assert mirror.points() != mirror.expected()
    mirror.start_again()
    mirror.copy()
    assert mirror.points() == mirror.expected()


def test_batches_that_left_before_they_were_copied_are_read_from_their_chunks(
    mirror: Mirror,
) -> None:
    store = mirror.engine.open("1")
    store.append([batch("r", "w", 0, rows(0, 10))])
    mirror.copy()
    store.append([batch("r", "w", 10, rows(10, 10))])
    store.compact(until_idle=True)
    with psycopg.connect(mirror.url) as connection:
        # An hour later, with a mirror that has been away.
        connection.execute(
            "UPDATE weft_metrics.chunk SET since = since - interval '1 hour', copied = true"
        )
    store.compact(until_idle=True)
    with psycopg.connect(mirror.url) as connection:
        assert connection.execute("SELECT count(*) FROM weft_metrics.fresh").fetchone() == (0,)
    mirror.copy()
    assert mirror.points() == mirror.expected() != Counter()


def test_a_mirror_without_clickhouse_is_refused(postgres_cluster: PostgresCluster) -> None:
    with pytest.raises(ConfigError, match="points_mirror needs the points in ClickHouse"):
        SharedEngine(postgres_cluster.new_database(), mirrors_points=True)


def test_a_damaged_batch_keeps_no_other_points_out(mirror: Mirror) -> None:
    store = mirror.engine.open("1")
    for run in ("bad", "good"):
        store.append([batch(run, "w", 0, rows(0, 10))])
    mirror.copy()
    for run in ("bad", "good"):
        store.append([batch(run, "w", 10, rows(10, 10))])
    with psycopg.connect(mirror.url) as connection:
        connection.execute(
            "UPDATE weft_metrics.fresh SET crc = crc + 1 WHERE row_lo = 10"
            " AND run = (SELECT run FROM weft_metrics.run WHERE name = 'bad')"
        )
    mirror.copy()
    assert sum(run == "good" for _, run, *_ in mirror.points()) == 20
    assert sum(run == "bad" for _, run, *_ in mirror.points()) == 10
