"""`weft sync`: the sidecar's uploader, run by hand. Does I/O; prints to stderr.

Sends offline runs, copied directories, and what a sidecar left unsent. The server is asked how far
each log is, so sending one twice costs a request.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Final

from weft.errors import ConfigError, CorruptLog
from weft.records.sizes import shown_size
from weft.runlog.layout import logs_of, run_directories, weft_directory
from weft.runlog.platform import boot_id, machine_id
from weft.sync.tail import TailedLog, read_head
from weft.sync.takeup import is_same_process
from weft.sync.uploader import Uploader
from weft.sync.where import find_server

OK: Final = 0
SOME_UNSENT: Final = 1
NOTHING_TO_DO: Final = 2

LOGS_AT_ONCE: Final = 32
"""Each holds a descriptor and a lock."""

NO_PROGRESS_SECS: Final = 60.0
SCAN_SECS: Final = 2.0
STOP_SECS: Final = 0.2
"""How long Ctrl-C may go unseen."""

BAR_SECS: Final = 0.2
BAR_CHARS: Final = 30


@dataclass
class _Tally:
    """What was sent and what was not."""

    runs: set[str] = field(default_factory=set[str])
    n_logs: int = 0
    n_bytes: int = 0
    faults: list[str] = field(default_factory=list[str])


def sync(paths: Sequence[Path], *, base_url: str | None = None, watch: bool = False) -> int:
    """Send all run logs below `paths` to a server.

    Args:
        paths: run directories, `weft` folders, folders that hold one, or single logs.
        base_url: the server; None = as for a run.
        watch: go on sending what comes, until Ctrl-C; what is there by then is sent still, unless
            there is a second one.

    Returns:
        The exit code: 0 = all is at the server, 1 = something is not, 2 = nothing to send.

    Raises:
        ConfigError: no server is known, or the address is none.
    """
    environment = {**os.environ, "WEFT_BASE_URL": base_url} if base_url else os.environ
    where = find_server(environment)
    if where is None:
        raise ConfigError(
            "no server to send to: start one with `weft server`, or name one with "
            "--base-url or WEFT_BASE_URL"
        )
    uploader = Uploader(where, tell=lambda _: None)
    if uploader.error:
        raise ConfigError(uploader.error)
    tally = _Tally()
    bar = _Bar()
    try:
        if watch:
            _watch(uploader, paths, tally, bar)
        else:
            _send_all(uploader, _find_logs(paths), tally, bar)
    except KeyboardInterrupt:
        tally.faults.append("interrupted: run it again to send the rest")
    finally:
        bar.clear()
        uploader.close()
    return _report(tally, paths, where.url)


def _find_logs(paths: Sequence[Path]) -> list[Path]:
    found: list[Path] = []
    for path in paths:
        if path.is_file():
            found.append(path)
            continue
        directories = [path, *run_directories(path), *run_directories(weft_directory(path))]
        for directory in directories:
            found += logs_of(directory)
    return list(dict.fromkeys(log.absolute() for log in found))


def _open(log: Path) -> TailedLog:
    header, _, _ = read_head(log)
    # A pid means something only on the machine that gave it.
    is_here = header.machine_id == machine_id() and is_same_process(header, boot_id())
    return TailedLog(log, is_orphan=not is_here, ask=True)


def _open_some(uploader: Uploader, waiting: list[Path], tally: _Tally) -> None:
    opened: list[TailedLog] = []
    while waiting and len(uploader.logs) + len(opened) < LOGS_AT_ONCE:
        path = waiting.pop(0)
        try:
            opened.append(_open(path))
        except (CorruptLog, OSError) as error:
            tally.faults.append(str(error))
    # The main writer's log first: its Run record gives the run its name.
    opened.sort(key=lambda log: (log.path.parent, log.header.parent_writer is not None))
    uploader.logs.extend(opened)


def _send_all(uploader: Uploader, waiting: list[Path], tally: _Tally, bar: _Bar) -> None:
    n_progress = 0
    last_progress_secs = time.monotonic()
    bar.total_bytes = sum(path.stat().st_size for path in waiting)
    while waiting or uploader.logs:
        _open_some(uploader, waiting, tally)
        wait = uploader.step(flush=True)
        _settle(uploader, tally)
        bar.draw(tally.n_bytes + sum(log.acked for log in uploader.logs))
        now = time.monotonic()
        if uploader.n_progress != n_progress:
            n_progress, last_progress_secs = uploader.n_progress, now
        is_hopeless = uploader.state in {"no_server", "wrong_server", "unauthorized"}
        if uploader.logs and (is_hopeless or now - last_progress_secs > NO_PROGRESS_SECS):
            reason = uploader.error or "the server takes nothing"
            n_left = len(uploader.logs) + len(waiting)
            logs = "1 log is" if n_left == 1 else f"{n_left} logs are"
            tally.faults.append(f"{logs} not sent: {reason}")
            return
        if wait > 0 and uploader.logs:
            time.sleep(min(wait, 0.02))


def _watch(uploader: Uploader, paths: Sequence[Path], tally: _Tally, bar: _Bar) -> None:
    known: set[Path] = set()
    waiting: list[Path] = []
    scan_secs = 0.0
    interrupt = _Interrupt()
    while not interrupt.has_come:
        now = time.monotonic()
        if now >= scan_secs:
            scan_secs = now + SCAN_SECS
            fresh = [log for log in _find_logs(paths) if log not in known]
            known.update(fresh)
            waiting += fresh
        _open_some(uploader, waiting, tally)
        wait = uploader.step()
        for log in list(uploader.logs):
            if log.state in {"done", "gone"}:
                _count(uploader, log, tally)
        bar.total_bytes = tally.n_bytes + sum(log.size for log in uploader.logs)
        bar.draw(tally.n_bytes + sum(log.acked for log in uploader.logs))
        time.sleep(min(wait, STOP_SECS))
    _send_all(uploader, waiting, tally, bar)


class _Interrupt:
    """Notes the first Ctrl-C, so that no request is cut in two; the second one interrupts."""

    def __init__(self) -> None:
        self.has_come = False
        self._before = signal.signal(signal.SIGINT, self._note)

    def _note(self, _signal: int, _frame: FrameType | None) -> None:
        self.has_come = True
        signal.signal(signal.SIGINT, self._before)


def _settle(uploader: Uploader, tally: _Tally) -> None:
    """Take out the logs that this round can do no more for."""
    for log in list(uploader.logs):
        is_sent = log.state == "open" and log.tried and log.n_conflicts == 0 and log.is_sent
        if log.state != "open" or is_sent:
            _count(uploader, log, tally)


def _count(uploader: Uploader, log: TailedLog, tally: _Tally) -> None:
    if log.state == "elsewhere":
        tally.faults.append(f"another process is uploading it already: {log.path}")
    elif log.state in {"gone", "refused"}:
        tally.faults.append(f"{log.error or log.state}: {log.path}")
    else:
        tally.runs.add(f"{log.target.entity}/{log.target.project}/{log.target.run_id}")
        tally.n_logs += 1
    tally.n_bytes += log.acked
    uploader.retire(log)


def _report(tally: _Tally, paths: Sequence[Path], url: str) -> int:
    for fault in tally.faults:
        _say(f"weft: {fault}")
    if tally.n_logs:
        runs = "1 run" if len(tally.runs) == 1 else f"{len(tally.runs)} runs"
        logs = "1 log" if tally.n_logs == 1 else f"{tally.n_logs} logs"
        _say(f"weft: {runs} ({logs}, {shown_size(tally.n_bytes)}) at {url}")
    elif not tally.faults:
        _say(f"weft: no run logs in {', '.join(map(str, paths))}")
        return NOTHING_TO_DO
    return SOME_UNSENT if tally.faults else OK


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


class _Bar:
    """A line of progress on a terminal; nothing elsewhere."""

    def __init__(self) -> None:
        self.total_bytes = 0
        self._shown = sys.stderr.isatty()
        self._next_secs = 0.0
        self._width = 0

    def draw(self, n_bytes: int) -> None:
        now = time.monotonic()
        if not self._shown or now < self._next_secs or not self.total_bytes:
            return
        self._next_secs = now + BAR_SECS
        part = min(1.0, n_bytes / self.total_bytes)
        bar = ("█" * round(part * BAR_CHARS)).ljust(BAR_CHARS, "░")
        line = f"weft: {bar} {n_bytes / 1e6:.1f} of {self.total_bytes / 1e6:.1f} MB"
        sys.stderr.write(f"\r{line.ljust(self._width)}")
        sys.stderr.flush()
        self._width = len(line)

    def clear(self) -> None:
        if self._width:
            sys.stderr.write("\r" + " " * self._width + "\r")
            self._width = 0
