"""An artifact in the log of a run, whose version a server may have."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from weft.client.artifact_client import ArtifactClient
from weft.errors import CommError, Unavailable
from weft.records.sizes import counted
from weft.sdk.artifacts.fetching.version_files import VersionFiles
from weft.sdk.artifacts.states.description import Description
from weft.sdk.artifacts.states.sending import Sent, unknown
from weft.sdk.artifacts.states.stored import Stored
from weft.sdk.guard import warn_caller
from weft.wire.artifacts.artifacts import Artifact

if TYPE_CHECKING:
    from weft.sync.progress_bar import ProgressBar

_FIRST_LOOK_SECS: Final = 0.1
_LAST_LOOK_SECS: Final = 1.0
"""The shortest and longest pause of `wait()` before it looks again whether the version is stored:
less often the longer it takes, since each look costs the server as much as a megabyte that it
takes in."""

_STATUS_SECS: Final = 0.05
"""The pause between looks at the sidecar's status, which is in memory."""


@dataclass
class Logged:
    """An artifact in the log of a run, or a version that an offline run has named.

    Attributes:
        find_version: asks the server for the version: None until the server knows it.
        manifest: the path of its manifest among the files of the run that logged it. '' if it was
            named before the server could be asked for it.
        ref: the version or alias that it was named by.
        run_id: of the run that logged it.
        staged: its files in the directory of an offline run.
        is_part_there: whether the server had all of a part when it was last asked.
    """

    description: Description
    find_version: Callable[[], tuple[ArtifactClient, Artifact] | None]
    project: tuple[str, str] = ("", "")
    manifest: str = ""
    ref: str | None = None
    run_id: str = ""
    sending: Callable[[], Sent | None] = unknown
    staged: VersionFiles | None = None
    is_part_there: bool = False
    _metadata_json: bytes | None = field(init=False)

    def __post_init__(self) -> None:
        self._metadata_json = self.description.metadata_json()

    @property
    def fault(self) -> str:
        """The reason why there is no version."""
        if self.is_part_there:
            return "is a part of a version: run.finish_artifact() makes the version"
        return "is not stored yet: call wait()"

    def look(self) -> Logged | Stored:
        """Return the stored version if the server has it by now.

        CommError if it can't be stored.
        """
        answer = self.find_version()
        self.is_part_there = answer is not None and answer[1].state == "part"
        if answer is None or answer[1].state in {"awaited", "part"}:
            return self
        if answer[1].state == "failed":
            name = self.description.name
            raise CommError(f"artifact {name} can't be stored: {answer[1].error}")
        self._warn_of_lost_metadata()
        return Stored(*answer, self.description)

    def wait(self, timeout: float | None, *, is_shown: bool) -> Logged | Stored:
        """Return the state once the server has all of it; see `Artifact.wait`."""
        from weft.sync.progress_bar import ProgressBar

        name = self.description.name
        begin = time.monotonic()
        is_sending = False
        bar = ProgressBar(name, is_shown=is_shown, has_rate=True)
        try:
            while (state := self.look()) is self and not self.is_part_there:
                waited_secs = time.monotonic() - begin
                if timeout is not None and waited_secs >= timeout:
                    raise Unavailable(f"artifact {name} is not stored after {timeout} s")
                pause_secs = min(max(waited_secs / 10, _FIRST_LOOK_SECS), _LAST_LOOK_SECS)
                if timeout is not None:
                    pause_secs = min(pause_secs, timeout - waited_secs)
                is_sending = self._await_sending(pause_secs, bar, is_sending=is_sending)
        finally:
            bar.clear()
        return state

    def _warn_of_lost_metadata(self) -> None:
        """Warn of a change in place, which the server's description is about to replace."""
        present, self._metadata_json = self._metadata_json, self.description.metadata_json()
        if self._metadata_json != present:
            warn_caller(
                f"metadata of artifact {self.description.name} was changed after the artifact was "
                "logged and before it was stored; the change is lost: make it before "
                "log_artifact() or after wait()"
            )

    def _await_sending(self, pause_secs: float, bar: ProgressBar, *, is_sending: bool) -> bool:
        """Wait for a pause, or until the sidecar has sent all. Return whether it is sending."""
        due_secs = time.monotonic() + pause_secs
        while (left_secs := due_secs - time.monotonic()) > 0:
            sent = self.sending()
            if sent is not None and sent.n_left_files:
                is_sending = True
                _show(sent, bar)
            elif is_sending:
                return False
            time.sleep(min(_STATUS_SECS, left_secs))
        return is_sending


def _show(sent: Sent, bar: ProgressBar) -> None:
    if not sent.n_bytes and not sent.n_left_bytes:
        bar.say(f"{counted(sent.n_left_files, 'file')} to be read and sent")
        return
    bar.total_bytes = sent.n_bytes + sent.n_left_bytes
    bar.total_files = max(bar.total_files, sent.n_left_files)
    bar.draw(sent.n_bytes, n_files=bar.total_files - sent.n_left_files)
