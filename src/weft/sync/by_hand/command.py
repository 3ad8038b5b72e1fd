"""`weft sync`: runs the sidecar's uploader by hand. Does I/O; prints to stderr.

Sends offline runs, copied directories, and what a sidecar left unsent. The server tells how much
of each log it has, so sending a log twice costs one request.
"""

from __future__ import annotations

import signal
import threading
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Final

from weft.client.pages import run_page
from weft.errors import ConfigError, CorruptLog
from weft.records.sizes import counted, shown_size
from weft.runlog.layout import find_runtime_directory
from weft.runlog.platform import boot_id, machine_id
from weft.sync.addresses.server_address import ServerAddress, require_server
from weft.sync.by_hand.choice import ALL, Choice
from weft.sync.by_hand.edits import edit_sent
from weft.sync.by_hand.local_sweeps import send_sweeps
from weft.sync.by_hand.log_order import find_turns, sort_logs
from weft.sync.by_hand.sent_directories import Removal
from weft.sync.messages import say
from weft.sync.orphans import is_same_process
from weft.sync.progress_bar import BAR_SECS, ProgressBar
from weft.sync.unrecorded_files import QUIET_SECS, make_unrecorded_files
from weft.sync.uploading.tail import TailedLog, is_unbegun, read_head
from weft.sync.uploading.uploader import Uploader
from weft.sync.uploading.version_turns import VersionTurns

OK: Final = 0
SOME_UNSENT: Final = 1
NOTHING_TO_DO: Final = 2

LOGS_AT_ONCE: Final = 32
"""Most logs open at once on a connection. Each holds a descriptor and a lock."""

CONNECTIONS: Final = 8
"""Small runs wait for the server's disk, which combines the fsyncs of many uploads into one."""

LOGS_PER_TURN: Final = 4
"""Fewest logs that a connection opens at once; few, so that all connections stay busy."""

NO_PROGRESS_SECS: Final = 60.0
SCAN_SECS: Final = 2.0
STOP_SECS: Final = 0.2
"""The longest time until Ctrl-C is noticed."""

HELD_SECS: Final = 20.0
"""The longest wait for the logs of an ended script whose sidecar is still sending the environment
and small files."""

END_SECS: Final = 2.0
"""The time for running requests after Ctrl-C; the next `weft sync` asks for the position."""


@dataclass
class _Tally:
    """Counts of the runs and files that were sent, and of those that were not."""

    runs: set[tuple[str, str, str]] = field(default_factory=set[tuple[str, str, str]])
    whole: set[Path] = field(default_factory=set[Path])
    """Logs of ended writers that were sent to their end, with their files, or hold nothing."""
    n_logs: int = 0
    n_bytes: int = 0
    n_file_bytes: int = 0
    faults: list[str] = field(default_factory=list[str])
    n_unsent: int = 0
    unsent_reason: str | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def give_up(self, n_logs: int, reason: str) -> None:
        """Record that logs can't be sent now."""
        with self.lock:
            self.n_unsent += n_logs
            self.unsent_reason = self.unsent_reason or reason


def sync(
    paths: Sequence[Path],
    choice: Choice = ALL,
    *,
    base_url: str | None = None,
    watch: bool = False,
    removal: Removal | None = None,
    dry_run: bool = False,
) -> int:
    """Send run logs to a server.

    Args:
        paths: run directories, `weft` folders, folders that contain one, or single logs.
        choice: which of the logs below them, and where to.
        base_url: the server's address. If None, it is found as for a run.
        watch: keep sending new data until Ctrl-C. What exists by then is still sent, unless Ctrl-C
            is pressed again.
        removal: how directories whose data are all at the server are removed. None: they stay.
        dry_run: print the chosen runs, and send nothing.

    Returns:
        The exit code: 0 if everything is at the server, 1 if something is unsent or lost, 2 if
        there is nothing to send.

    Raises:
        NoServer: no server is known.
        ConfigError: its address or the choice is invalid.
    """
    choice.check()
    address = require_server(base_url)
    first = Uploader(address, tell=lambda _: None)
    if first.server.error:
        raise ConfigError(first.server.error)
    if dry_run:
        return _list_chosen(
            choice.find_logs(paths, first.server.names), paths, choice, address.url
        )
    trouble = find_runtime_directory().trouble
    if trouble:
        say(f"{trouble}: locks are kept in the user's state directory")
    tally = _Tally()
    bar = ProgressBar()
    try:
        if watch:
            waiting = _watch(first, paths, choice, tally, bar)
        else:
            waiting = choice.find_logs(paths, first.server.names)
        first.close()
        waiting += make_unrecorded_files(waiting, tally.faults.append, bar.draw_files)
        _send_all(address, choice, waiting, tally, bar)
        send_sweeps(paths, choice, address, tally.faults.append)
        edit_sent(tally.runs, choice, address, tally.faults.append)
    except KeyboardInterrupt:
        tally.faults.append("interrupted: run it again to send the rest")
    finally:
        bar.clear()
        first.close()
    code = _report(tally, paths, choice, address.url)
    if removal is not None:
        removal.remove(tally.whole, address.url)
    return code


