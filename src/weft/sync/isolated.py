"""Starts Python processes of weft's own next to a script: isolated, or detached. Does I/O.

An isolated interpreter (`-I -S`) can't import a `select.py` or an `http/` that is in the working
directory.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from typing import Final

from weft.runlog.platform import PORTABLE

if sys.platform != "win32":
    import fcntl

_STDIN_FD: Final = 9
# A shell without job control gives a background command /dev/null as stdin, so what will be its
# stdin is passed under another number.
_DETACH: Final = f'"$@" <&{_STDIN_FD} {_STDIN_FD}<&- &'
_HIGH_FD: Final = 20


def isolated_command(
    module: str, title: str, folders: Sequence[str], *arguments: str
) -> list[str]:
    """Return the command line that calls `main()` of a module, in a process called `title`.

    >>> isolated_command("weft.sync.process", "weft-sidecar", ["/src"])[-2:]
    ['weft-sidecar', '/src']
    """
    if not sys.executable:
        raise OSError("this program does not know its Python interpreter (sys.executable)")
    boot = (
        f"import sys;sys.path.extend(sys.argv[{2 + len(arguments)}:]);"
        "from weft.libraries.quick_imports import import_quickly;"
        f"sys.exit(import_quickly('{module}').main())"
    )
    interpreter = [sys.executable, "-I", "-S", "-X", "utf8", "-c", boot]
    return [*interpreter, title, *arguments, *folders]


def spawn_detached(command: Sequence[str], descriptors: Mapping[int, int]) -> bool:
    """Start a process in a session of its own that is never this one's child.

    posix_spawn starts `/bin/sh`, which starts the command in the background and exits, so that
    `os.wait()` in the script raises ChildProcessError as it would without weft. `descriptors` are
    the new process's, and which of this process's they are: 0 has to be among them, and 1 and 2
    are inherited if they are not.
    """
    if PORTABLE or sys.platform == "win32" or not hasattr(os, "posix_spawn"):
        return False
    if not os.access("/bin/sh", os.X_OK):
        return False
    copies: list[int] = []
    try:
        # Duplicated to high numbers, so that no dup2 in the child overwrites the next descriptor.
        for fd in descriptors.values():
            copies.append(fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, _HIGH_FD))
        shell = os.posix_spawn(
            "/bin/sh",
            ["/bin/sh", "-c", _DETACH, "sh", *command],
            os.environ,
            file_actions=[
                (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                *(
                    (os.POSIX_SPAWN_DUP2, copy, target or _STDIN_FD)
                    for copy, target in zip(copies, descriptors, strict=True)
                ),
            ],
            setsid=True,
            setsigmask=(),
        )
    except NotImplementedError:
        return False  # the C library lacks POSIX_SPAWN_SETSID
    finally:
        for fd in copies:
            os.close(fd)
    try:
        os.waitpid(shell, 0)
    except ChildProcessError:
        pass  # the script ignores SIGCHLD, or its handler reaped the shell first
    return True
