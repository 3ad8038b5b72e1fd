"""Lets callers query a bare directory of runs like a server: `weft.Api("./weft")`.

There is one query engine, the server's. For a directory it is `weft ui`: the one that already
shows the directory, else one that this process starts. A started engine ends with this process,
however that ends: its standard input is a pipe from here, and it exits when the pipe closes. What
it made of the run logs stays in the user's cache, so the second start reads only new data. Starts
processes.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import time
import weakref
from pathlib import Path
from typing import IO, Any, Final

import msgspec

from weft.client.policy import Policy
from weft.client.shared import Server
from weft.client.transport import Transport
from weft.errors import ConfigError, Unavailable
from weft.libraries.optional import need_server
from weft.records.sizes import shown_size
from weft.runlog.holder import Holder, present_holder_of, token_of, view_store_of
from weft.sync.spawn import package_folders

_START_SECS: Final = 60.0
"""Starting takes a second, or many on a busy machine. Not part of a caller's timeout."""

_POLL_SECS: Final = 0.02
_END_SECS: Final = 5.0
_MAX_SHOWN_BYTES: Final = 2000

UI_OPTIONS: Final = ("--port", "0", "--no-browser", "--while-stdin-open")
_BOOT: Final = """
import sys
mark = sys.argv.index("--")
packages = [place for place, entry in enumerate(sys.path) if entry.endswith("packages")]
sys.path[min(packages, default=len(sys.path)):0] = sys.argv[1:mark]
sys.argv[: mark + 1] = ["weft"]
from weft.cli.main import main
main()
"""

_CATCH_UP_SECS: Final = 10.0
"""Longest time that one request waits for the engine to read the directory's content."""

_MAX_WARNINGS: Final = 10
"""Most warnings about unreadable data that are printed; `GET /server` lists more."""

_ANSWER_SECS: Final = 2.0
"""Longest delay of a working engine's answer beyond the requested time."""

_started: weakref.WeakValueDictionary[Path, _Engine] = weakref.WeakValueDictionary()
_starting = threading.Lock()


def _after_fork() -> None:
    # Another thread of the parent may have held the lock; no thread here would release it.
    global _starting
    _starting = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


class DirectoryServer:
    """Finds or starts the engine of a directory: `./weft`, the folder that contains it, or a run's
    own. Called by `SharedTransport`.

    Without `timeout_secs`, the policy's timeout limits only the time without progress.
    """

    def __init__(self, directory: Path, policy: Policy, timeout_secs: float | None = None) -> None:
        need_server("weft.Api() of a directory")
        path = directory.expanduser()
        if not path.is_dir():
            raise ConfigError(f"there is no directory {directory}")
        self.root = Path(os.path.realpath(path))
        self.policy = policy
        self.timeout_secs = timeout_secs
        self._engine: _Engine | None = None

    def __call__(self) -> Server:
        """Return the engine's address once it has read all that its runs have written.

        Unavailable if it can't in time.
        """
        store = view_store_of(self.root)
        with _starting:
            holder = present_holder_of(store)
            if holder is None:
                self._engine = _Engine(self.root, store)
                _started[self.root] = self._engine
                holder = self._engine.holder
            else:
                # If another object of this process started it, share it to keep it alive.
                self._engine = _started.get(self.root)
        server = Server(holder.url, token_of(store), self.policy)
        patience = _Patience(self.root, self.policy.timeout_secs, self.timeout_secs)
        _tell(self.root, _catch_up(server, patience).warnings)
        return server

    def catch_up(self) -> None:
        """Wait until everything that was in the directory at this call has been read."""
        self()

    def __reduce__(self) -> tuple[Any, ...]:
        return DirectoryServer, (self.root, self.policy, self.timeout_secs)


