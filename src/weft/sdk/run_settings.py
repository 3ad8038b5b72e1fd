"""The settings of a run, with the addresses and paths that W&B computes from them. No I/O."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from weft.sdk.setup.settings import Settings

if TYPE_CHECKING:
    from weft.sdk.recording.recorder import Recorder


class _Run(Protocol):
    """The part of `weft.Run` that the computed settings read."""

    _recorder: Recorder

    @property
    def url(self) -> str | None: ...
    @property
    def project_url(self) -> str | None: ...
    @property
    def sweep_url(self) -> str | None: ...
    @property
    def start_time(self) -> float: ...
    @property
    def directory(self) -> Path: ...
    @property
    def sync_dir(self) -> str: ...
    @property
    def dir(self) -> str: ...


class RunSettings(Settings):
    """The settings of a run, which can't be changed. They also have W&B's computed names."""

    def __init__(self, settings: Settings, run: _Run) -> None:
        super().__init__()
        self._values.update(settings.given)
        self.__dict__["_run"] = run
        self.freeze()

    _run: _Run

    @property
    def run_url(self) -> str | None:
        """The address of the run's page; None without a server."""
        return self._run.url

    @property
    def project_url(self) -> str | None:
        return self._run.project_url

    @property
    def sweep_url(self) -> str | None:
        return self._run.sweep_url

    @property
    def app_url(self) -> str | None:
        """The address of the server."""
        return self._run._recorder.server_url  # noqa: SLF001

    @property
    def is_local(self) -> bool:
        """Whether the server is not W&B's own: always."""
        return True

    @property
    def deployment(self) -> str:
        return "local"

    @property
    def run_mode(self) -> str:
        return "offline-run" if self.mode == "offline" else "run"

    @property
    def timespec(self) -> str:
        """When the run began, as in names of directories: `20261127_091500`."""
        return time.strftime("%Y%m%d_%H%M%S", time.localtime(self._run.start_time))

    @property
    def wandb_dir(self) -> str:
        """The folder of run directories."""
        return os.fspath(self._run.directory.parent)

    @property
    def sync_dir(self) -> str:
        """The directory of the run, as `weft sync` takes it."""
        return self._run.sync_dir

    @property
    def sync_file(self) -> str:
        """The log of this process."""
        writer = self._run._recorder.log.writer  # noqa: SLF001
        return "" if writer is None else os.fspath(writer.path)

    @property
    def files_dir(self) -> str:
        return self._run.dir

    @property
    def log_dir(self) -> str:
        """The folder of weft's own messages."""
        return os.fspath(self._run.directory / "logs")

    @property
    def settings_workspace(self) -> str:
        """The file of the folder's settings."""
        return os.fspath(Path(self.wandb_dir, "settings"))
