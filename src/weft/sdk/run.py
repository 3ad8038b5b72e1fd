"""`Run`: one `init()` to `finish()` in this process. A list of short methods that delegate.

Step 1 of a point's way: `log()` hands the user's dict to `weft.sdk.history`. Made by
`weft.sdk.init`, ended by `weft.sdk.finish`, remembered by `weft.sdk.session`.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

import msgspec

from weft.errors import UsageError
from weft.records.ids import DEFAULT_ENTITY
from weft.records.names import two_words
from weft.sdk.config import Config
from weft.sdk.history import FloatOrInt
from weft.sdk.settings import Settings
from weft.sdk.summary import Summary

if TYPE_CHECKING:
    from weft.sdk.recorder import Recorder


class Run:
    """A run that is being made: what `weft.init()` returns.

    >>> import tempfile, weft
    >>> with weft.init(mode="disabled", dir=tempfile.mkdtemp()) as run:
    ...     run.log({"loss": 0.5})
    >>> run.summary["loss"]
    0.5
    """

    def __init__(self, recorder: Recorder, config: Config, summary: Summary) -> None:
        self._recorder = recorder
        self._config = config
        self._summary = summary
        self._append = recorder.history.append

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
                `train.loss`. A value that can't be kept is kept as text or left out, with one
                warning for its key.
            step: the row's step: any finite number, in any order. None = one after the last.
            commit: False = the next call goes on with this row. With an explicit step that is
                what happens anyway while the step stays the same; True closes the row.

        Raises:
            UsageError: `data` is no mapping, a key is no string, `step` is no finite number, or
                the run is finished.
            KeyboardInterrupt: somebody stopped the run in the browser.

        Cost: 3 to 5 µs for 10 numbers; no thread, queue or network.
        """
        try:
            self._append(data, step, commit)
        except UsageError:
            raise
        except Exception as error:  # noqa: BLE001  never into the user's training
            self._recorder.guard.fault(error, "log()")

    @property
    def config(self) -> Config:
        """The run's inputs: a nested dict, items are attributes too."""
        return self._config

    @property
    def summary(self) -> Summary:
        """One value per metric: the last logged, or what the script sets."""
        return self._summary

    def finish(self, exit_code: int | None = None, quiet: bool | None = None) -> None:
        """End the run and wait for its upload, while that makes progress.

        Args:
            exit_code: 0 or None = finished, anything else = failed.
            quiet: True = print no report. Warnings are printed.
        """
        from weft.sdk.finish import finish_run

        finish_run(self._recorder, exit_code=exit_code or 0, quiet=quiet)

    def __enter__(self) -> Run:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        from weft.sdk.finish import ending_of, finish_run

        ending = ending_of(error)
        finish_run(self._recorder, exit_code=ending.exit_code, state=ending.state)

    # -- what it is ---

    @property
    def id(self) -> str:
        """8 characters of `[a-z0-9]`, or what `init(id=...)` was given."""
        return self._settings.run_id

    @property
    def name(self) -> str:
        """The display name; may be set. The server appends a number to a made one."""
        return self._recorder.record.name or two_words(self.id)

    @name.setter
    def name(self, name: str) -> None:
        self._amend(name=name)

    @property
    def notes(self) -> str | None:
        """A remark in words; may be set."""
        return self._recorder.record.notes

    @notes.setter
    def notes(self, notes: str | None) -> None:
        self._amend(notes=notes or "")

    @property
    def tags(self) -> tuple[str, ...]:
        """Labels; may be set, `run.tags += ("best",)` adds one."""
        return tuple(self._recorder.record.tags)

    @tags.setter
    def tags(self, tags: Iterable[str]) -> None:
        self._amend(tags=tags)

    @property
    def entity(self) -> str:
        """Owner of the project."""
        return self._settings.entity or DEFAULT_ENTITY

    @property
    def project(self) -> str:
        """The project's name."""
        return self._settings.project

    @property
    def group(self) -> str | None:
        """The group the run was put into."""
        return self._settings.group

    @property
    def job_type(self) -> str | None:
        """What kind of work the run is: train, eval."""
        return self._settings.job_type

    @property
    def path(self) -> str:
        """`entity/project/id`: what `weft.Api().run()` takes."""
        return f"{self.entity}/{self.project}/{self.id}"

    @property
    def url(self) -> str | None:
        """The run's page; None = no server is known."""
        base = self._recorder.server_url
        return f"{base}/{self.entity}/{self.project}/runs/{self.id}" if base else None

    @property
    def project_url(self) -> str | None:
        """The project's page; None = no server is known."""
        base = self._recorder.server_url
        return f"{base}/{self.entity}/{self.project}" if base else None

    @property
    def dir(self) -> str:
        """The folder whose files belong to the run."""
        return os.fspath(self.directory / "files")

    @property
    def directory(self) -> Path:
        """The run's directory: its logs and files."""
        return self._recorder.directory

    @property
    def step(self) -> FloatOrInt:
        """The step that the next row gets when it names none."""
        return self._recorder.history.step

    @property
    def start_time(self) -> float:
        """When the run began, in seconds since 1970 UTC."""
        return self._recorder.record.start_micros / 1e6

    @property
    def settings(self) -> Settings:
        """How the run was set up."""
        return self._settings

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
        """Whether the run goes on with one that was there before."""
        return self._recorder.record.resume is not None

    @property
    def finished(self) -> bool:
        """Whether the run has ended; it takes no rows any more."""
        return self._recorder.finished

    def __repr__(self) -> str:
        return f"<weft.Run {self.path} {self.name!r}>"

    def __reduce__(self) -> tuple[Any, ...]:
        from weft.sdk.attach import reduce_run

        return reduce_run(self)

    @property
    def _settings(self) -> Settings:
        return self._recorder.settings

    def _amend(self, **changes: Any) -> None:
        from weft.sdk.settings import checked_setting

        checked = {name: checked_setting(name, value) for name, value in changes.items()}
        if "tags" in checked:
            checked["tags"] = list(checked["tags"])
        self._recorder.amend(msgspec.structs.replace(self._recorder.record, **checked))
