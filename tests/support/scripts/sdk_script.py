"""Training scripts in processes of their own, and their run logs read back, for tests."""

from __future__ import annotations

import math
import os
import subprocess
import sys
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, TypeVar

from server_forks import ForkedProcess, changes_start, forks, run_forked
from weft.records.record import CONTINUES_ROW, Exit, Key, Row, Schema
from weft.runlog.reader import read_header, read_records

TIMEOUT_SECS = 480.0
"""Less than the time of a test, and enough for thousands of runs on a busy machine."""

IMPORTED: Final = (
    "weft.sdk.init", "weft.sdk.finish", "weft.sdk.display.sparklines", "weft.sync.spawn",
    "weft.sdk.recording.captures", "weft.sdk.console.capture", "weft.sdk.display.printing",
    "weft.sdk.run_settings", "weft.sync.addresses.reachable", "weft.sdk.artifacts.artifact",
    "weft.sdk.artifacts.recording.logs", "weft.sdk.media.image", "weft.sdk.media.tables.table",
)  # fmt: skip
"""The modules whose import takes most of the CPU time of a script."""

IMPORTED_WITH_TORCH: Final = (
    "without_tensorflow", *IMPORTED, "numpy", "sklearn.datasets", "torch", "torch.utils.data",
)  # fmt: skip
"""As `IMPORTED`, for scripts that use PyTorch where it is installed."""

IMPORTED_BY_SIDECARS: Final = (
    "weft.sync.process", "weft.client.script_client", "weft.sync.files.worker", "numpy", "isal",
    *(f"weft.sync.files.encoders.{name}" for name in ("raw", "image", "manifest")),
    "weft.tables.encode",
)  # fmt: skip
"""The modules of sidecars and of their file workers."""


@dataclass(frozen=True)
class Script:
    """The end of a script."""

    exit_code: int
    stdout: str
    stderr: str


DESCRIBED: Final = {"WEFT_DISABLE_METADATA": "false"}
"""For `run_script`: what the run ran in is recorded, as it is by default."""


