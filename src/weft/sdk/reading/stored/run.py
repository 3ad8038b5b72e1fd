"""A run as a server has it: what `weft.Api` hands out. Does network I/O.

Numbers come as they were logged: ints as ints, NaN as NaN.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, Literal, Protocol

from weft.client.questions import Json
from weft.errors import ConfigError, Conflict
from weft.sdk.reading.paths import ProjectName, RunName
from weft.sdk.reading.rows.sampled import MAX_SAMPLES, as_pandas, rows_along, with_columns
from weft.sdk.reading.rows.scan import TIMES, HistoryScan, checked_keys
from weft.sdk.reading.stored.edits import changes
from weft.sdk.reading.stored.facts import EDITED, RunFacts
from weft.sdk.reading.stored.files import StoredFile, StoredFiles, sent_file
from weft.sdk.reading.stored.processes import DownloadHistoryResult
from weft.sdk.reading.unknown_names import warn_of_metrics

PAGE_ROWS: Final = 10_000
Stream = Literal["default", "system"]


class _MakesRuns(Protocol):
    def create_run(
        self,
        *,
        run_id: str | None,
        project: str | None,
        entity: str | None,
        state: Literal["running", "pending"],
    ) -> StoredRun: ...


class StoredRun(RunFacts):
    """A run as the server has it.

    What `load(force=True)` does not ask for again is as it was when the run was looked up. `name`,
    `notes`, `tags`, `group`, `job_type`, `color` (1 to 12, of the web app's palette), `config` and
    `summary` can be changed; `update()` sends what was.
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
        """The run's rows for a look at them: few enough, and with every extreme.

        Of more than `samples` rows those are given in which, over stretches of equal length, any
        metric is lowest, highest or first not finite, and the first and last row. W&B draws them
        at random. `scan_history` gives all.

        Args:
            samples: how many rows at most; more, where one stretch has more extremes than that.
            keys: only these columns, and rows that have one of them; None = all.
            x_axis: a column that every row must have, and whose order they come in.
            pandas: as a pandas table; False = as a list of dicts.
            stream: `system` = what was measured of machine and process.

        Raises:
            ConfigError: `keys` is no list of names, or `stream` none of the two.
            NoSuchRun: the run is gone.
        """
        named = checked_keys(keys)
        if stream not in {"default", "system"}:
            raise ConfigError(f"stream must be 'default' or 'system', not {stream!r}")
        n_rows = min(max(1, samples), MAX_SAMPLES)
        if x_axis in TIMES:
            metrics = [key for key in named or () if key not in TIMES]
            rows = self._questions.thinned_history(
                *self._name, n_rows, keys=metrics or None, system=stream == "system"
            )
            warn_of_metrics(self._questions, *self._name, metrics, rows)
            rows = rows if named is None else with_columns(rows, [x_axis, *named])
        else:
            asked = None if named is None else [*named, x_axis]
            rows = rows_along(self.scan_history(asked, stream=stream), x_axis, named, n_rows)
        if not pandas:
            return rows
        return as_pandas(rows, None if named is None else [x_axis, *named])

    def scan_history(
        self,
        keys: Sequence[str] | None = None,
        page_size: int = PAGE_ROWS,
        min_step: float | None = None,
        max_step: float | None = None,
        use_cache: bool = True,  # noqa: ARG002  for W&B's sake: nothing has to be cached
        *,
        complete: bool = False,
        superseded: bool = False,
        apart: bool = False,
        stream: Stream = "default",
    ) -> HistoryScan:
        """All rows, in order: `_step`, `_runtime`, `_timestamp` and what was logged.

        Args:
            keys: only rows that have one of these, and only these columns; None = all.
            page_size: rows asked for at once.
            min_step: the first step; None = from the beginning, negative steps too.
            max_step: the step to end before; None = to the end.
            complete: only rows that have all of `keys`, as W&B gives them.
            superseded: rows that a rewind no longer counts, too; they have `_superseded`, True.
            stream: `system` = what was measured of machine and process.
            apart: writer after writer, each in the order in which it logged, with `_writer`; else
                by step, then time.

        Raises:
            ConfigError: `keys` is no list of names.
            Unavailable: the server can't be reached; raised where the rows are asked for.
        """
        if page_size < 1:
            raise ConfigError(f"page_size must be 1 or more, not {page_size}")
        return HistoryScan(
            self._questions,
            self._name,
            keys=checked_keys(keys),
            page_size=min(page_size, 100_000),
            min_step=min_step,
            max_step=max_step,
            complete=complete,
            superseded=superseded,
            apart=apart,
            system=stream == "system",
        )

    beta_scan_history = scan_history

    @property
    def lastHistoryStep(self) -> int | float:
        """The largest step that was logged; -1 where none was."""
        step = self._questions.continuation(*self._name).last_step
        return -1 if step is None else step

    @property
    def history_keys(self) -> Json:
        """W&B's account of the run's metrics: `keys` by name with their kinds, and `lastStep`."""
        keys = {
            found.key: {
                "typeCounts": [{"type": kind, "count": found.n_points} for kind in found.kinds]
            }
            for found in self._questions.metrics(*self._name)
        }
        return {"sets": [], "keys": keys, "lastStep": self.lastHistoryStep}

    @property
    def history_line_count(self) -> int:
        """How many rows it has; they are read for it."""
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
        table = HistoryTable(self._questions, chosen, None)
        path = table.write(Path(download_dir) / f"{self.id}.parquet", "parquet")
        return DownloadHistoryResult([path], contains_live_data=self.state == "running")

    @property
    def system_metrics(self) -> Json:
        """The last value of each figure that was measured of machine and process."""
        last: Json = {}
        for row in self.scan_history(stream="system"):
            last |= {key: value for key, value in row.items() if key not in TIMES}
        return last

    # -- files ---

    def files(
        self,
        names: Sequence[str] | None = None,
        pattern: str | None = None,
        per_page: int = 50,
    ) -> StoredFiles:
        """The files of the run.

        Args:
            names: only these; None = all.
            pattern: only those whose whole path is like this: `%` stands for any characters, `_`
                for one.
            per_page: how many are asked for at once.

        Raises:
            ConfigError: both `names` and `pattern` are given.
        """
        return StoredFiles(self._questions, self._name, names, pattern, per_page)

    def file(self, name: str) -> StoredFile:
        """One file.

        Raises:
            NotFound: the run has none of that name.
        """
        return self.files([name]).one()

    def upload_file(self, path: str | Path, root: str | Path = ".") -> StoredFile:
        """Put a file into the run, in the place of one of its name.

        Args:
            path: the file on this machine.
            root: the folder that its name in the run begins below.

        Raises:
            ConfigError: it lies outside of `root`.
            OSError: it can't be read.
        """
        return self.file(sent_file(self._questions, self._name, Path(path), Path(root)))

    # -- changes ---

    def update(self) -> None:
        """Let the server keep what was changed: only that is sent.

        Raises:
            NoSuchRun: the run is gone.
            ConfigError: a value can't be: a name that is too long, tags that are no texts.
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
            self._take(self._questions.edit_run(*self._name, edit))

    save = update

    def delete(self, delete_artifacts: bool = False, *, permanently: bool = False) -> None:  # noqa: ARG002
        """Move the run to the trash, from which `undelete` takes it.

        Args:
            delete_artifacts: for W&B's sake; this version has no artifacts.
            permanently: do not keep it in the trash; its space is free at once.
        """
        self._questions.delete_run(*self._name, permanently=permanently)

    def delete_metrics(self, keys: Sequence[str]) -> int:
        """Delete metrics of the run permanently; they do not go to the trash.

        Args:
            keys: their names; unknown ones are ignored.

        Returns:
            How many were deleted.
        """
        keys = checked_keys(keys) or []
        runs = {"runs": [self.id]}
        answer = self._questions.delete_metrics(self.entity, self.project, runs, keys)
        return answer.n_metrics

    def undelete(self) -> None:
        """Take the run out of the trash."""
        self._questions.undelete_run(*self._name)

    def move(self, project: str, entity: str | None = None) -> None:
        """Move the run to another project, which is made if there is none of that name.

        Its id stays, and its old address leads to it.

        Raises:
            Conflict: there is, or was, a run of its id.
        """
        action = {"kind": "move", "project": project, "entity": entity}
        runs = {"runs": [self.id]}
        answer = self._questions.change_runs(self.entity, self.project, runs, action)
        if answer.failed:
            raise Conflict(answer.failed[0].detail)
        self._take(self._questions.run(entity or self.entity, project, self.id))

    def stop(self) -> None:
        """Ask for the run's end: its script's next `log()` raises KeyboardInterrupt."""
        self._questions.stop_run(*self._name)

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
        """Make a run that no script has begun yet; see `Api.create_run`."""
        return api.create_run(run_id=run_id, project=project, entity=entity, state=state)

    # -- in a notebook ---

    def to_html(self, height: int = 420, hidden: bool = False) -> str:
        """The run's page as an HTML frame.

        Args:
            height: in pixels.
            hidden: behind a line that opens it.
        """
        from weft.sdk.display.notebook import page_html

        return page_html(
            self.name, self.url, self._questions.api_key, height=height, hidden=hidden
        )

    def display(self, height: int = 420, hidden: bool = False) -> bool:
        """Show the run's page in the notebook's present cell; whether this is a notebook."""
        from weft.sdk.display.notebook import display_html, is_notebook

        return is_notebook() and display_html(self.to_html(height, hidden), repr(self))

    def _repr_html_(self) -> str:
        return self.to_html()

    def __repr__(self) -> str:
        return f"<Run {'/'.join(self.path)} ({self.state})>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, StoredRun) and self._place() == other._place()

    def __hash__(self) -> int:
        return hash(self._place())

    def _place(self) -> tuple[str, RunName]:
        return self._questions.url, self._name

    def __getstate__(self) -> Json:
        # The summary knows how it is saved, which is no matter of another process.
        return {**self.__dict__, "_summary": None}
