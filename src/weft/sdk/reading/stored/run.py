"""A run on a server, as `weft.Api` returns it. Does network I/O.

Numbers are read back as they were logged: ints as ints, NaN as NaN.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol

from weft.client.api_client import Json
from weft.errors import ConfigError, Conflict
from weft.sdk.reading.paths import ProjectName, RunName
from weft.sdk.reading.rows.sampled import MAX_SAMPLES, as_pandas, rows_along, with_columns
from weft.sdk.reading.rows.scan import TIMES, HistoryScan, checked_keys
from weft.sdk.reading.stored.edits import changes
from weft.sdk.reading.stored.facts import EDITED, RunFields
from weft.sdk.reading.stored.files import StoredFile, StoredFiles, sent_file
from weft.sdk.reading.stored.logs import follow_lines, log_lines
from weft.sdk.reading.stored.media import (
    StoredMedia,
    below,
    last_value_at,
    media_of_values,
    table_of_value,
)
from weft.sdk.reading.stored.processes import DownloadHistoryResult
from weft.sdk.reading.stored.shares import StoredShare
from weft.sdk.reading.unknown_names import warn_of_metrics
from weft.wire.metrics.metrics import Metric, MetricDeletion, delete_metrics, list_metrics
from weft.wire.projects.shares import ShareCreate, create_share
from weft.wire.runs.bulk import BulkChange, MoveAction, change_runs
from weft.wire.runs.continuation import get_continuation
from weft.wire.runs.runs import RunEdit, delete_run, edit_run, stop_run, undelete_run

if TYPE_CHECKING:
    from weft.sdk.artifacts.artifact import Artifact
    from weft.sdk.media.tables.table import Table
    from weft.wire.runs.logs import LogLine

PAGE_ROWS: Final = 10_000
Stream = Literal["default", "system", "events"]
"""Rows of a run: the logged ones, or the measurements of the machine, which W&B calls events."""

_SYSTEM: Final = frozenset({"system", "events"})


class _MakesRuns(Protocol):
    def create_run(
        self,
        *,
        run_id: str | None,
        project: str | None,
        entity: str | None,
        state: Literal["running", "pending"],
    ) -> StoredRun: ...


class StoredRun(RunFields):
    """A run on the server.

    Its fields are as they were when the run was fetched; `load(force=True)` fetches them again.
    `name`, `notes`, `tags`, `group`, `job_type`, `color` (1 to 12, from the web app's palette),
    `config` and `summary` can be set; `update()` sends the changes.
    """

    # -- rows ---

    def history(
        self,
        samples: int = 500,
        keys: Sequence[str] | None = None,
        x_axis: str = "_step",
        pandas: bool = True,
        stream: Stream = "default",
    ) -> Any:
        """Return the run's rows thinned for display, with every extreme.

        If there are more than `samples` rows, they are divided into ranges of equal length. Kept
        are the first and the last row, and from each range the rows in which a metric is lowest,
        highest or first nonfinite. W&B samples at random instead. `scan_history` returns all rows.

        Args:
            samples: the maximum number of rows. It is exceeded only if a single range over all
                rows would have more extremes.
            keys: only these columns, and only rows that have one of them. Defaults to all.
            x_axis: the column to sort by. Rows without it are left out.
            pandas: if True, return a pandas `DataFrame`; if False, a list of dicts.
            stream: "default" for the logged rows, "system" for measurements of the machine and the
                process; "events" is W&B's name of these.

        Raises:
            ConfigError: `keys` is not a list of names, or `stream` is unknown.
            NoSuchRun: the run no longer exists.
        """
        named = checked_keys(keys)
        if stream != "default" and stream not in _SYSTEM:
            raise ConfigError(f"stream must be 'default', 'system' or 'events', not {stream!r}")
        n_rows = min(max(1, samples), MAX_SAMPLES)
        if x_axis in TIMES:
            metrics = [key for key in named or () if key not in TIMES]
            rows = self._client.history(
                *self._name, samples=n_rows, keys=metrics or None, system=stream in _SYSTEM
            ).items
            warn_of_metrics(self._client, *self._name, metrics, rows)
            rows = rows if named is None else with_columns(rows, [x_axis, *named])
        else:
            columns = None if named is None else [*named, x_axis]
            rows = rows_along(self.scan_history(columns, stream=stream), x_axis, named, n_rows)
        if not pandas:
            return rows
        return as_pandas(rows, None if named is None else [x_axis, *named])

    def scan_history(
        self,
        keys: Sequence[str] | None = None,
        page_size: int = PAGE_ROWS,
        min_step: float | None = None,
        max_step: float | None = None,
        use_cache: bool = True,  # noqa: ARG002  W&B's argument; nothing is cached
        *,
        complete: bool = False,
        superseded: bool = False,
        apart: bool = False,
        stream: Stream = "default",
    ) -> HistoryScan:
        """Return all rows in order: `_step`, `_runtime`, `_timestamp` and the logged values.

        Args:
            keys: only rows that have one of these, and only these columns. Defaults to all.
            page_size: the number of rows that one request fetches.
            min_step: the first step. Defaults to the beginning, including negative steps.
            max_step: the step to stop before. Defaults to the end.
            complete: only rows that have all of `keys`, as in W&B.
            superseded: include rows that a rewind has discarded, marked with `_superseded`: True.
            apart: return the rows of one writer after the other, each in logging order and with
                `_writer`. If False, sort all rows by step, then time.
            stream: "default" for the logged rows, "system" for measurements of the machine and the
                process.

        Raises:
            ConfigError: `keys` is not a list of names, or `page_size` is below 1.
            Unavailable: the server can't be reached; raised when the rows are fetched.
        """
        if page_size < 1:
            raise ConfigError(f"page_size must be 1 or more, not {page_size}")
        return HistoryScan(
            self._client,
            self._name,
            keys=checked_keys(keys),
            page_size=min(page_size, 100_000),
            min_step=min_step,
            max_step=max_step,
            complete=complete,
            superseded=superseded,
            apart=apart,
            system=stream in _SYSTEM,
        )

    beta_scan_history = scan_history

    @property
    def lastHistoryStep(self) -> int | float:
        """The largest step that was logged, or -1 if no step was logged."""
        step = self._client.call(get_continuation, *self._name).last_step
        return -1 if step is None else step

    @property
    def history_keys(self) -> Json:
        """The run's metrics in W&B's form: `keys` by name with their kinds, and `lastStep`."""
        keys = {
            metric.key: {
                "typeCounts": [{"type": kind, "count": metric.n_points} for kind in metric.kinds]
            }
            for metric in self._metrics()
        }
        return {"sets": [], "keys": keys, "lastStep": self.lastHistoryStep}

    @property
    def history_line_count(self) -> int:
        """The number of rows. Counting them reads all of them."""
        return sum(1 for _ in self.scan_history())

    def download_history_exports(
        self,
        download_dir: str | Path,
        require_complete_history: bool = True,  # noqa: ARG002  it always is
    ) -> DownloadHistoryResult:
        """Write all rows to `download_dir/<id>.parquet`.

        Raises:
            OSError: the file can't be written.
        """
        from weft.sdk.reading.rows.table import Chosen, HistoryTable

        chosen = Chosen(ProjectName(self.entity, self.project), {"runs": [self.id]})
        table = HistoryTable(self._client, chosen, None)
        path = table.write(Path(download_dir) / f"{self.id}.parquet", "parquet")
        return DownloadHistoryResult([path], contains_live_data=self.state == "running")

    @property
    def system_metrics(self) -> Json:
        """The last value of each system metric. Reads all rows of system metrics."""
        last: Json = {}
        for row in self.scan_history(stream="system"):
            last |= {key: value for key, value in row.items() if key not in TIMES}
        return last

    # -- console output ---

    def console_logs(
        self,
        per_page: int = 1000,
        last: int | None = None,
        *,
        rank: int | None = None,
        stream: Literal["stdout", "stderr"] | None = None,
        search: str | None = None,
        regex: str | None = None,
    ) -> Iterator[LogLine]:
        r"""Return the lines that the run's scripts printed, in order of time.

        A line has `text` (with SGR codes for colors), `stream`, `writer`, `line` (its number in
        its stream), `time_micros` (when it last changed, µs since 1970) and `position`. Lines are
        fetched as they are read.

        Args:
            rank: only lines of this rank. Defaults to all processes.
            stream: only lines of `stdout` or of `stderr`. Defaults to both.
            search: only lines with this text, ignoring case.
            regex: only lines in which this pattern (RE2) matches.
            last: only the last lines, at most so many. Can't be combined with a search.
            per_page: accepted for scripts of W&B, and not used.

        Raises:
            ConfigError: an argument is invalid, or the pattern is, or it takes too long.
            NotFound: the run has no process of this rank.

        Example:
            for line in run.console_logs(regex=r"loss=\d+"):
                print(line.text)
        """
        del per_page
        if search is not None and regex is not None:
            raise ConfigError("search and regex can't be combined: put the text into the pattern")
        if "" in {search, regex}:
            raise ConfigError("search and regex must not be empty")
        return log_lines(
            self._client,
            self._name,
            rank=rank,
            stream=stream,
            search=search or regex or "",
            is_pattern=regex is not None,
            tail=last,
        )

    def follow_console_logs(
        self,
        *,
        rank: int | None = None,
        stream: Literal["stdout", "stderr"] | None = None,
        tail: int | None = None,
    ) -> Iterator[LogLine]:
        """Yield the lines that the run printed, then new ones as they come, until the run ends.

        A line that still changes, as a progress bar does, comes once it stands still.

        Args:
            rank, stream: as for `console_logs`.
            tail: begin with the last lines, at most so many.

        Raises:
            NotFound: the run has no process of this rank.
            Unavailable: the server can't be reached; raised when lines are fetched.
        """
        return follow_lines(self._client, self._name, rank=rank, stream=stream, tail=tail)

    # -- artifacts ---

    def logged_artifacts(self, per_page: int = 100) -> list[Artifact]:  # noqa: ARG002  W&B's
        """Return the versions of artifacts that the run has logged and that are stored."""
        return self._artifacts(logged=True)

    def used_artifacts(self, per_page: int = 100) -> list[Artifact]:  # noqa: ARG002  W&B's
        """Return the versions of artifacts that the run has used."""
        return self._artifacts(logged=False)

    def _artifacts(self, *, logged: bool) -> list[Artifact]:
        from weft.sdk.artifacts.artifact import Artifact

        client = self._client.artifacts
        artifacts = client.of_run(*self._name)
        return [
            Artifact.from_server(client, version)
            for version in (artifacts.logged if logged else artifacts.used)
            if version.version is not None
        ]

    # -- files ---

    def files(
        self,
        names: Sequence[str] | None = None,
        pattern: str | None = None,
        per_page: int = 50,
    ) -> StoredFiles:
        """Return the files of the run.

        Args:
            names: only these files. Defaults to all.
            pattern: only files whose whole path matches: `%` stands for any characters, `_` for
                one.
            per_page: the number of files that one request fetches.

        Raises:
            ConfigError: both `names` and `pattern` are given.
        """
        return StoredFiles(self._client, self._name, names, pattern, per_page)

    def file(self, name: str) -> StoredFile:
        """Return one file.

        Raises:
            NotFound: the run has no file of that name.
        """
        return self.files([name]).one()

    def media(
        self,
        key: str,
        min_step: int | float | None = None,
        max_step: int | float | None = None,
    ) -> Iterator[StoredMedia]:
        """Return the images, videos and other media of a metric, in the order of their steps.

        Media in lists and dicts come one by one, with their position as `index` and `place`.
        Media that the script set in the summary come last, with the step None.

        Args:
            key: the metric. The key of a logged dict gives the media of all metrics in it.
            min_step, max_step: the first step, and the step before which to end. Default to all;
                with either of them, the summary's media are left out.
        """
        names = self._names_below(key)
        set_names = below(key, self.summary_metrics)
        yielded: set[str] = set()
        if names or not set_names:
            names = names or [key]
            for row in self.scan_history(keys=names, min_step=min_step, max_step=max_step):
                for name in names:
                    for media in media_of_values(self, name, row["_step"], row.get(name)):
                        yielded.add(media.path)
                        yield media
        for name in set_names if min_step is None and max_step is None else ():
            for media in media_of_values(self, name, None, self.summary_metrics[name]):
                if media.path not in yielded:  # the last logged value is in the summary, too
                    yield media

    def table(
        self,
        key: str,
        step: int | float | None = None,
        root: str | os.PathLike[str] | None = None,
        index: int | None = None,
    ) -> Table:
        """Read a table that the run has logged.

        A chart gives the table that it draws. A `JoinedTable` gives the rows of both tables whose
        keys are equal, and the rows without a partner; its columns are named as in W&B, `0.name`
        for the left table's and `1.name` for the right one's. A `PartitionedTable` gives the rows
        of all its parts, in the order of their paths.

        Args:
            key: the metric, or the name in the summary.
            step: the step. Defaults to the last one with a table.
            root: the folder for its files; present ones are not fetched again. Defaults
                to a temporary folder.
            index: of a list or dict with several tables, which of them.

        Raises:
            NotFound: the run has logged no such table there, or its files are not on the server.
            UsageError: the value is no table, or holds several and `index` is None.
        """
        value: Any = None
        if step is None and key not in self._names_below(key):
            value = self.summary_metrics.get(key)
        if value is None:
            value = last_value_at(self.scan_history(keys=[key]), key, self.id, step)
        if root is not None:
            return table_of_value(self, key, value, Path(root), index)
        with TemporaryDirectory() as folder:
            return table_of_value(self, key, value, Path(folder), index)

    def _names_below(self, key: str) -> list[str]:
        return below(key, (metric.key for metric in self._metrics(key)))

    def _metrics(self, search: str = "") -> Iterator[Metric]:
        """The metrics that the run's scripts logged, with a text in their name, by name."""
        for page in self._client.pages(
            list_metrics, self.entity, self.project, runs=self.id, system=False, search=search
        ):
            yield from page.metrics

    def upload_file(self, path: str | Path, root: str | Path = ".") -> StoredFile:
        """Upload a file to the run; it replaces a file of the same name.

        Args:
            path: the local file.
            root: the local folder. The file's name in the run is its path relative to `root`.

        Raises:
            ConfigError: the file is outside `root`.
            OSError: the file can't be read.
        """
        return self.file(sent_file(self._client, self._name, Path(path), Path(root)))

    # -- changes ---

    def update(self) -> None:
        """Save the changes on the server. Only what was changed is sent.

        Raises:
            NoSuchRun: the run no longer exists.
            ConfigError: a value is invalid: a name is too long, a tag is not a text.
        """
        edit = {
            name: value for name in EDITED if (value := getattr(self, name)) != self._fields[name]
        }
        if self._config is not None:
            edit["config"] = changes(self._whole()["config"], self._config, is_input=True)
        if self._summary is not None:
            edit["summary"] = self._summary.unsaved()
        edit = {name: value for name, value in edit.items() if value != {}}
        if edit:
            self._take(self._client.call_json(edit_run, *self._name, RunEdit(**edit)))

    save = update

    def delete(self, delete_artifacts: bool = False, *, permanently: bool = False) -> None:  # noqa: ARG002
        """Move the run to the trash; `undelete` restores it.

        Args:
            delete_artifacts: ignored, for compatibility with W&B: what a run logged stays.
            permanently: delete the run without the trash, which frees its space at once.
        """
        self._client.call(delete_run, *self._name, permanently=permanently)

    def delete_metrics(self, keys: Sequence[str]) -> int:
        """Delete metrics of the run permanently; they do not go to the trash.

        Args:
            keys: their names; unknown ones are ignored.

        Returns:
            How many metrics were deleted.
        """
        keys = checked_keys(keys) or []
        deletion = MetricDeletion(runs=[self.id], keys=keys)
        return self._client.call(delete_metrics, self.entity, self.project, deletion).n_metrics

    def undelete(self) -> None:
        """Restore the run from the trash."""
        self._client.call(undelete_run, *self._name)

    def move(self, project: str, entity: str | None = None) -> None:
        """Move the run to another project, which is created if it does not exist.

        The run keeps its id, and its old address leads to it.

        Raises:
            Conflict: the other project has, or had, a run with this id.
        """
        change = BulkChange(runs=[self.id], action=MoveAction(project=project, entity=entity))
        answer = self._client.call(change_runs, self.entity, self.project, change)
        if answer.failed:
            raise Conflict(answer.failed[0].detail)
        self._take(self._client.run(entity or self.entity, project, self.id))

    def lock(self) -> None:
        """Protect the run from deletion and from retention rules, until `unlock`.

        Bulk deletion leaves it out and names it. A run that another user has locked stays theirs.

        Raises:
            Forbidden: you may not change the project.
        """
        self._fields = {**self._fields, **self._edit_lock(is_locked=True)}

    def unlock(self) -> None:
        """Make the run deletable again.

        Raises:
            Forbidden: another user locked it, and you are no admin of the project.
        """
        self._fields = {**self._fields, **self._edit_lock(is_locked=False)}

    def _edit_lock(self, *, is_locked: bool) -> dict[str, Any]:
        run = self._client.call(edit_run, *self._name, RunEdit(is_locked=is_locked))
        return {
            "locked_by": run.locked_by,
            "locked_micros": run.locked_micros,
            "edited_by": run.edited_by,
        }

    def share(
        self,
        *,
        name: str = "",
        days: float | None = 30,
        may_embed: bool = False,
        files: bool = False,
        console: bool = False,
    ) -> StoredShare:
        """Share the run by a link that needs no account: its config, summary and charts.

        Args:
            name: title of the page. Defaults to the run's name.
            days: time until the link ends, at most 365. If None, it never does.
            may_embed: whether other sites may show the page in a frame.
            files: whether the page also shows the files and media that the script saved.
            console: whether the page also shows what the script printed.

        Raises:
            Forbidden: you may not share the project, or its team is closed.
        """
        new = ShareCreate(
            kind="run",
            name=name or self.name,
            runs=[self.id],
            days=days,
            may_embed=may_embed,
            shows_files=files,
            shows_console=console,
        )
        share = self._client.call(create_share, self.entity, self.project, new)
        return StoredShare(self._client, self.entity, self.project, share)

    def stop(self) -> None:
        """Ask the run's script to end: its next `log()` raises KeyboardInterrupt."""
        self._client.call(stop_run, *self._name)

    cancel = stop

    @classmethod
    def create(
        cls,
        api: _MakesRuns,
        run_id: str | None = None,
        project: str | None = None,
        entity: str | None = None,
        state: Literal["running", "pending"] = "running",
    ) -> StoredRun:
        """Create a run without a script; see `Api.create_run`."""
        return api.create_run(run_id=run_id, project=project, entity=entity, state=state)

    # -- in a notebook ---

    def to_html(self, height: int = 420, hidden: bool = False) -> str:
        """Return the run's page as an HTML frame.

        Args:
            height: the frame's height in pixels.
            hidden: collapse the frame behind a line that opens it.
        """
        from weft.sdk.display.notebook import page_html

        key = self._client.api_key
        return page_html(self.name, self.url, key, tab="charts", height=height, hidden=hidden)

    def display(self, height: int = 420, hidden: bool = False) -> bool:
        """Show the run's page in the current notebook cell; return whether it was shown."""
        from weft.sdk.display.notebook import display_html, is_notebook

        return is_notebook() and display_html(self.to_html(height, hidden), repr(self))

    def _repr_html_(self) -> str:
        from weft.sdk.reading.stored.html import run_html

        return run_html(self, self._client)

    def __repr__(self) -> str:
        return f"<Run {'/'.join(self.path)} ({self.state})>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, StoredRun) and self._identity() == other._identity()

    def __hash__(self) -> int:
        return hash(self._identity())

    def _identity(self) -> tuple[str, RunName]:
        return self._client.url, self._name

    def __getstate__(self) -> Json:
        # The summary holds a callback that can't be sent to another process.
        return {**self.__dict__, "_summary": None}
