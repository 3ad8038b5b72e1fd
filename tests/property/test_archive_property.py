"""Random projects out of one server and into another: every answer is the same."""

from __future__ import annotations

import contextlib
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from archive_answers import answers_of, contents_of, differences
from service_uploads import START, Clock, WriterLog, row_block
from weft.errors import Conflict, NotFound
from weft.records.clock_offset import OffsetBounds
from weft.records.record import Alert, Config, Exit, MetricDefinition, Run, Summary
from weft.server.services.access.actors import LOCAL
from weft.server.services.access.paths import ProjectPath, RunPath
from weft.server.services.ingest.upload import Segment
from weft.server.services.opening.services import Services, open_services
from weft.server.services.summaries.projection import project_summaries
from weft.server.storage.contract import ConsoleLine
from weft.wire.runs.runs import RunEdit

PROJECT = ProjectPath("local", "p")

RUNS = ["ra", "rb", "rc"]
KEYS = ["loss", "a/b", 'odd name, "x"', "é…", "n"]

numbers = st.one_of(
    st.integers(-(2**63), 2**63 - 1),
    st.floats(),
    st.booleans(),
    st.sampled_from([0, 0.0, -0.0, 1, 1.0, True, 2**53 + 1, float("nan"), float("inf")]),
)
objects = st.recursive(
    st.none() | st.text(max_size=5) | numbers,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=5,
)
objects = objects.filter(lambda value: isinstance(value, (str, list, dict)))
configs = st.dictionaries(st.sampled_from(["lr", "a.b", "ü"]), objects | numbers, max_size=2)
rows = st.lists(
    st.dictionaries(st.sampled_from(KEYS), st.one_of(numbers, objects), max_size=4), max_size=6
)


@dataclass
class Part:
    """One upload of a writer."""

    rows: list[dict[str, Any]]
    system: bool
    offset_secs: int
    fractional: bool
    continues: list[bool]
    console: list[tuple[int, str]]


@dataclass
class Log:
    """A writer's log."""

    run: str
    writer: str
    parts: list[Part]
    sources: list[tuple[str, str, int | float]]
    config: dict[str, Any]
    ends: bool


@dataclass
class Project:
    logs: list[Log] = field(default_factory=list)
    files: list[tuple[str, str, bytes]] = field(default_factory=list)
    deleted: list[tuple[str, str]] = field(default_factory=list)
    compact: bool = False
    deleted_run: str | None = None


@st.composite
def parts(draw: st.DrawFn) -> Part:
    log_rows = draw(rows)
    return Part(
        log_rows,
        draw(st.booleans()),
        draw(st.sampled_from([0, 0, 0, 7])),
        draw(st.sampled_from([False, False, True])),
        [bool(nth) and draw(st.booleans()) for nth in range(len(log_rows))],
        draw(st.lists(st.tuples(st.integers(0, 4), st.text(max_size=5)), max_size=3)),
    )


@st.composite
def projects(draw: st.DrawFn) -> Project:
    project = Project()
    for nth in range(draw(st.integers(1, 4))):
        named = draw(st.lists(st.sampled_from(project.logs), max_size=2)) if project.logs else []
        project.logs.append(
            Log(
                draw(st.sampled_from(RUNS)),
                f"w{nth}",
                draw(st.lists(parts(), max_size=3)),
                [
                    (source.run, source.writer, draw(st.sampled_from([-1, 0, 1.5, 3])))
                    for source in named
                ],
                draw(configs),
                draw(st.booleans()),
            )
        )  # fmt: skip
    runs = sorted({log.run for log in project.logs})
    project.files = draw(
        st.lists(
            st.tuples(
                st.sampled_from(runs),
                st.sampled_from(["a.bin", "b/c.txt", "é"]),
                st.sampled_from([b"", b"same", b"other" * 100]),
            ),
            max_size=3,
        )
    )
    project.deleted = draw(
        st.lists(st.tuples(st.sampled_from(runs), st.sampled_from(KEYS)), max_size=2)
    )
    project.compact = draw(st.booleans())
    if len(runs) > 1:
        project.deleted_run = draw(st.none() | st.sampled_from(runs))
    return project


