"""Removes the copies of artifacts from a run's directory once a server has them. Does I/O.

`run.log_artifact()` puts files under `files/artifacts/TOKEN/`. They are sent from there, and are
not needed any more once the version is stored, or can't be. The manifest next to the folder stays.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from weft.client.script_client import LogTarget, ScriptClient
from weft.errors import WeftError
from weft.records.files.artifacts import ARTIFACTS_FOLDER

FIRST_LOOK_SECS: Final = 2.0
LAST_LOOK_SECS: Final = 120.0
"""The wait before the server is asked again: at first, and after many questions in vain."""


class StagedArtifacts:
    """The copies of one run's artifacts.

    `failures` are why the server can't store versions, as sentences for the user.
    """

    def __init__(self, files: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self._folder = files / ARTIFACTS_FOLDER
        self._clock = clock
        self._wait_secs = FIRST_LOOK_SECS
        self._due_secs = 0.0
        self._last_names: set[str] = set()
        self.failures: list[str] = []

    def is_due(self) -> bool:
        """Whether the server may have stored a version whose copies are still here."""
        now = self._clock()
        if now < self._due_secs:
            return False
        names = self._names()
        if not names <= self._last_names:
            self._wait_secs = FIRST_LOOK_SECS
        self._last_names = names
        self._due_secs = now + self._wait_secs
        return bool(names)

    def release(self, client: ScriptClient, target: LogTarget) -> None:
        """Remove the copies of each version that the server has stored, or can't store.

        Versions without an answer stay: they are asked about again.
        """
        for name in sorted(self._names()):
            try:
                version = client.logged_artifact(target, f"{ARTIFACTS_FOLDER}{name}")
            except WeftError:
                break
            if version is None or version.state == "awaited":
                continue
            if version.state == "failed":
                self.failures.append(f"artifact {version.name} can't be stored: {version.error}")
            shutil.rmtree(self._folder / name, ignore_errors=True)
        remaining = self._names()
        self._wait_secs = (
            min(LAST_LOOK_SECS, 2 * self._wait_secs) if remaining else FIRST_LOOK_SECS
        )
        self._due_secs = self._clock() + self._wait_secs

    def _names(self) -> set[str]:
        try:
            with os.scandir(self._folder) as entries:
                return {entry.name for entry in entries if entry.is_dir(follow_symlinks=False)}
        except OSError:
            return set()
