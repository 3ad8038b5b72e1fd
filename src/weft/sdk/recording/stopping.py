"""Ends a run that was stopped from outside: finds out why, and interrupts a thread."""

from __future__ import annotations

import signal
import threading
from pathlib import Path

from weft.runlog.layout import STOP


def cause_in(directory: Path) -> str | None:
    """The end of "Run 1 was stopped", by the file `stop` in its directory. None without one."""
    try:
        text = (directory / STOP).read_text(errors="replace")
    except OSError:
        return None
    reason = text.strip()
    return f": {reason}" if reason else f" by the file `{STOP}` in its directory"


def is_in_thread(thread: threading.Thread) -> bool:
    """Whether to interrupt the caller for a run that `thread` has started.

    If that thread has ended, the main thread stands for it.
    """
    home = thread if thread.is_alive() else threading.main_thread()
    return threading.current_thread() is home


def interrupt(thread: threading.Thread) -> bool:
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
