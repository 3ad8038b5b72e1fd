"""Any sequence of uploads, deletions, undeletes, moves, compactions and restarts against a model.

Examples: 3, or WEFT_TEST_ROUNDS.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from service_uploads import Clock, WriterLog
from weft.errors import Conflict, Gone, Moved, NotFound
from weft.records.record import Run
from weft.server.services.access.actors import LOCAL
from weft.server.services.access.paths import ProjectPath, RunPath
from weft.server.services.opening.services import Services, open_services
from weft.wire.runs.bulk import BulkChange, MoveAction

EXAMPLES = int(os.environ.get("WEFT_TEST_ROUNDS", "3"))
PROJECTS = ("a", "b")
RUNS = ("r1", "r2", "r3")

a_run = st.sampled_from(RUNS)
a_project = st.sampled_from(PROJECTS)


@dataclass
class ModelRun:
    """The model of a run.

    Attributes:
        first: the project that its script sends to.
        project: where it is now.
        state: `live`, `trashed`, `gone`.
        paths: other projects where it was before.
    """

    first: str
    project: str
    log: WriterLog
    rows: list[int] = field(default_factory=list[int])
    state: str = "live"
    paths: set[str] = field(default_factory=set[str])


class Deletions(RuleBasedStateMachine):
    """Services on real stores beside a model of what must be there."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="weft-deletions-"))
        self.services = self.open()
        self.runs: dict[str, ModelRun] = {}
        self.retired: set[str] = set()

    def open(self) -> Services:
        services = open_services(self.folder, now=Clock())
        services.background.stop()
        return services

    def teardown(self) -> None:
        self.services.close()
        shutil.rmtree(self.folder)

    @rule(run=a_run, project=a_project)
    def upload(self, run: str, project: str) -> None:
        """A script sends its next row to where it began, or begins."""
        if run in self.retired:
            return
        model = self.runs.get(run)
        if model is None:
            model = ModelRun(project, project, WriterLog("w1"))
            records = [Run(run, project)]
        else:
            records = []
        value = len(model.rows)
        before = model.log.position, model.log.n_rows
        upload = model.log.upload(*records, rows=[{"n": value}], secs=value)
        try:
            self.services.ingest.apply_upload(LOCAL, RunPath("local", model.first, run), upload)
        except Gone:
            assert model.state != "live"
            model.log.position, model.log.n_rows = before
        else:
            assert model.state == "live"
            model.rows.append(value)
            self.runs[run] = model

    @rule(run=a_run, project=a_project, final=st.booleans())
    def delete(self, run: str, project: str, final: bool) -> None:
        if run in self.retired:
            return
        model = self.runs.get(run)
        here = model is not None and model.project == project
        path = RunPath("local", project, run)
        try:
            self.services.runs.delete(LOCAL, path, permanently=final)
        except NotFound:
            assert not here
            assert model is None or project not in model.paths
        except Moved:
            assert model is not None
            assert (project in model.paths, here) == (True, False)
        except Gone:
            assert model is not None
            assert model.state != "live"
            assert model.state == "gone" or not final or not here
        else:
            assert here
            assert model is not None
            assert model.state == "live" or (model.state == "trashed" and final)
            model.state = "gone" if final else "trashed"

    @rule(run=a_run, project=a_project)
    def undelete(self, run: str, project: str) -> None:
        if run in self.retired:
            return
        model = self.runs.get(run)
        path = RunPath("local", project, run)
        try:
            whole = self.services.runs.undelete(LOCAL, path)
        except (NotFound, Moved, Conflict):
            assert model is None or model.project != project
            return
        assert model is not None
        if whole:
            assert model.project == project
            model.state = "live"
        else:
            # Its id is free again there. A run of several pasts is left out of what follows.
            assert model.state == "gone"
            del self.runs[run]
            self.retired.add(run)

    @rule(run=a_run, source=a_project, to=a_project)
    def move(self, run: str, source: str, to: str) -> None:
        if source == to or run in self.retired:
            return
        model = self.runs.get(run)
        try:
            answer = self.services.bulk.apply_change(
                LOCAL,
                ProjectPath("local", source),
                BulkChange(runs=[run], action=MoveAction(project=to)),
            )
        except NotFound:
            return  # no such project
        if answer.n_done:
            assert model is not None
            assert (model.project, model.state) == (source, "live")
            model.paths.add(source)
            model.paths.discard(to)
            model.project = to
        elif model is not None and model.project == source and model.state == "live":
            assert answer.failed[0].code == "conflict"

    @rule(project=a_project)
    def empty(self, project: str) -> None:
        trashed = [
            run for run in self.runs.values() if run.project == project and run.state == "trashed"
        ]
        try:
            assert self.services.trash.empty(LOCAL, ProjectPath("local", project)) == len(trashed)
        except NotFound:
            assert not trashed
        for run in trashed:
            run.state = "gone"

    @precondition(lambda self: bool(self.runs))
    @rule()
    def compact(self) -> None:
        for project_id in self.services.stores.metrics.stored_ids():
            with self.services.stores.metrics.use(project_id) as store:
                store.compact(until_idle=True)

    @rule()
    def restart(self) -> None:
        self.services.close()
        self.services = self.open()

    @invariant()
    def each_run_is_where_and_what_it_should_be(self) -> None:
        for project in PROJECTS:
            own = {run: model for run, model in self.runs.items() if model.project == project}
            try:
                live = {
                    run.id
                    for run in self.services.runs.list(LOCAL, ProjectPath("local", project)).runs
                }
                trash = {
                    trashed.id
                    for trashed in self.services.trash.list(
                        LOCAL, ProjectPath("local", project)
                    ).runs
                }
            except NotFound:
                assert all(model.state == "gone" for model in own.values())
                continue
            assert live == {run for run, model in own.items() if model.state == "live"}
            assert trash == {run for run, model in own.items() if model.state == "trashed"}
        for run, model in self.runs.items():
            if model.state == "live":
                path = RunPath("local", model.project, run)
                rows = self.services.history.rows(LOCAL, path).rows
                assert [row["n"] for row in rows] == model.rows


Deletions.TestCase.settings = settings(
    max_examples=EXAMPLES, stateful_step_count=20, deadline=None
)
TestDeletions = pytest.mark.timeout(120 + 20 * EXAMPLES)(Deletions.TestCase)
