"""`weft.restore()`: fetches a file of a run to this machine. Does network and disk I/O."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Protocol, TextIO, cast

from weft.errors import NoSuchFile, NotFound, UsageError
from weft.records.files.file_paths import check_file_path
from weft.sdk.session import session


class HasFiles(Protocol):
    """The current run: `weft.sdk.run.Run`."""

    @property
    def path(self) -> str: ...
    @property
    def dir(self) -> str: ...
    @property
    def disabled(self) -> bool: ...


def restore(
    name: str,
    run_path: str | None = None,
    replace: bool = False,
    root: str | os.PathLike[str] | None = None,
) -> TextIO | None:
    """Fetch a file of a run, and open it.

    Args:
        name: the file's path in the run.
        run_path: `entity/project/run`, or its end. Defaults to the current run.
        replace: whether to fetch it although it is here already.
        root: the folder to put it in. Defaults to `run.dir` of the current run, else to the
            working directory.

    Returns:
        The local file, opened for reading text; its `name` is the path. None in mode disabled.

    Raises:
        UsageError: there is no current run and no `run_path`, or the name is invalid.
        NoSuchFile: the run has no such file.
        CommError: the server can't be reached, or has no such run.

    >>> import tempfile, weft
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "model.txt").write_text("weights")
    >>> with weft.restore("model.txt", run_path="demo/ab12cd34", root=folder) as file:
    ...     file.read()
    'weights'
    """
    return restore_file(name, run_path, replace, root, cast("HasFiles | None", session.run))


def restore_file(
    name: str,
    run_path: str | None,
    replace: bool,
    root: str | os.PathLike[str] | None,
    run: HasFiles | None,
) -> TextIO | None:
    """See `restore`; `run` is the current run."""
    if run_path is None and run is None:
        raise UsageError("restore() before init() needs run_path, such as 'my-project/ab12cd34'")
    path = check_file_path(os.fspath(name).removeprefix("./"))
    folder = Path(root) if root is not None else Path(run.dir) if run is not None else Path()
    if (folder / path).exists() and not replace:
        return (folder / path).open(encoding="utf-8", errors="replace")
    if run is not None and run.disabled:
        return None
    from weft.sdk.reading.api import Api

    where = run_path if run_path is not None or run is None else run.path
    try:
        stored = Api().run(where or "")
    except NotFound:
        if run_path is not None:
            raise
        raise NoSuchFile(f"the server has no file {path!r} of this run yet") from None
    try:
        return stored.file(path).download(folder, replace=True)
    except NotFound:
        raise NoSuchFile(f"run {stored.id} has no file {path!r}") from None