def _open(log: Path) -> TailedLog:
    header, _, _ = read_head(log)
    # A pid is meaningful only on the machine, and among the pids, that it was assigned by.
    is_of_these_pids = header.machine_id == machine_id() and header.boot_id == boot_id()
    is_here = is_of_these_pids and is_same_process(header, boot_id())
    is_quiet = time.time() - log.stat().st_mtime > QUIET_SECS
    is_dead = not is_here and (is_of_these_pids or is_quiet)
    return TailedLog(log, is_orphan=not is_here, is_dead=is_dead, ask=True)


def _open_next(
    uploader: Uploader, choice: Choice, waiting: deque[Path], n_more: int
) -> dict[Path, str | None]:
    """Open waiting logs. Returns those that can't be, and why; None if they hold nothing."""
    opened: list[TailedLog] = []
    unready: dict[Path, str | None] = {}
    while len(opened) < n_more and len(uploader.logs) + len(opened) < LOGS_AT_ONCE:
        try:
            path = waiting.popleft()
        except IndexError:
            break
        try:
            if is_unbegun(path):
                unready[path] = None
                continue
            log = _open(path)
        except (CorruptLog, OSError) as error:
            message = str(error)
            unready[path] = message if str(path) in message else f"{message}: {path}"
        else:
            choice.redirect(log)
            opened.append(log)
    uploader.logs.extend(opened)
    return unready


