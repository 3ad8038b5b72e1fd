"""The server dies anywhere in a move, a deletion or an undelete: each run is wholly in one place,
with every row that was acknowledged, once; what was deleted for good is nowhere.

Levels: services and real stores, no HTTP. Rounds: 2, or WEFT_TEST_ROUNDS.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from deletion_child import PROJECTS, RUNS
from killed_stores import Databases

from server_forks import ForkedProcess, forks
from server_process import wait_until
from weft.errors import Gone, NotFound
from weft.server.services.access.actors import LOCAL
from weft.server.services.access.paths import ProjectPath, RunPath
from weft.server.services.opening.services import Services

CHILD = Path(__file__).parent / "deletion_child.py"
ROUNDS = int(os.environ.get("WEFT_TEST_ROUNDS", "2"))


def live_and_die(databases: Databases, data: Path, seed: int, n_lines: int) -> list[list[str]]:
    """One life of the server, killed after so many lines; what it said."""
    printed: list[list[str]] = []
    arguments = [str(CHILD), str(data), str(seed), *databases.words()]
    with ForkedProcess(
        arguments, CHILD.parent, os.environ, forks(), stdout=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        for line in child.stdout:
            if line.endswith(".\n"):
                printed.append(line[:-2].split())
            if len(printed) == n_lines:
                child.send_signal(signal.SIGKILL)
        child.wait()
    assert child.returncode == -signal.SIGKILL, "it ended by itself"
    return printed


def places_of(services: Services, run: str) -> list[RunPath]:
    """Where a run is, in the trash too."""
    paths: list[RunPath] = []
    for project in PROJECTS:
        try:
            runs = [
                run.id for run in services.runs.list(LOCAL, ProjectPath("local", project)).runs
            ]
            runs += [
                run.id for run in services.trash.list(LOCAL, ProjectPath("local", project)).runs
            ]
        except NotFound:
            continue
        paths += [RunPath("local", project, run)] * runs.count(run)
    return paths


def stored(services: Services, project: str) -> set[str]:
    """The runs that a project's metric file has rows of."""
    try:
        project_id = services.stores.find_project(ProjectPath("local", project))
    except NotFound:
        return set()
    with services.stores.metrics.use(project_id) as store:
        return {run for run, n_bytes in store.usage().by_run.items() if n_bytes}


@pytest.mark.timeout(300 + 10 * ROUNDS)
def test_each_run_is_wholly_in_one_place_after_any_kill(
    tmp_path: Path, new_databases: Callable[[], Databases]
) -> None:
    rng = random.Random(7)
    acknowledged = dict.fromkeys(RUNS, 0)
    doomed: set[str] = set()
    data, databases = tmp_path / "data", new_databases()
    for number in range(ROUNDS):
        for word, *rest in live_and_die(
            databases, data, rng.randrange(2**32), rng.randint(2, 120)
        ):
            if word == "rows":
                acknowledged[rest[0]] = max(acknowledged[rest[0]], int(rest[1]))
            elif word == "final":
                doomed.add(rest[0])
        services = databases.open(data)
        try:
            check(services, acknowledged, doomed, f"after kill {number}")
        finally:
            services.close()


def check(services: Services, acknowledged: dict[str, int], doomed: set[str], when: str) -> None:
    metadata = services.stores.metadata

    def is_settled() -> bool:
        with metadata.read() as tx:
            return not metadata.tombstones.projects_to_purge(tx) and not metadata.moves.list(tx)

    wait_until(is_settled, what="the end of what the kill left")
    for run in RUNS:
        paths = places_of(services, run)
        if run in doomed and not paths:
            assert all(run not in stored(services, project) for project in PROJECTS), when
            continue
        if not acknowledged[run] and not paths:
            continue
        assert len(paths) == 1, (when, run, paths)
        (path,) = paths
        holding = [project for project in PROJECTS if run in stored(services, project)]
        assert holding in ([path.project], []), (when, run, holding)
        services.runs.undelete(LOCAL, path)
        rows = services.history.rows(LOCAL, path, limit=10_000).rows
        values = [row["n"] for row in rows]
        assert values == list(range(len(values))), (when, run)
        if run not in doomed:
            assert len(values) >= acknowledged[run], (when, run)
        for project in PROJECTS:
            if project != path.project:
                with pytest.raises((Gone, NotFound)):
                    services.runs.get(LOCAL, RunPath("local", project, run))
