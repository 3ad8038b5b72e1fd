"""`Run`: one `init()` to `finish()` in this process. Its methods are short and delegate.

`log()` hands the user's dict to `weft.sdk.rows.history`. `weft.sdk.start` makes a run,
`weft.sdk.finish` ends it, and `weft.sdk.session` lists the active ones.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, TextIO

from weft.client.pages import project_page, run_page
from weft.errors import UsageError, WrongType
from weft.sdk.dicts.config import Config
from weft.sdk.dicts.summary import Summary
from weft.sdk.recording.run_labels import RunLabels
from weft.sdk.rows.steps import FloatOrInt
from weft.sdk.run_artifacts import RunArtifacts
from weft.sdk.setup.settings import Settings

if TYPE_CHECKING:
    from datetime import timedelta

    from weft.sdk.dicts.static_config import StaticConfig
    from weft.sdk.reading.stored.shares import StoredShare
    from weft.sdk.recording.alert import AlertLevel
    from weft.sdk.recording.recorder import Recorder
    from weft.sdk.recording.upload_status import RunStatus
    from weft.sdk.rows.metric import Metric
    from weft.sdk.run_settings import RunSettings
    from weft.wire.runs.continuation import Continuation


class Run(RunArtifacts):
    """A run that this process records: what `weft.init()` returns.

    >>> import tempfile, weft
    >>> with weft.init(mode="disabled", dir=tempfile.mkdtemp()) as run:
    ...     run.log({"loss": 0.5})
    >>> run.summary["loss"]
    0.5
    """

    def __init__(
        self,
        recorder: Recorder,
        config: Config,
        summary: Summary,
        before: Continuation | None = None,
    ) -> None:
        """Called by `weft.init()`.

        `before` is the earlier state of the run, if this one resumes it under its id.
        """
        self._recorder = recorder
        self._config = config
        self._summary = summary
        self._labels = RunLabels(recorder, before)
        self._resumed = before is not None
        self._starting_step = recorder.history.step
        self._history = recorder.history

    # -- recording ---

    def log(
        self,
        data: Mapping[str, Any],
        step: FloatOrInt | None = None,
        commit: bool | None = None,
    ) -> None:
        """Record one row of the run's history. It survives `kill -9` once this returns.

        Args:
            data: values by name. Nested dicts join with `.`: `{"train": {"loss": 1}}` is
                `train.loss`. A value of an unsupported type is stored as text or left out, with
                one warning for its key.
            step: the row's step: any finite number, in any order. Defaults to the next whole
                number after the largest step.
            commit: whether this call completes the row. If False, the next call adds to the same
                row. Defaults to True without `step`. With `step`, calls with the same step add to
                one row, unless this is True.

        Raises:
            UsageError: `data` is not a mapping, a key is not a string, `step` is not a finite
                number, or the run is finished.
            KeyboardInterrupt: the run was stopped in the browser or by `weft.Api`.

        Cost: 3 to 5 µs for 10 numbers; no thread, queue or network.
        """
        try:
            if self._recorder.watches is not None:
                data = self._recorder.watches.added_to(data)
            self._history.append(data, step, commit)
        except UsageError:
            if not self._recorder.life.leaves_out_late_rows():
                self._recorder.life.check_open()
                raise
        except Exception as error:  # noqa: BLE001  never into the user's training
            self._recorder.guard.fault(error, "log()")

    @property
    def config(self) -> Config:
        """The run's inputs: a nested dict whose items are also attributes."""
        return self._config

    @property
    def config_static(self) -> StaticConfig:
        """A read-only copy of the run's inputs as they are now."""
        from weft.sdk.dicts.static_config import StaticConfig

        return StaticConfig(self._config.as_dict())

    @property
    def summary(self) -> Summary:
        """One value per metric: the last one logged, or the one that the script sets."""
        return self._summary

    def define_metric(
        self,
        name: str,
        step_metric: str | Metric | None = None,
        step_sync: bool | None = None,
        hidden: bool | None = None,
        summary: str | Iterable[str] | None = None,
        goal: str | None = None,
        overwrite: bool | None = None,
    ) -> Metric:
        """Choose a metric's x axis and what the summary shows of it.

        Args:
            name: a metric, or a glob with `*`: `val/*`.
            step_metric: the metric on the x axis, such as `epoch`.
            step_sync: whether a row without the step metric gets its last value. Defaults to True
                if `step_metric` is given.
            hidden: whether to draw no chart of it automatically.
            summary: an aggregate such as `min`, `max`, `mean` or `best`, all of which the guide
                lists; `copy` (the last value as it is, the default) or `none`; several as a list,
                or separated by commas.
            goal: `minimize` (the default) or `maximize`, to choose the `best` value.
            overwrite: whether to discard what earlier calls defined for it.

        Raises:
            UsageError: an argument is unknown or invalid, or the run is finished.
        """
        return self._recorder.definitions.define(
            name, step_metric, step_sync, hidden, summary, goal, overwrite
        )

    def alert(
        self,
        title: str,
        text: str,
        level: str | AlertLevel | None = None,
        wait_duration: float | timedelta | None = None,
    ) -> None:
        """Record a message for people to see.

        Args:
            title: a few words. `wait_duration` applies separately to each title.
            text: the message.
            level: `INFO` (the default), `WARN` or `ERROR`.
            wait_duration: seconds, or a timedelta, for which further alerts with this title are
                dropped. Defaults to 60 s.

        Raises:
            UsageError: an argument is unknown or invalid, or the run is finished.
        """
        from weft.sdk.recording.alert import checked_alert

        self._recorder.records.alert(*checked_alert(title, text, level, wait_duration))

    def watch(
        self,
        models: Any,
        criterion: Any = None,
        log: str | None = "gradients",
        log_freq: float = 1000,
        idx: int | None = None,
        log_graph: bool = False,
    ) -> None:
        """Log histograms of a PyTorch model's gradients and parameters, as `gradients/<name>`.

        The values are counted on their device just before the optimizer steps, and are added to
        the next row that is logged. They are what the optimizer applies: accumulated, unscaled,
        clipped, and reduced over processes. Without an optimizer of torch, the ends of backward
        passes count in place of its steps.

        Args:
            models: a module of torch, or a list of them.
            criterion: accepted for scripts of W&B, and not used.
            log: "gradients", "parameters" (then as `parameters/<name>`), "all", or None.
            log_freq: every how many steps, from the first one on.
            idx: the number of the first model. Names of models above 0 have it, as in
                `gradients/graph_1/<name>`. Defaults to the number of watched models.
            log_graph: whether to log the model's layers, as `graph_<number>`, after its next
                forward pass: their names, kinds, output shapes and sizes.

        Raises:
            WrongType: a model is not a module of torch.
            UsageError: `log` is unknown.
            MissingLibrary: PyTorch is not installed.

        Watching a model again replaces how it was watched before. Once the run is finished, or in
        mode disabled, this does nothing.
        """
        del criterion
        if self.finished:
            self._recorder.guard.warn("watch", "the run is finished: watch() has no effect")
        if self.finished or self.disabled:
            return
        if self._recorder.watches is None:
            from weft.sdk.watching.watches import Watches

            self._recorder.watches = Watches(self._recorder.guard)
        self._recorder.watches.watch(models, log, log_freq, idx, log_graph=log_graph)

    def unwatch(self, models: Any = None) -> None:
        """Stop watching models, and remove all hooks.

        Args:
            models: a model, or a list of them. Defaults to all.
        """
        if self._recorder.watches is not None:
            self._recorder.watches.unwatch(models)

    def write_logs(self, text: str) -> None:
        """Record text in the run's console lines without printing it.

        Args:
            text: any text; control characters act as in a terminal. It goes
                to the stream `stdout`, and ends a line.

        Raises:
            WrongType: `text` is not a string.

        Once the run is finished, this does nothing, so that handlers of loggers may still call it.
        """
        if not isinstance(text, str):
            raise WrongType(f"write_logs() takes a string, not {type(text).__name__}")
        self._recorder.write_logs(text if text.endswith("\n") else text + "\n")

    def mark_preempting(self) -> None:
        """Announce that the machine is about to be preempted; pending data is sent at once.

        A run that ends abruptly after this counts as preempted, not as crashed.

        Raises:
            UsageError: the run is finished.
        """
        self._recorder.records.mark_preempting()

    def pin_config_keys(self, keys: Iterable[str] = ()) -> None:
        """Show these config items first on the run's page. Replaces the previous choice.

        Raises:
            UsageError: `keys` are not names, or the run is finished.
        """
        from weft.sdk.setup.checks import check_names

        names = list(check_names("keys of pin_config_keys()", keys))
        self._recorder.records.config_changed([(["_wandb", "pinned_keys"], names)], [])

    def save(
        self,
        glob_str: str | os.PathLike[str] | bytes,
        base_path: str | os.PathLike[str] | None = None,
        policy: Literal["live", "now", "end"] = "live",
        glob: bool = True,
    ) -> list[str]:
        """Keep files with the run. They are uploaded in the background.

        A file is linked into the run's directory, or copied if that is not possible, so that it
        is sent even if it is deleted here. Files that are written directly to `run.dir` are sent
        at the end of the run without this call.

        Args:
            glob_str: a path or a pattern with `*`, `?` and `**`. Of a folder, all files are taken.
            base_path: the folder from which the names in the run begin: with `base_path="/data"`,
                `/data/eval/a.csv` becomes `eval/a.csv`. Defaults to the working directory, and
                for an absolute path to the folder above the file's.
            policy: `live`: sent now, and again whenever it changes; `now`: as it is now; `end`:
                as it is at the end of the run.
            glob: whether `*`, `?` and `[` have their meaning; False for a file whose name has
                them.

        Returns:
            The paths of the files in the run's directory, sorted. If no file is found, it is
            empty, with a warning.

        Raises:
            UsageError: the path is not below `base_path`, the policy is unknown, or the run is
                finished.

        >>> import tempfile, weft
        >>> folder = Path(tempfile.mkdtemp())
        >>> _ = (folder / "model.pt").write_text("weights")
        >>> with weft.init(mode="disabled") as run:
        ...     [saved] = run.save(folder / "model.pt", base_path=folder)
        >>> Path(saved).name
        'model.pt'
        """
        from weft.sdk.recording.save import save_files

        return save_files(self._recorder, glob_str, base_path, policy, glob=glob)

    def restore(
        self,
        name: str,
        run_path: str | None = None,
        replace: bool = False,
        root: str | os.PathLike[str] | None = None,
    ) -> TextIO | None:
        """Fetch a file of this run or another one; see `weft.restore`.

        Args:
            run_path: `entity/project/run`, or its end. Defaults to this run.
            root: the folder to put it in. Defaults to `run.dir`.
        """
        from weft.sdk.restore import restore_file

        return restore_file(name, run_path, replace, root, self)

    def log_code(
        self,
        root: str | os.PathLike[str] | None = ".",
        name: str | None = None,  # noqa: ARG002  the name of an artifact in W&B
        include_fn: Callable[..., bool] | None = None,
        exclude_fn: Callable[..., bool] | None = None,
    ) -> list[str]:
        """Keep the source files of the script with the run, below `code/` of its files.

        Hidden folders, virtual environments, `node_modules` and run directories are left out.

        Args:
            root: the folder to search.
            name: ignored.
            include_fn: selects files to take by their path, or path and root. Defaults to `*.py`,
                `Dockerfile*` and `requirements.txt`.
            exclude_fn: selects files among them to leave out.

        Returns:
            The paths of the files in the run's directory; empty with a warning if none is found.

        Raises:
            UsageError: an argument is invalid, or the run is finished.
        """
        from weft.sdk.recording.code_files import log_code

        return log_code(self._recorder, root, include_fn, exclude_fn)

    def finish(self, exit_code: int | None = None, quiet: bool | None = None) -> None:
        """End the run and wait for its upload as long as the upload makes progress.

        Args:
            exit_code: 0 or None for a finished run; any other number for a failed one.
            quiet: whether to print no report. Warnings are printed in any case.

        Raises:
            UsageError: `exit_code` is not a 64-bit integer. The run continues.
        """
        from weft.sdk.finish import checked_exit_code, error_line, finish_run

        code = checked_exit_code(exit_code)
        error = sys.exc_info()[1] if code else None
        reason = error_line(error) if error is not None else None
        finish_run(self._recorder, exit_code=code, reason=reason, quiet=quiet)

    def __enter__(self) -> Run:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        from weft.sdk.finish import end_run, ending_of

        end_run(self._recorder, ending_of(error))

    # -- what it is ---

    @property
    def id(self) -> str:
        """The run's id: 8 characters of `[a-z0-9]`, or the one given to `init(id=...)`."""
        return self._settings.run_id

    @property
    def name(self) -> str:
        """The display name. Can be set. A generated name is made from the run's id."""
        return self._labels.name

    @name.setter
    def name(self, name: str) -> None:
        self._labels.set("name", name)

    @property
    def notes(self) -> str | None:
        """Free text about the run. Can be set."""
        return self._labels.notes

    @notes.setter
    def notes(self, notes: str | None) -> None:
        self._labels.set("notes", notes or "")

    @property
    def tags(self) -> tuple[str, ...]:
        """Labels. Can be set: `run.tags += ("best",)` adds one."""
        return self._labels.tags

    @tags.setter
    def tags(self, tags: Iterable[str]) -> None:
        self._labels.set("tags", tags)

    @property
    def entity(self) -> str:
        """The owner of the project.

        If you named none it is yours, by the server's first answer to this run or an earlier one;
        until then, and on a server without accounts, `local`.
        """
        return self._recorder.entity

    @property
    def project(self) -> str:
        """The project's name."""
        return self._settings.project

    def project_name(self) -> str:
        """The project's name; W&B's older name for `project`."""
        return self.project

    @property
    def group(self) -> str:
        """The run's group, or '' if it has none."""
        return self._labels.group

    @property
    def job_type(self) -> str:
        """The kind of work, such as train or eval, or '' if not given."""
        return self._labels.job_type

    @property
    def sweep_id(self) -> str | None:
        """The id of the run's sweep, or None if it belongs to none."""
        return self._settings.sweep_id

    @property
    def path(self) -> str:
        """The run's path, `entity/project/id`, as `weft.Api().run()` takes it."""
        return f"{self.entity}/{self.project}/{self.id}"

    @property
    def url(self) -> str | None:
        """The URL of the run's page, or None if no server is known."""
        base = self._recorder.server_url
        return run_page(base, self.entity, self.project, self.id) if base else None

    @property
    def project_url(self) -> str | None:
        """The URL of the project's page, or None if no server is known."""
        base = self._recorder.server_url
        return project_page(base, self.entity, self.project) if base else None

    @property
    def sweep_url(self) -> str | None:
        """The URL of the sweep's page, or None if there is no sweep or no server is known."""
        base = self.project_url
        return f"{base}/sweeps/{self.sweep_id}" if base and self.sweep_id else None

    def get_url(self) -> str | None:
        """The URL of the run's page; W&B's older name for `url`."""
        return self.url

    def get_project_url(self) -> str | None:
        """The URL of the project's page; W&B's older name for `project_url`."""
        return self.project_url

    def get_sweep_url(self) -> str | None:
        """The URL of the sweep's page; W&B's older name for `sweep_url`."""
        return self.sweep_url

    @property
    def dir(self) -> str:
        """The folder for the run's own files."""
        return os.fspath(self.directory / "files")

    @property
    def directory(self) -> Path:
        """The run's directory: its logs and files."""
        return self._recorder.directory

    @property
    def sync_dir(self) -> str:
        """The run's directory as a string, as `weft sync` takes it."""
        return os.fspath(self.directory)

    @property
    def step(self) -> FloatOrInt:
        """The step of the next row that is logged without `step`."""
        return self._recorder.history.step

    @property
    def starting_step(self) -> FloatOrInt:
        """The default step of this process's first row: 0, unless it continues a run."""
        return self._starting_step

    @property
    def start_time(self) -> float:
        """When the run began, in seconds since 1970 UTC."""
        return self._recorder.record.start_micros / 1e6

    @property
    def settings(self) -> RunSettings:
        """The run's settings. They can't be changed."""
        from weft.sdk.run_settings import RunSettings

        return RunSettings(self._settings, self)

    @property
    def offline(self) -> bool:
        """Whether nothing is uploaded until `weft sync`."""
        return self._settings.mode == "offline"

    @property
    def disabled(self) -> bool:
        """Whether nothing is recorded at all."""
        return self._settings.mode == "disabled"

    @property
    def resumed(self) -> bool:
        """Whether this run resumes an earlier one."""
        return self._resumed

    @property
    def finished(self) -> bool:
        """Whether the run has ended. A finished run takes no more rows."""
        return self._recorder.life.finished

    def status(self) -> RunStatus:
        """Report how far the upload is.

        Raises:
            UsageError: the run is finished.
        """
        from weft.sdk.recording.upload_status import read_status

        return read_status(self._recorder)

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

        A run that goes on is shown as it is when the link is opened.

        Args:
            name: title of the page. Defaults to the run's name.
            days: time until the link ends, at most 365. If None, it never does.
            may_embed: whether other sites may show the page in a frame.
            files: whether the page also shows the files and media that the script saved.
            console: whether the page also shows what the script printed.

        Returns:
            The share; its `url` is the link.

        Raises:
            UsageError: the run is offline or disabled.
            NoSuchRun: the run did not arrive at the server within 10 seconds.
            CommError: the server can't be reached.
            Forbidden: you may not share the project, or its team is closed.
        """
        from weft.sdk.sharing import share_run

        return share_run(
            self.path, self._settings.mode, self._recorder.server_url,
            name=name, days=days, may_embed=may_embed, files=files, console=console,
        )  # fmt: skip

    # -- in a notebook ---

    def to_html(self, height: int = 420, hidden: bool = False) -> str:
        """Return the run's page as an HTML frame.

        Args:
            height: the height in pixels.
            hidden: whether the frame is hidden until a button is clicked.
        """
        from weft.sdk.display.notebook import key_of_server, page_html

        if self.url is None:
            from html import escape

            return f"<code>{escape(repr(self))}</code>"
        key = key_of_server(self._settings)
        return page_html(self.name, self.url, key, tab="charts", height=height, hidden=hidden)

    def display(self, height: int = 420, hidden: bool = False) -> bool:
        """Show the run's page in the notebook's current cell.

        Returns:
            Whether the page was shown: False outside a notebook or if the run is silent.
        """
        from weft.sdk.display.notebook import display_html, is_notebook

        shown = is_notebook() and not self._settings.silent
        return shown and display_html(self.to_html(height, hidden), repr(self))

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:  # noqa: ARG002
        from weft.sdk.display.notebook import curves_of_log_html

        log, schemas = self._recorder.log, self._recorder.history.schemas()
        curves = curves_of_log_html(log.path, schemas, log.writer.size if log.writer else 0)
        return {"text/html": f"{curves}{self.to_html(hidden=True)}", "text/plain": repr(self)}

    def __repr__(self) -> str:
        return f"<weft.Run {self.path} {self.name!r}>"

    def __setattr__(self, name: str, value: Any) -> None:
        if not name.startswith("_") and not hasattr(type(self), name):
            raise AttributeError(
                f"weft.Run has no attribute {name!r}: set run.config.{name} or "
                f"run.summary[{name!r}]"
            )
        super().__setattr__(name, value)

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"weft.Run has no attribute {name!r}")

    def _label(self, repo: str | None = None, code: str | None = None, **more: str) -> None:
        """Do nothing. Many libraries call this to tell W&B who they are."""

    @property
    def _settings(self) -> Settings:
        return self._recorder.settings