def _send_all(
    address: ServerAddress,
    choice: Choice,
    waiting: Sequence[Path],
    tally: _Tally,
    bar: ProgressBar,
) -> None:
    """Send logs over several connections at once, each in its own thread."""
    waiting = sort_logs(waiting)
    turns = find_turns(waiting, choice)
    queue = deque(waiting)
    log_bytes = sum(_size(path) for path in waiting)
    bar.n_runs = len({path.parent for path in waiting})
    n_connections = min(CONNECTIONS, -(-len(waiting) // LOGS_PER_TURN))
    connections = [_Connection(address, choice, queue, tally, turns) for _ in range(n_connections)]
    try:
        for connection in connections:
            connection.start()
        while any(connection.is_alive() for connection in connections):
            n_bytes = tally.n_bytes + sum(connection.n_acked() for connection in connections)
            files = [connection.n_file_bytes() for connection in connections]
            sent_bytes = tally.n_file_bytes + sum(sent for sent, _ in files)
            bar.total_bytes = log_bytes + sent_bytes + sum(waiting for _, waiting in files)
            bar.draw(n_bytes + sent_bytes, len(tally.runs))
            connections[-1].join(BAR_SECS)
            running = [connection for connection in connections if connection.is_alive()]
            connections = running or connections[-1:]
    finally:
        for connection in connections:
            connection.is_ending = True
        for connection in connections:
            connection.join(END_SECS)
    if tally.unsent_reason is not None:
        n_left = tally.n_unsent + len(queue)
        logs = "1 log is" if n_left == 1 else f"{n_left} logs are"
        tally.faults.append(f"{logs} not sent: {tally.unsent_reason}")


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


class _Connection(threading.Thread):
    """One connection. It takes waiting logs until none is left, or `is_ending`."""

    def __init__(
        self,
        address: ServerAddress,
        choice: Choice,
        waiting: deque[Path],
        tally: _Tally,
        turns: VersionTurns,
    ) -> None:
        # A daemon thread, so that Ctrl-C does not wait for a server that does not answer.
        super().__init__(name="weft-sync", daemon=True)
        self._uploader = Uploader(address, tell=lambda _: None, turns=turns)
        self._choice = choice
        self._waiting = waiting
        self._tally = tally
        self._turns = turns
        self.is_ending = False

    def n_acked(self) -> int:
        """Acknowledged bytes of the logs that it is sending."""
        return sum(log.acked for log in list(self._uploader.logs))

    def n_file_bytes(self) -> tuple[int, int]:
        """Bytes of their files' contents: sent, and known to be lacking."""
        contents = [log.contents for log in list(self._uploader.logs)]
        sent = sum(content.n_sent_bytes for content in contents)
        return sent, sum(content.n_waiting_bytes for content in contents)

    def run(self) -> None:
        try:
            self._send()
        except Exception as error:  # noqa: BLE001 - reported with the other faults
            self._tally.faults.append(f"{type(error).__name__}: {error}")
            self._turns.end_all()  # a log that is in no uploader must not be waited for
        finally:
            self._uploader.close()

    def _send(self) -> None:
        uploader, tally = self._uploader, self._tally
        n_progress = 0
        began_secs = last_progress_secs = time.monotonic()
        while not self.is_ending:
            if len(uploader.logs) < LOGS_PER_TURN:
                share = len(self._waiting) // CONNECTIONS
                n_more = max(LOGS_PER_TURN, share)
                unready = _open_next(uploader, self._choice, self._waiting, n_more)
                tally.faults += [reason for reason in unready.values() if reason is not None]
                tally.whole.update(path for path, reason in unready.items() if reason is None)
                for path in unready:
                    self._turns.end(path)
            if not uploader.logs:
                return
            may_wait = time.monotonic() < began_secs + HELD_SECS
            uploader.send_small()
            _settle(uploader, tally, may_wait=may_wait)
            wait = uploader.step(flush=True)
            _settle(uploader, tally, may_wait=may_wait)
            now = time.monotonic()
            server = uploader.server
            # Another connection gives up a log before these if it has no progress.
            if server.n_progress != n_progress or uploader.is_waiting_for_turn:
                n_progress, last_progress_secs = server.n_progress, now
            is_hopeless = server.state in {"no_server", "wrong_server", "unauthorized"}
            if uploader.logs and (is_hopeless or now - last_progress_secs > NO_PROGRESS_SECS):
                tally.give_up(len(uploader.logs), server.error or "the server takes nothing")
                return
            if wait > 0 and uploader.logs:
                time.sleep(min(wait, 0.02))


def _watch(
    uploader: Uploader, paths: Sequence[Path], choice: Choice, tally: _Tally, bar: ProgressBar
) -> list[Path]:
    """Send new data until Ctrl-C. Returns the logs that may have more to send then."""
    opened: set[Path] = set()
    unready: set[Path] = set()
    reported: set[str] = set()
    waiting: deque[Path] = deque()
    scan_secs = 0.0
    interrupt = _Interrupt()
    while not interrupt.has_come:
        now = time.monotonic()
        if now >= scan_secs:
            scan_secs = now + SCAN_SECS
            logs = choice.find_logs(paths, uploader.server.names)
            fresh = sort_logs(log for log in logs if log not in opened)
            opened.update(fresh)
            waiting += fresh
            unready.clear()
        # A script may be about to write its first record: the next scan tries again.
        unready.update(_open_next(uploader, choice, waiting, LOGS_AT_ONCE))
        opened -= unready
        wait = uploader.step()
        _tell_new_runs(uploader, reported, bar)
        for log in list(uploader.logs):
            if log.upload.is_over:
                _count(uploader, log, tally)
        bar.total_bytes = tally.n_bytes + sum(log.size for log in uploader.logs)
        bar.draw(tally.n_bytes + sum(log.acked for log in uploader.logs))
        time.sleep(min(wait, STOP_SECS))
    return [*(log.path for log in uploader.logs), *waiting, *unready]


def _tell_new_runs(uploader: Uploader, reported: set[str], bar: ProgressBar) -> None:
    """Print the address of each run once a part of it has arrived."""
    for log in uploader.logs:
        if not log.acked or uploader.server.url is None or log.upload.state == "refused":
            continue
        entity = log.upload.entity or log.target.entity
        page = run_page(uploader.server.url, entity, log.target.project, log.target.run_id)
        if page not in reported:
            reported.add(page)
            bar.clear()
            say(f"run {log.run.name or log.target.run_id} is sent to {page}")


class _Interrupt:
    """Records the first Ctrl-C, so that no request is cut off; the second one interrupts."""

    def __init__(self) -> None:
        self.has_come = False
        self._before = signal.signal(signal.SIGINT, self._note)

    def _note(self, _signal: int, _frame: FrameType | None) -> None:
        self.has_come = True
        signal.signal(signal.SIGINT, self._before)


def _settle(uploader: Uploader, tally: _Tally, *, may_wait: bool) -> None:
    """Retire the logs that are sent or can't be sent in this call.

    The uploader says when an ended log is done; one with a running writer is sent up to here. If
    this `may_wait`, an ended one that another process holds stays until that is through.
    """
    for log in list(uploader.logs):
        if may_wait and log.upload.state == "elsewhere" and _has_ended(log):
            continue
        if log.upload.state != "open" or (_is_sent(log) and not _has_ended(log)):
            _count(uploader, log, tally)


def _is_sent(log: TailedLog) -> bool:
    is_settled = log.upload.tried and log.upload.n_conflicts == 0
    return is_settled and log.is_sent and log.contents.is_sent


def _has_ended(log: TailedLog) -> bool:
    return log.look_for_exit() or log.has_ended()


def _count(uploader: Uploader, log: TailedLog, tally: _Tally) -> None:
    if log.upload.state == "elsewhere":
        tally.faults.append(f"another process is uploading it already: {log.path}")
    elif log.upload.state in {"gone", "refused"}:
        tally.faults.append(f"{log.upload.error or log.upload.state}: {log.path}")
    else:
        with tally.lock:
            entity = log.upload.entity or log.target.entity
            tally.runs.add((entity, log.target.project, log.target.run_id))
            tally.n_logs += 1
        is_lossy = log.n_damaged_bytes or log.contents.lost or log.staged.failures
        is_whole = log.acked == log.size and not is_lossy
        if is_whole and log.upload.state == "done":
            tally.whole.add(log.path)
    if log.n_damaged_bytes:
        damaged = shown_size(log.n_damaged_bytes)
        tally.faults.append(f"{damaged} are damaged, what they held is lost: {log.path}")
    if log.n_torn_bytes:
        torn = shown_size(log.n_torn_bytes)
        tally.faults.append(
            f"{torn} at the end are no whole record, what they held is lost: {log.path}"
        )
    for path, why in log.contents.lost.items():
        tally.faults.append(f"{path} is not sent: {why}: {log.path.parent}")
    for why in log.staged.failures:
        tally.faults.append(f"{why}: {log.path.parent}")
    with tally.lock:
        tally.n_bytes += log.acked
        tally.n_file_bytes += log.contents.n_sent_bytes
    uploader.retire(log)


def _list_chosen(logs: Sequence[Path], paths: Sequence[Path], choice: Choice, url: str) -> int:
    """Print the runs that would be sent; the exit code is 0, or 2 without any."""
    n_bytes: dict[Path, int] = {}
    for log in logs:
        n_bytes[log.parent] = n_bytes.get(log.parent, 0) + _size(log)
    if not n_bytes:
        return _report_none(paths, choice)
    for directory, size in n_bytes.items():
        say(f"would be sent: {directory} ({shown_size(size)})")
    say(f"{counted(len(n_bytes), 'run')} for {url}; nothing was sent (--dry-run)")
    return OK


def _report_none(paths: Sequence[Path], choice: Choice) -> int:
    say(f"no run logs{choice.described} in {', '.join(map(str, paths))}")
    return NOTHING_TO_DO


def _report(tally: _Tally, paths: Sequence[Path], choice: Choice, url: str) -> int:
    for fault in tally.faults:
        say(fault)
    if tally.n_logs:
        runs = counted(len(tally.runs), "run")
        files = f", files of {shown_size(tally.n_file_bytes)}" if tally.n_file_bytes else ""
        sent = f"{counted(tally.n_logs, 'log')}, {shown_size(tally.n_bytes)}{files}"
        if len(tally.runs) == 1:
            say(f"{runs} ({sent}) is now at {url}: {run_page(url, *next(iter(tally.runs)))}")
        else:
            say(f"{runs} ({sent}) are now at {url}")
    elif not tally.faults:
        return _report_none(paths, choice)
    return SOME_UNSENT if tally.faults else OK