class _Patience:
    """The time that a caller waits for a directory to be read: altogether `total_secs`, or if None
    without progress `quiet_secs`.
    """

    def __init__(self, root: Path, quiet_secs: float, total_secs: float | None) -> None:
        self._root = root
        self._quiet_secs = quiet_secs
        self._total_secs = total_secs
        self._began_secs = self._moved_secs = time.monotonic()
        self._last_answer: object = None

    def left_secs(self) -> float:
        """Return the time that the caller still waits, at least 0."""
        if self._total_secs is not None:
            end = self._began_secs + self._total_secs
        else:
            end = self._moved_secs + self._quiet_secs
        return max(0.0, end - time.monotonic())

    def look(self, answer: _CaughtUp) -> None:
        """Note the progress of reading the directory; Unavailable if no time is left."""
        if answer != self._last_answer:
            self._last_answer, self._moved_secs = answer, time.monotonic()
        if not self.left_secs():
            raise Unavailable(
                f"not all runs could be read in time ({shown_size(answer.n_read_bytes)} of "
                f"{shown_size(answer.n_bytes)}): try again, or with a longer timeout; {self._root}"
            )


class _CaughtUp(msgspec.Struct):
    caught_up: bool
    n_read_bytes: int
    n_bytes: int
    warnings: list[str] = []


def _tell(root: Path, warnings: list[str]) -> None:
    """Warn once about each unreadable part of a directory: its runs or rows are missing."""
    from weft.sdk.wandb_calls import termwarn

    for warning in warnings[:_MAX_WARNINGS]:
        termwarn(f"not all of {root} is read: {warning}", repeat=False)
    if len(warnings) > _MAX_WARNINGS:
        n_more = len(warnings) - _MAX_WARNINGS
        termwarn(f"not all of {root} is read: {n_more} more warnings", repeat=False)


def _catch_up(server: Server, patience: _Patience) -> _CaughtUp:
    """Wait until the engine has read everything that was in its directory at this call."""
    transport = Transport(*server)
    try:
        while True:
            left_secs = patience.left_secs()
            wait_secs = min(_CATCH_UP_SECS, left_secs)
            reply = transport.request(
                "POST",
                f"/api/v1/server/catch-up?timeout_millis={round(wait_secs * 1000)}",
                timeout_secs=left_secs + _ANSWER_SECS,
            )
            answer = transport.decode(reply, _CaughtUp)
            if answer.caught_up:
                return answer
            patience.look(answer)
    finally:
        transport.close()


class _Engine:
    """A `weft ui` that this process started. It ends with this object or the process."""

    def __init__(self, root: Path, store: Path) -> None:
        # Its messages go to a file: no one would read a pipe while it runs.
        output = tempfile.TemporaryFile()  # noqa: SIM115
        self.process = start_engine(root, output)
        self._end = weakref.finalize(self, _end, self.process, os.getpid())
        try:
            self.holder = self._wait_for(store, output)
        except BaseException:
            self._end()
            raise
        finally:
            output.close()

    def _wait_for(self, store: Path, output: IO[bytes]) -> Holder:
        deadline = time.monotonic() + _START_SECS
        while time.monotonic() < deadline:
            has_ended = self.process.poll() is not None
            holder = present_holder_of(store)
            # If another process started an engine meanwhile, ours exits and we use that one.
            if holder is not None and (holder.pid == self.process.pid or has_ended):
                return holder
            if has_ended:
                break
            time.sleep(_POLL_SECS)
        output.seek(0)
        message = output.read()[-_MAX_SHOWN_BYTES:].decode(errors="replace").strip()
        reason = message or f"no answer within {_START_SECS:.0f} s"
        raise Unavailable(f"`weft ui` did not start for the directory: {reason}")


def start_engine(root: Path, output: IO[bytes]) -> subprocess.Popen[bytes]:
    """Start the process that reads a directory; its messages go to `output`."""
    return subprocess.Popen(
        [*_weft_command(), "ui", str(root), *UI_OPTIONS],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=output,
        start_new_session=True,
    )


def _weft_command() -> list[str]:
    """Return the command that runs this installation of weft without the script's folder.

    That folder may contain a `select.py` or a `queue.py`, which must not hide the standard
    library's.
    """
    if not sys.executable:
        raise Unavailable("a directory can't be read: this program does not know its interpreter")
    return [sys.executable, "-I", "-X", "utf8", "-c", _BOOT, *package_folders(), "--"]


def _end(process: subprocess.Popen[bytes], owner: int) -> None:
    if process.stdin is not None:
        process.stdin.close()
    if os.getpid() != owner:
        return  # a forked child: the engine is its parent's
    try:
        process.wait(_END_SECS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