def script_environment(env: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment of a script, without console capture unless `env` turns it on.

    Tests count logs, and the sidecar records `output.log` in a log of its own.
    """
    return {
        **os.environ, "PYTHONPYCACHEPREFIX": "", "WEFT_CONSOLE": "off", **(env or {})
    }  # fmt: skip


def start_script(
    folder: Path,
    code: str,
    env: Mapping[str, str] | None = None,
    *,
    is_forked: bool = True,
    stdin: int | None = None,
    **popen: Any,
) -> subprocess.Popen[str]:
    """Start a script in `folder` without waiting for it; `is_forked` as for `run_script`."""
    path = str(write_script(folder, code))
    environment = script_environment(env)
    pipes = {"stdin": stdin, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    if is_forked and hasattr(os, "fork") and not popen and not changes_start(env or {}):
        parent, sidecars = forks_of(code)
        return ForkedProcess([path], folder, environment, parent, sidecars, **pipes)
    return subprocess.Popen(
        [sys.executable, path], cwd=folder, env=environment, text=True, **pipes, **popen
    )


def forks_of(code: str) -> tuple[Path, Path]:
    """The parents of a script and of its sidecars."""
    imported = (*IMPORTED, "numpy") if "numpy" in code else IMPORTED
    if "torch" in code and find_spec("torch") is not None:
        imported = IMPORTED_WITH_TORCH
    return forks(imported=imported), forks(imported=IMPORTED_BY_SIDECARS)


def write_script(folder: Path, code: str) -> Path:
    path = folder / f"script-{len(list(folder.glob('script-*.py')))}.py"
    path.write_text(textwrap.dedent(code))
    return path


def run_script(
    folder: Path, code: str, env: Mapping[str, str] | None = None, *, is_forked: bool = True
) -> Script:
    """Run a script in `folder`; offline and without a sidecar unless `env` says something else.

    `metadata.json` and the environment are left out: each would cost a script two processes more.

    Args:
        is_forked: whether it may be a fork of a process that has imported weft, and numpy and
            PyTorch if the script does, and its sidecar a fork of one that has imported what
            sidecars do; see `server_forks`. A script that looks at modules, at the collector of
            garbage or at memory, or whose files have a bound, is an interpreter of its own.
    """
    environment = {
        "WEFT_MODE": "offline",
        "WEFT_SYSTEM_INTERVAL": "0",
        "WEFT_DISABLE_METADATA": "true",
        **(env or {}),
    }
    if is_forked and hasattr(os, "fork") and not changes_start(environment):
        parent, sidecars = forks_of(code)
        return Script(
            *run_forked(
                [str(write_script(folder, code))],
                folder,
                script_environment(environment),
                TIMEOUT_SECS,
                parent=parent,
                sidecars=sidecars,
            )
        )
    process = start_script(folder, code, environment, is_forked=False)
    try:
        stdout, stderr = process.communicate(timeout=TIMEOUT_SECS)
    finally:
        process.kill()
    return Script(process.returncode, stdout, stderr)


def run_well(
    folder: Path,
    code: str,
    env: Mapping[str, str] | None = None,
    *,
    is_forked: bool = True,
    **variables: str,
) -> Script:
    """Run a script that has to end well."""
    script = run_script(folder, code, {**(env or {}), **variables}, is_forked=is_forked)
    assert script.exit_code == 0, script.stderr
    return script


def files_below(folder: Path) -> list[Path]:
    """The paths of all files below `folder`, in which processes may still move folders.

    `Path.rglob` fails where a folder leaves between its listing and its reading.
    """
    return sorted(Path(parent) / name for parent, _, names in os.walk(folder) for name in names)


def log_files_below(folder: Path) -> list[Path]:
    """The paths of all run logs below `folder`."""
    return [path for path in files_below(folder) if path.match("run-*.weft")]


def logs_in(folder: Path) -> list[Path]:
    """All run logs below `folder`, the main writer's first.

    A log without a header yet is a sidecar's that has just been created: it stands last.
    """
    return sorted(log_files_below(folder), key=lambda log: (header := read_header(log)) is None
                  or header.parent_writer is not None)  # fmt: skip


def latest_run(folder: Path) -> Path:
    """Where `latest-run` points: a link, or a file where there are no links."""
    latest = folder / "weft" / "latest-run"
    return latest.resolve() if latest.is_symlink() else latest.parent / latest.read_text().strip()


Kind = TypeVar("Kind")


def records_of(log: Path, kind: type[Kind]) -> list[Kind]:
    return [record for record in read_records(log) if isinstance(record, kind)]


def only_log(folder: Path) -> Path:
    """The main writer's log of a script that has one run."""
    log, *_ = logs_in(folder)
    return log


def exit_of(folder: Path) -> Exit | None:
    """The end of the process by the log of such a script; None if the log has no end."""
    exits = records_of(only_log(folder), Exit)
    assert len(exits) <= 1
    return exits[0] if exits else None


def log_rows(log: Path, *, joined: bool = True) -> list[dict[str, Any]]:
    """The rows of one log, with `_step`; fragments joined to their row unless told otherwise."""
    keys: dict[int, str] = {}
    schemas: dict[int, list[str]] = {}
    rows: list[dict[str, Any]] = []
    for record in read_records(log):
        if isinstance(record, Key):
            keys[record.key_id] = record.name
        elif isinstance(record, Schema):
            schemas[record.schema_id] = [keys[key_id] for key_id in record.key_ids]
        elif isinstance(record, Row):
            row = dict(zip(schemas[record.schema_id], record.values, strict=True))
            row["_step"] = record.step
            if joined and record.flags & CONTINUES_ROW:
                rows[-1].update(row)
            else:
                rows.append(row)
    return rows


def same(left: Any, right: Any) -> bool:
    """Equal in kind and value; NaN equals NaN."""
    if type(left) is not type(right):
        return False
    if isinstance(left, float) and math.isnan(left):
        return math.isnan(right)
    return bool(left == right)
