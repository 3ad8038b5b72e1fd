"""The end of a run in this process: whether it is active, and its interruption from outside."""

from __future__ import annotations

import signal
import threading
from pathlib import Path

from weft.errors import UsageError, WeftError
from weft.runlog.layout import STOP
from weft.sdk.guard import Guard


class RunLife:
    """Whether a run is active in this process, and how it was stopped.

    The thread that makes it is the one that has started the run.

    Attributes:
        is_at_exit: whether the interpreter is exiting. Daemon threads and exit functions may still
            log, and an exception there would print a traceback that looks like a failure.
        stopped: whether the run was stopped from outside.
        is_signalled: whether that interrupted the main thread by a signal.
    """

    def __init__(self, run_id: str, guard: Guard) -> None:
        self.finished = False
        self.is_at_exit = False
        self.stopped = False
        self.is_signalled = False
        self._run_id = run_id
        self._guard = guard
        self._lock = threading.Lock()
        self._thread = threading.current_thread()

    def check_open(self) -> None:
        """Check that the run is active."""
        if self.finished:
            raise UsageError(
                f"run {self._run_id!r} is finished: call weft.init() for a new one, or "
                f"weft.init(id={self._run_id!r}, resume='must') to continue it"
            )

    def leaves_out_late_rows(self) -> bool:
        """Whether rows are left out because the script has ended. Warns if so."""
        if self.finished and self.is_at_exit:
            try:
                self._guard.warn(
                    "late", "log() was called after the script's end: such rows are left out"
                )
            except WeftError:
                pass
            return True
        return False

    def stop(self, cause: str) -> None:
        """Interrupt the thread that has started the run, once; KeyboardInterrupt if it calls."""
        if self.stopped:
            return
        self.stopped = True
        sentence = f"Run {self._run_id} was stopped{cause}"
        self._guard.say(sentence)
        if _is_in_thread(self._thread):
            raise KeyboardInterrupt(sentence)
        with self._lock:
            if not self.finished:  # it may just have ended there
                self.is_signalled = _interrupt(self._thread)

    def mark_finished(self) -> None:
        """Note that the run ends. A later interrupt would hit the next run of the thread."""
        with self._lock:
            self.finished = True

    def after_fork(self) -> None:
        """Get a new lock: a thread that does not exist in the child may have held it."""
        self._lock = threading.Lock()


def cause_in(directory: Path) -> str | None:
    """The end of "Run 1 was stopped", by the file `stop` in its directory. None without one."""
    try:
        text = (directory / STOP).read_text(errors="replace")
    except OSError:
        return None
    reason = text.strip()
    return f": {reason}" if reason else f" by the file `{STOP}` in its directory"


def _is_in_thread(thread: threading.Thread) -> bool:
    """Whether to interrupt the caller for a run that `thread` has started.

    If that thread has ended, the main thread stands for it.
    """
    home = thread if thread.is_alive() else threading.main_thread()
    return threading.current_thread() is home


def _interrupt(thread: threading.Thread) -> bool:
    """Raise KeyboardInterrupt in another thread, or in the main one if that thread has ended.

    Returns whether the main thread gets it, as a signal.
    """
    if thread.is_alive() and thread is not threading.main_thread() and _raise_in(thread):
        return False
    # As Ctrl-C does: the main thread may never log, or may be in a long call.
    main = threading.main_thread().ident
    if hasattr(signal, "pthread_kill") and main is not None:
        signal.pthread_kill(main, signal.SIGINT)
    else:
        import _thread

        _thread.interrupt_main()
    return True


def _raise_in(thread: threading.Thread) -> bool:
    """Raise KeyboardInterrupt in a thread as soon as it runs Python code again."""
    try:
        import ctypes

        raise_in = ctypes.pythonapi.PyThreadState_SetAsyncExc
    except (ImportError, AttributeError):
        return False
    return raise_in(ctypes.c_ulong(thread.ident or 0), ctypes.py_object(KeyboardInterrupt)) == 1