def log_it(services: Services, clock: Clock, project: Project) -> dict[str, WriterLog]:
    """Bring a project to a server."""
    logs: dict[str, WriterLog] = {}
    for log in project.logs:
        path = RunPath("local", "p", log.run)
        writer = logs[log.writer] = WriterLog(log.writer)
        clock.forward(1)
        services.ingest.apply_upload(
            LOCAL,
            path,
            writer.upload(
                Run(log.run, "p", start_micros=START, tags=["t"], sources=log.sources),
                Config(START, [([name], value) for name, value in log.config.items()]),
                Summary(START, [(["best"], float("-inf"))]),
                MetricDefinition("loss", summary=["min", "max"]),
                Alert(START, "title", "text"),
                live=False,
            ),
        )
        for part in log.parts:
            if not part.rows and not part.console:
                continue
            upload = writer.upload(live=False)
            if part.rows:
                n = len(part.rows)
                block = row_block(part.rows, row_lo=writer.n_rows, first_micros=START)
                block.continues = np.array(part.continues)
                if part.fractional:
                    block.steps = block.steps + 0.5
                writer.n_rows += n
                upload.segments = [Segment(block, part.system, upload.to_position + 100)]
            upload.console = [
                ConsoleLine("stdout", line, START + line, text) for line, text in part.console
            ]
            upload.to_position += 100
            writer.position = upload.to_position
            offset = part.offset_secs * 1_000_000
            upload.offset_bounds = OffsetBounds(offset, offset)
            services.ingest.apply_upload(LOCAL, path, upload)
        if log.ends:
            services.ingest.apply_upload(
                LOCAL, path, writer.upload(Exit(START + 9, 0), live=False)
            )
    for run, name, content in project.files:
        upload = services.files.upload(LOCAL, RunPath("local", "p", run), name)
        upload.write(content)
        upload.commit()
    for run, key in project.deleted:
        # Not all runs have all metrics, and some lie in rows of another run.
        with contextlib.suppress(NotFound, Conflict):
            services.metrics.delete(LOCAL, RunPath("local", "p", run), key)
    services.runs.edit(
        LOCAL, RunPath("local", "p", project.logs[0].run), RunEdit(name="by hand", notes="n")
    )
    if project.compact:
        with services.stores.metrics.use(1) as store:
            store.compact(until_idle=True)
    if project.deleted_run is not None:
        services.runs.delete(LOCAL, RunPath("local", "p", project.deleted_run), permanently=True)
    return logs


# Few: each makes two servers.
@settings(max_examples=settings().max_examples // 6, phases=[Phase.explicit, Phase.generate])
@given(projects())
def test_every_answer_is_the_same_after_a_move(project: Project) -> None:
    clock = Clock()
    with tempfile.TemporaryDirectory() as folder:
        # Without background jobs: they write summaries whenever they come to it.
        here = open_services(Path(folder, "here"), now=clock, jobs=False)
        there = open_services(Path(folder, "there"), now=clock, jobs=False)
        try:
            logs = log_it(here, clock, project)
            project_summaries(here.stores, at_end=True)
            archive = b"".join(here.archives.export(LOCAL, PROJECT))
            path = Path(folder, "p.zip")
            path.write_bytes(archive)
            there.archives.import_(LOCAL, path)
            assert differences(answers_of(there), answers_of(here)) == []
            again = b"".join(there.archives.export(LOCAL, PROJECT))
            assert differences(contents_of(again), contents_of(archive)) == []
            # The scripts go on where they were.
            left = [log for log in project.logs if log.run != project.deleted_run]
            for log in left:
                for services in (here, there):
                    upload = logs[log.writer].upload(rows=[{"loss": 0.5}], live=False)
                    logs[log.writer].position = upload.from_position
                    logs[log.writer].n_rows -= 1
                    services.ingest.apply_upload(LOCAL, RunPath("local", "p", log.run), upload)
                logs[log.writer].position = upload.to_position
                logs[log.writer].n_rows += 1
            assert differences(answers_of(there), answers_of(here)) == []
        finally:
            here.close()
            there.close()
