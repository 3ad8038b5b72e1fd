"""The process whose forks answer queries: it has imported DuckDB, which takes 0.25 s of CPU.

`sql.processes` starts it as `python -m weft.server.services.sql_child.parent N`, where N is the
descriptor of a Unix socket. Each message there asks for a fork and carries three descriptors: its
standard input and output, and its link. The link carries the fork's exit status at its end, and
`KILL`, which asks for that end. Forks that lose their server end by themselves, as `child` does;
so does this process after the last of them.
"""

from __future__ import annotations

import contextlib
import gc
import os
import selectors
import signal
import socket
import sys
import traceback
from types import FrameType
from typing import Final

from weft.server.services.sql_child import child
from weft.server.services.sql_child.link import KILL, STATUS

_N_DESCRIPTORS: Final = 3


class _Parent:
    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._has_server = True
        self._links: dict[int, socket.socket] = {}
        # Python writes to `wake` when a fork has ended.
        self._ended, self._wake = os.pipe()
        for end in (self._ended, self._wake):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(self._wake, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, _ignore)
        self._selector = selectors.DefaultSelector()
        self._selector.register(control, selectors.EVENT_READ, self._fork)
        self._selector.register(self._ended, selectors.EVENT_READ, self._reap)

    def run(self) -> None:
        """Fork as asked until the server has gone and all forks have ended."""
        while self._has_server or self._links:
            for key, _ in self._selector.select():
                key.data()

    def _fork(self) -> None:
        data, descriptors, _, _ = socket.recv_fds(self._control, 1, _N_DESCRIPTORS)
        if not data:
            self._selector.unregister(self._control)
            self._has_server = False
            return
        stdin, stdout, link = descriptors
        pid = os.fork()
        if not pid:
            self._become_child(stdin, stdout, link)
        os.close(stdin)
        os.close(stdout)
        self._links[pid] = socket.socket(fileno=link)
        self._selector.register(link, selectors.EVENT_READ, lambda: self._obey(pid))

    def _become_child(self, stdin: int, stdout: int, link: int) -> None:
        """Answer a query in this fork; never returns."""
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os.setsid()
            os.dup2(stdin, 0)
            os.dup2(stdout, 1)
            for descriptor in (stdin, stdout, link, self._ended, self._wake):
                os.close(descriptor)
            for other in (self._selector, self._control, *self._links.values()):
                other.close()
            child.main()
        except BaseException:  # noqa: BLE001 - a fork must not continue as its parent
            traceback.print_exc()
            sys.stderr.flush()
        finally:
            os._exit(1)

    def _obey(self, pid: int) -> None:
        link = self._links.get(pid)
        if link is None:
            return  # it has ended a moment ago
        if link.recv(1) == KILL:
            # Nobody has waited for it yet, so the id is still its own.
            os.kill(pid, signal.SIGKILL)
        else:
            self._selector.unregister(link)

    def _reap(self) -> None:
        with contextlib.suppress(BlockingIOError):
            os.read(self._ended, 4096)
        while self._links:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                return
            link = self._links.pop(pid)
            with contextlib.suppress(KeyError):  # the server has gone
                self._selector.unregister(link)
            with contextlib.suppress(OSError), link:
                link.send(STATUS.pack(os.waitstatus_to_exitcode(status)))


def _ignore(_number: int, _frame: FrameType | None) -> None:
    """Let a signal wake `select`, and do no more."""


def main() -> None:
    """The entry point; `sql.processes` starts it."""
    gc.collect()
    gc.freeze()  # forks share what a collection would write to
    _Parent(socket.socket(fileno=int(sys.argv[1]))).run()
    # DuckDB would complain of what is left at an ordinary end.
    os._exit(0)


if __name__ == "__main__":
    main()
