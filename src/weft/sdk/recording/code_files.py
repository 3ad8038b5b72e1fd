"""`run.log_code()`: finds the source files of a script and keeps them with the run. Does I/O."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from weft.errors import UsageError, WrongType
from weft.sdk.recording.save import announce_saved

if TYPE_CHECKING:
    from weft.sdk.recording.recorder import Recorder

Choose: TypeAlias = Callable[..., bool]

CODE: Final = "code"
"""The folder of source files among a run's files."""

MOST_FILES: Final = 10_000
MOST_BYTES: Final = 100 << 20

_SKIPPED: Final = frozenset({"__pycache__", "node_modules", "site-packages", "wandb", "weft"})


def is_source(path: str) -> bool:
    """Whether `log_code` takes a file by default: `*.py`, `Dockerfile*` and `requirements.txt`.

    >>> is_source("/work/train.py"), is_source("/work/Dockerfile.gpu"), is_source("/work/a.csv")
    (True, True, False)
    """
    name = os.path.basename(path)  # noqa: PTH119
    return name.endswith(".py") or name.startswith("Dockerfile") or name == "requirements.txt"


def log_code(
    recorder: Recorder,
    root: str | os.PathLike[str] | None,
    include: Choose | None,
    exclude: Choose | None,
) -> list[str]:
    """See `Run.log_code`."""
    recorder.life.check_open()
    if root is not None and not isinstance(root, (str, os.PathLike)):
        raise WrongType(f"root of log_code() must be a path, not {type(root).__name__}")
    base = Path(os.path.abspath(root or "."))  # noqa: PTH100  `resolve` would follow links
    take = _with_root(include or is_source, "include_fn", base)
    skip = _with_root(exclude, "exclude_fn", base) if exclude is not None else None
    chosen: dict[str, Path] = {}
    n_bytes = 0
    for path in _files_below(base):
        if not take(os.fspath(path)) or (skip is not None and skip(os.fspath(path))):
            continue
        n_bytes += path.stat().st_size
        if len(chosen) == MOST_FILES or n_bytes > MOST_BYTES:
            recorder.guard.warn(
                "code",
                f"log_code() stopped after {len(chosen)} files: {base} has more than "
                f"{MOST_FILES:,} files or {MOST_BYTES >> 20} MB; choose them with include_fn",
            )
            break
        chosen[f"{CODE}/{path.relative_to(base).as_posix()}"] = path
    if not chosen:
        recorder.guard.warn("code", f"log_code() found no source files in {base}")
        return []
    return announce_saved(recorder, chosen, "now")


def _files_below(base: Path) -> Iterator[Path]:
    """Regular files, without hidden folders, packages, environments and run directories."""
    for folder, folders, names in os.walk(base):
        folders[:] = sorted(
            name
            for name in folders
            if name[0] != "."
            and name not in _SKIPPED
            and not Path(folder, name, "pyvenv.cfg").exists()
        )
        for name in sorted(names):
            path = Path(folder, name)
            if path.is_file():
                yield path


def _with_root(choose: Any, name: str, base: Path) -> Callable[[str], bool]:
    """Call a user's function with the path alone, or with the root too, as it is declared."""
    if not callable(choose):
        raise UsageError(f"{name} of log_code() must be a function of a path, not {choose!r}")
    try:
        n_parameters = len(inspect.signature(choose).parameters)
    except ValueError:
        n_parameters = 1
    if n_parameters >= 2:
        return lambda path: bool(choose(path, os.fspath(base)))
    return lambda path: bool(choose(path))
