"""Ends a run, however the process ends. Step 2 of a point's way ends here. Does I/O.

`finish_run` closes the log with an Exit record, waits for the upload while it makes progress, and
prints the closing lines. It is called by `Run.finish`, the context manager, a further `init`, and
by the hooks at the bottom: the interpreter's exit, `sys.exit`'s code, SIGTERM. `kill -9` and
`os._exit` leave no Exit record; the sidecar and the server then call the run crashed.
"""

from __future__ import annotations

import atexit
import os
import signal
import sys
import threading
from collections.abc import Callable
from typing import Any, Final, Literal, NamedTuple, NoReturn

from weft.errors import WeftError
from weft.records.names import two_words
from weft.records.record import Exit
from weft.sdk.config import yaml_text
from weft.sdk.directory import write_json
from weft.sdk.recorder import Recorder
from weft.sdk.session import session

KILLED: Final = "killed"
INTERRUPTED_CODE: Final = 130
"""What a shell sees of a process that Ctrl-C ended: 128 + SIGINT."""

TERMINATED_CODE: Final = 143


class Ending(NamedTuple):
    """How a run ended."""

    exit_code: int = 0
    state: Literal["killed"] | None = None


def ending_of(error: BaseException | None) -> Ending:
    """What an exception that ends a run says of it.

    >>> ending_of(None).exit_code, ending_of(SystemExit(3)).exit_code, ending_of(KeyError()).state
    (0, 3, None)
    """
    if error is None:
        return Ending()
    if isinstance(error, KeyboardInterrupt):
        return Ending(INTERRUPTED_CODE, KILLED)
    if isinstance(error, SystemExit):
        return Ending(exit_code_of(error.code))
    return Ending(1)


def exit_code_of(code: object) -> int:
    """The number that `sys.exit(code)` gives the process.

    >>> exit_code_of(None), exit_code_of("message"), exit_code_of(2)
    (0, 1, 2)
    """
    if code is None:
        return 0
    return code if isinstance(code, int) else 1


def finish_run(
    recorder: Recorder,
    *,
    exit_code: int,
    state: Literal["killed"] | None = None,
    quiet: bool | None = None,
) -> None:
    """End a run; nothing happens if it has ended already. Bounded in time, and never raises."""
    with session.lock:
        if recorder.finished:
            return
        recorder.finished = True
        run = session.run_of(recorder)
        if run is not None:
            session.remove(run)
    if recorder.stopped:
        state = KILLED
    history = recorder.history
    schemas = history.schemas()
    writer = recorder.writer
    summary: dict[str, Any] = run.summary.as_dict() if run is not None else history.last_values()
    config: dict[str, Any] = run.config.as_dict() if run is not None else {}
    try:
        history.close(lambda micros: Exit(micros, exit_code, state))
        if recorder.is_child or recorder.log is None or writer is None:
            return
        _write_files(recorder, config, summary)
        is_quiet = recorder.settings.quiet if quiet is None else quiet
        if not is_quiet and not recorder.settings.silent:
            from weft.sdk.printing import history_lines, summary_lines
            from weft.sdk.sparklines import sample_values

            samples = sample_values(recorder.log, schemas, writer.size)
            ordered = {key: samples[key] for key in summary if key in samples}
            for line in [*history_lines(ordered), *summary_lines(summary)]:
                recorder.guard.say(line)
        _tell_losses(recorder, writer.n_lost_rows, writer.n_waiting)
        _close_upload(recorder, is_quiet=is_quiet)
    except Exception as error:  # noqa: BLE001  the user's program goes on after finish()
        recorder.guard.fault(error, "finish()")


def _write_files(recorder: Recorder, config: dict[str, Any], summary: dict[str, Any]) -> None:
    files = recorder.directory / "files"
    try:
        (files / "config.yaml").write_text(yaml_text(config), encoding="utf-8")
        write_json(files / "summary.json", summary)
    except OSError as error:
        recorder.guard.warn("files", f"the run's files can't be written: {error}")


