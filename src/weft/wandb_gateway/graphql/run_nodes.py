"""Runs: what they are, their config and summary, and their console output."""

from __future__ import annotations

from typing import Any, Final

from weft.server.services.access import ProjectPath, RunPath
from weft.server.services.logs import StreamSelection
from weft.server.services.selecting import RunSelection
from weft.wandb_gateway.graphql.artifacts.artifact_nodes import ArtifactNode, list_of_run
from weft.wandb_gateway.graphql.connections import Connection, Edge, PageInfo, limit_of, offset_of
from weft.wandb_gateway.graphql.file_nodes import FileNode, list_files
from weft.wandb_gateway.graphql.request import Context
from weft.wandb_gateway.graphql.run_history import RunHistory
from weft.wandb_gateway.graphql.server_nodes import ProjectInfoNode, UserNode
from weft.wandb_gateway.graphql.values import json_text, time_or_none, time_text
from weft.wandb_gateway.ids import run_id
from weft.wandb_gateway.runs.config import write_config
from weft.wandb_gateway.runs.memory import CONSOLE, EVENTS, RunMemory
from weft.wire.runs.runs import Run

_ALIVE: Final = frozenset({"pending", "running", "preempting"})
_MAX_LINES: Final = 10_000
_ALL_LINES: Final = StreamSelection()

_NATIVE: Final[dict[str, Any]] = {"t": {}}
"""The entry by which the client sees that a run has begun."""


class RunNode(RunHistory):
    typename: Final = "Run"

    def __init__(self, run: Run) -> None:
        self.path = RunPath(run.entity, run.project, run.id)
        self._run = run
        self.id = run_id(self.path)
        self.name = run.id
        self.display_name = run.name
        self.description: str | None = None
        self.notes = run.notes
        self.tags = run.tags
        self.state = run.state
        self.group = run.group
        self.group_name = run.group
        self.job_type = run.job_type
        self.sweep_name = run.sweep
        self.commit: str | None = None
        self.repo: str | None = None
        self.host = run.host
        self.read_only = False
        self.created_at = time_text(run.created_micros)
        self.heartbeat_at = time_or_none(run.heartbeat_micros or run.ended_micros)
        self.updated_at = self.heartbeat_at or self.created_at
        self.running = run.state in _ALIVE
        self.failed = run.state in {"failed", "crashed"}
        self.exitcode = run.exit_code
        self.should_stop = False
        self.stopped = False

    def project_id(self, context: Context) -> int:
        """A number that tells the project from others, for `deleteFiles`."""
        return context.services.stores.find_project(self.path.of_project)

    def project(self, _: Context) -> ProjectInfoNode:
        return ProjectInfoNode(self.path.of_project)

    def user(self, _: Context) -> UserNode:
        return UserNode(self._run.user or self.path.entity)

    def config(self, context: Context) -> str:
        return json_text(write_config(self._whole(context).config, self._internal(context)))

    def wandb_config(self, context: Context, keys: list[str] | None = None) -> str:
        internal = self._internal(context)
        if not internal and self.state != "pending":
            internal = _NATIVE
        config = (
            internal if keys is None else {key: internal[key] for key in keys if key in internal}
        )
        return json_text(config)

    def log_line_count(self, context: Context) -> int:
        return (
            self._n_lines(context, CONSOLE)
            or context.services.logs.tail(context.actor, self.path, _ALL_LINES, 1).total
        )

    def log_lines(
        self,
        context: Context,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        use_improved_pagination: bool | None = None,
    ) -> Connection[dict[str, Any]]:
        logs = context.services.logs
        if last is not None:
            n_lines = min(max(last, 1), _MAX_LINES)
            page = logs.tail(context.actor, self.path, _ALL_LINES, n_lines)
        else:
            page = logs.lines(
                context.actor,
                self.path,
                _ALL_LINES,
                start=offset_of(after),
                limit=limit_of(first, _MAX_LINES),
            )
        edges = [
            Edge(
                {
                    "number": line.position,
                    "timestamp": time_text(line.time_micros),
                    "level": "error" if line.stream == "stderr" else None,
                    "label": None,
                    "line": line.text,
                },
                str(line.position + 1),
            )
            for line in page.lines
        ]
        stop = page.lines[-1].position + 1 if page.lines else page.total
        has_more = bool(edges) and stop < page.total
        return Connection(edges, PageInfo(str(stop), has_more), page.total)

    def file_count(self, context: Context) -> int:
        return context.services.files.list(context.actor, self.path, limit=1).total

    def files(
        self,
        context: Context,
        names: list[str | None] | None = None,
        after: str | None = None,
        first: int | None = None,
        pattern: str | None = None,
    ) -> Connection[FileNode]:
        nonempty = [name for name in names or [] if name]
        return list_files(context, self.path, nonempty, after, first, pattern)

    def input_artifacts(
        self, context: Context, after: str | None = None, first: int | None = None
    ) -> Connection[ArtifactNode]:
        return list_of_run(context, self.path, "use", after, first)

    def output_artifacts(
        self, context: Context, after: str | None = None, first: int | None = None
    ) -> Connection[ArtifactNode]:
        return list_of_run(context, self.path, "log", after, first)

    def history_line_count(self, context: Context) -> int:
        return context.starts.n_history_lines(context.actor, self.path, context.client)

    def events_line_count(self, context: Context) -> int:
        return self._n_lines(context, EVENTS)

    def summary_metrics(self, context: Context) -> str:
        return json_text({**self._whole(context).summary, **self.last_row(context)})

    def _whole(self, context: Context) -> Run:
        """The run with all of its config and summary: in lists, long ones are shortened."""
        if self._run.truncated:
            self._run = context.services.runs.get(context.actor, self.path)
        return self._run

    def _memory(self, context: Context) -> RunMemory:
        memory = self._remembered
        if memory is None:
            memory = self._remembered = context.memories.read(context.actor, self.path)
        return memory

    _remembered: RunMemory | None = None

    def _internal(self, context: Context) -> dict[str, Any]:
        return self._memory(context).internal

    def _n_lines(self, context: Context, file: str) -> int:
        stream = self._memory(context).stream(file, context.client)
        stream_position = context.services.ingest.position(context.actor, self.path, stream.name)
        return stream_position.position if stream_position is not None else 0


def list_runs(
    context: Context, project: ProjectPath, selection: RunSelection
) -> Connection[RunNode]:
    """A page of the runs that match a selection; cursors are numbers of runs."""
    page = context.services.runs.list(context.actor, project, selection)
    first = selection.offset + 1
    edges = [Edge(RunNode(run), str(nth)) for nth, run in enumerate(page.runs, first)]
    has_more = bool(edges) and selection.offset + len(edges) < page.total
    end = edges[-1].cursor if edges else None
    return Connection(edges, PageInfo(end, has_more), page.total)
