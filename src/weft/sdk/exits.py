"""Detects how this process ends, and ends its runs accordingly. Does I/O through `finish`.

An exception, `sys.exit`, the end of the script, SIGTERM and SIGHUP lead to an Exit record.
`kill -9`, `os._exit` and `os.abort` can't be detected here: the sidecar finds the process dead,
and the run counts as crashed.
"""

from __future__ import annotations

import atexit
import os
import signal
import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any, Final, NoReturn

from weft.errors import WeftError
from weft.sdk.finish import (
    KILLED,
    SIGNAL_CODE,
    Ending,
    end_run,
    ending_of,
    exit_ending,
    finish_run,
)
from weft.sdk.session import session

_SIGNALS: Final = ("SIGTERM", "SIGHUP")
"""A scheduler's warning, and a closed terminal. Python turns SIGINT into KeyboardInterrupt."""

SIGNAL_PATIENCE_SECS: Final = 5.0
"""Longest wait, after a signal, for an upload that makes no progress. A scheduler
kills it after 30 s, and its GPUs are reserved until then. The sidecar continues without it."""


class ExitHooks:
    """Hooks that detect the end of this process. One per process."""

    def __init__(self) -> None:
        self._installed = False
        self._exit_ending = Ending()
        self._exit_exception: BaseException | None = None
        self._sys_exit: Callable[[Any], None] = sys.exit
        self._main_frame: FrameType | None = None
        self._pid = 0
        self._signals: set[int] = set()
        self._forking = threading.local()

    def install(self) -> None:
        """Install the hooks. Later calls only add handlers for signals that have none."""
        self._exit_ending = Ending()
        if not self._installed:
            self._installed = True
            atexit.register(self.at_exit)
            self._sys_exit, sys.exit = sys.exit, self._exit
            self._hear_exit_of_site()
            self._main_frame = _bottom_frame()
            if hasattr(os, "register_at_fork") and hasattr(signal, "pthread_sigmask"):
                os.register_at_fork(
                    before=self._before_fork,
                    after_in_parent=self._after_fork,
                    after_in_child=self._after_fork_in_child,
                )
        self._watch_multiprocessing()
        if threading.current_thread() is not threading.main_thread():
            return
        for name in _SIGNALS:
            number = getattr(signal, name, None)
            # A handler of the user's stays: it calls sys.exit, or the run continues.
            if number is not None and signal.getsignal(number) is signal.SIG_DFL:
                signal.signal(number, self._ended_by_signal)
                self._signals.add(number)

    def _before_fork(self) -> None:
        # A new child loses signals that Python handles: `terminate()` of a pool that has just
        # started would be lost, and the pool would wait forever. Blocking the signal keeps it
        # pending until the child has the system's default handler back.
        if self._signals:
            self._forking.mask = signal.pthread_sigmask(signal.SIG_BLOCK, self._signals)

    def _after_fork(self) -> None:
        mask = getattr(self._forking, "mask", None)
        if mask is not None:
            self._forking.mask = None
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)

    def _after_fork_in_child(self) -> None:
        for number in self._signals:
            if signal.getsignal(number) == self._ended_by_signal:
                signal.signal(number, signal.SIG_DFL)
        self._signals.clear()
        self._after_fork()

    def _exit(self, code: Any = None, /) -> NoReturn:
        # SystemExit never reaches sys.excepthook, and atexit functions don't get the exit code.
        self._note(code)
        self._sys_exit(code)
        raise AssertionError

    def _note(self, code: object) -> None:
        self._exit_ending = exit_ending(code)
        self._exit_exception = _last_exception()

    def _hear_exit_of_site(self) -> None:
        """Hook `exit()` and `quit()`, which the site module defines without `sys.exit`."""
        import builtins

        quitter: Any = getattr(builtins, "exit", None).__class__
        if quitter.__module__ != "_sitebuiltins":
            return
        original = quitter.__call__

        def call(quitter_self: object, code: object = None) -> None:
            self._note(code)
            original(quitter_self, code)

        quitter.__call__ = call

    def _watch_multiprocessing(self) -> None:
        """Hook `multiprocessing` children, which end in `os._exit` without atexit functions."""
        process: Any = sys.modules.get("multiprocessing.process")
        if process is None or process.parent_process() is None or self._pid == os.getpid():
            return
        self._pid = os.getpid()
        from multiprocessing.util import Finalize

        Finalize(None, self._at_process_end, exitpriority=0)

    def _at_process_end(self) -> None:
        # This runs while the exception that ended the process's function is being handled.
        self._end_all(ending_of(sys.exc_info()[1]))

    def _ended_by_signal(self, number: int, _frame: object) -> None:
        for run in reversed(session.runs[:]):
            recorder = run._recorder  # noqa: SLF001
            if not recorder.log.is_child:
                try:
                    finish_run(
                        recorder,
                        exit_code=SIGNAL_CODE + number,
                        state=KILLED,
                        patience_secs=SIGNAL_PATIENCE_SECS,
                    )
                except (WeftError, KeyboardInterrupt):
                    pass  # strict mode or Ctrl-C: still end the next run
        session.uploads.close()
        # Raise the signal again with the default handler, so that the exit status shows it.
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)

    def at_exit(self) -> None:
        """End the runs when the interpreter exits."""
        self._end_all(self._ending())

    def _end_all(self, ending: Ending) -> None:
        session.is_over = True
        for run in reversed(session.runs[:]):
            recorder = run._recorder  # noqa: SLF001
            recorder.life.is_at_exit = True
            try:
                end_run(recorder, ending)
            except (WeftError, KeyboardInterrupt):
                pass  # strict mode or Ctrl-C: no caller is left to raise to
        try:
            session.uploads.close(wait=True)
        except KeyboardInterrupt:
            pass

    def _ending(self) -> Ending:
        error = _last_exception()
        if hasattr(sys, "ps1"):
            # In an interactive session `error` is only the last failed statement.
            return self._exit_ending
        if self._main_frame is not None and _has_returned(self._main_frame):
            return Ending()  # any exception or exit call was caught
        if error is not None and error is not self._exit_exception:
            return ending_of(error)
        return self._exit_ending


def _last_exception() -> BaseException | None:
    """Return the exception that ended the script, which Python keeps for debuggers."""
    return getattr(sys, "last_exc", None) or getattr(sys, "last_value", None)


def _bottom_frame() -> FrameType | None:
    """Return the main thread's outermost frame, usually the script's module."""
    frame = sys._current_frames().get(threading.main_thread().ident or 0)  # noqa: SLF001
    while frame is not None and frame.f_back is not None:
        frame = frame.f_back
    return frame


def _has_returned(frame: FrameType) -> bool:
    """Whether a frame ended by returning rather than by an exception."""
    import opcode

    return opcode.opname[frame.f_code.co_code[frame.f_lasti]].startswith("RETURN_")


hooks = ExitHooks()