def _tell_losses(recorder: Recorder, n_lost: int, n_waiting: int) -> None:
    n_rows = n_lost + n_waiting
    if n_rows:
        from weft.sdk.printing import shown_path

        recorder.guard.say(
            f"ERROR {n_rows} rows were lost, as the disk took no more: "
            f"{shown_path(recorder.directory)}"
        )
    n_warnings = recorder.guard.n_warnings
    if n_warnings > len(recorder.guard.counts):
        recorder.guard.say(f"{n_warnings} warnings in all; the first of each kind is above")


def _close_upload(recorder: Recorder, *, is_quiet: bool) -> None:
    settings, log = recorder.settings, recorder.log
    assert log is not None
    outcome, detail, n_unsent = "offline", "", log.stat().st_size
    if settings.mode == "online":
        try:
            result = recorder.uploads.finish(
                log, settings.run_id, no_progress_secs=settings.finish_timeout_secs
            )
            outcome, detail, n_unsent = result.outcome, result.error or "", result.n_unsent_bytes
            if outcome != "wrong_server":
                recorder.server_url = result.server or recorder.server_url
        except KeyboardInterrupt:
            outcome = "detached"
    else:
        recorder.uploads.let_go(log)
    if is_quiet and outcome in {"uploaded", "offline", "no_address"}:
        return
    from weft.sdk.printing import end_lines

    base = recorder.server_url
    place = f"{settings.entity or 'local'}/{settings.project}/runs/{settings.run_id}"
    for line in end_lines(
        name=recorder.record.name or two_words(settings.run_id),
        directory=recorder.directory,
        run_url=f"{base}/{place}" if base else None,
        outcome=outcome,
        detail=detail,
        n_unsent=n_unsent,
    ):
        recorder.guard.say(line)


class ExitHooks:
    """Sees how the process ends, and ends the run accordingly. One per process.

    Attributes:
        exit_code: what `sys.exit` was last called with; 0 when the script went on after it.
    """

    def __init__(self) -> None:
        self.exit_code = 0
        self._installed = False
        self._sys_exit: Callable[[Any], None] = sys.exit

    def install(self) -> None:
        """Begin to watch; further calls do nothing but take SIGTERM if it is free."""
        self.exit_code = 0
        if not self._installed:
            self._installed = True
            atexit.register(self.at_exit)
            self._sys_exit, sys.exit = sys.exit, self._exit
        # A handler of the user's own stays: it ends in sys.exit, or the run goes on.
        is_main = threading.current_thread() is threading.main_thread()
        if is_main and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
            signal.signal(signal.SIGTERM, self._terminated)

    def _exit(self, code: Any = None, /) -> NoReturn:
        # SystemExit never reaches sys.excepthook, and an exit function is not told the code.
        self.exit_code = exit_code_of(code)
        self._sys_exit(code)
        raise AssertionError

    def _terminated(self, number: int, _frame: object) -> None:
        for run in reversed(session.runs[:]):
            recorder = run._recorder  # pyright: ignore[reportPrivateUsage]
            if not recorder.is_child:
                finish_run(recorder, exit_code=TERMINATED_CODE, state=KILLED)
        session.uploads.close()
        # As if there had been no handler: whoever sent it sees a process ended by it.
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)

    def at_exit(self) -> None:
        """Called when the interpreter exits."""
        ending = ending_of(_uncaught()) if _uncaught() else Ending(self.exit_code)
        for run in reversed(session.runs[:]):
            recorder = run._recorder  # pyright: ignore[reportPrivateUsage]
            try:
                finish_run(recorder, exit_code=ending.exit_code, state=ending.state)
            except WeftError:
                pass  # strict: it was said, and there is nobody left to raise it to
        session.uploads.close(wait=True)


def _uncaught() -> BaseException | None:
    """The exception that ended the script; the interpreter keeps it for post-mortem debuggers."""
    if hasattr(sys, "ps1"):
        return None  # in an interactive session it is only the last mistake that was typed
    return getattr(sys, "last_exc", None) or getattr(sys, "last_value", None)


hooks = ExitHooks()
