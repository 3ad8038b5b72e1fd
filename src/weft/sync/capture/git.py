"""The git repository of a script, as `git` describes it. Does I/O; runs git with time limits."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from weft.records.redaction import Redactor
from weft.records.sizes import counted

GIT_SECS: Final = 5.0
"""Longest time of one question."""

PATCH_SECS: Final = 20.0
MAX_PATCH_BYTES: Final = 10 * 2**20
_MOST_BINARY: Final = 64 * 2**10
"""Most bytes of the list of changed files in which binary ones are looked for: their names become
arguments."""

_READ_BYTES: Final = 1 << 16

# Hooks, pagers, prompts and other programs of the repository's settings never run, and git takes
# no lock that a `git commit` of the user would run into.
_SAFE: Final = (
    "--no-optional-locks",
    "-c", "core.fsmonitor=false",
    "-c", "core.quotepath=off",
    "-c", "core.hooksPath=/dev/null",
)  # fmt: skip
# The prefixes are what `git apply` expects, whatever the user's settings say.
_DIFF: Final = (
    "diff", "--no-color", "--no-ext-diff", "--no-textconv", "--submodule=short",
    "--src-prefix=a/", "--dst-prefix=b/", "--binary",
)  # fmt: skip


class Repository:
    """The repository that a folder is in.

    Args:
        folder: any folder of its work tree.
        redactor: takes secrets out of addresses and patches.

    Attributes:
        notes: sentences on what could not be found out.
    """

    def __init__(self, folder: Path, redactor: Redactor) -> None:
        self._folder = folder
        self._redactor = redactor
        self.notes: list[str] = []
        self.root = self._ask("rev-parse", "--show-toplevel")

    def describe(self) -> dict[str, Any] | None:
        """Remote, commit, branch and whether there are changes. None if there is no repository."""
        if self.root is None:
            return None
        branch = self._ask("symbolic-ref", "--short", "-q", "HEAD")
        name = branch and self._ask("config", f"branch.{branch}.remote")
        remote = self._ask("config", f"remote.{name or 'origin'}.url")
        status = self._ask("status", "--porcelain", "--untracked-files=no")
        facts = {
            "remote": self._redactor.text(remote) if remote else None,
            "commit": self._ask("rev-parse", "-q", "--verify", "HEAD"),
            "branch": branch,
            "dirty": None if status is None else bool(status),
        }
        return {key: value for key, value in facts.items() if value is not None}

    def write_patches(self, files: Path) -> None:
        """Write `diff.patch` (against HEAD) and `diff_upstream.patch`, where they aren't empty."""
        if self.root is None:
            return
        if self._ask("rev-parse", "-q", "--verify", "HEAD") is None:
            self.notes.append("there is no patch: the repository has no commit")
            return
        self._write_patch(files / "diff.patch", "HEAD")
        upstream = self._ask("merge-base", "HEAD", "@{upstream}")
        if upstream is not None and upstream != self._ask("rev-parse", "-q", "--verify", "HEAD"):
            self._write_patch(files / "diff_upstream.patch", upstream)

    def _write_patch(self, path: Path, base: str) -> None:
        patch = self._run((*_DIFF, base), PATCH_SECS, MAX_PATCH_BYTES)
        binary = self._binary_files(base) if isinstance(patch, str) else []
        if binary:
            # A patch is of use only if all of it can be applied.
            left_out = [f":(top,exclude,literal){name}" for name in binary]
            patch = self._run((*_DIFF, base, "--", *left_out), PATCH_SECS, MAX_PATCH_BYTES)
            if not isinstance(patch, str):
                self.notes.append(f"{path.name} is without {counted(len(binary), 'binary file')}")
        if isinstance(patch, str):
            self.notes.append(f"{path.name} is not stored: {patch}")
        elif patch:
            text = self._redactor.code(patch.decode("utf-8", "surrogateescape"))
            path.with_suffix(".tmp").write_bytes(text.encode("utf-8", "surrogateescape"))
            path.with_suffix(".tmp").replace(path)

    def _binary_files(self, base: str) -> list[str]:
        listed = self._run(
            ("diff", "--numstat", "-z", "--no-renames", base), GIT_SECS, _MOST_BINARY
        )
        if isinstance(listed, str):
            return []
        entries = [entry.split(b"\t", 2) for entry in listed.split(b"\0") if entry]
        return [os.fsdecode(entry[2]) for entry in entries if entry[:2] == [b"-", b"-"]]

    def _ask(self, *arguments: str) -> str | None:
        answer = self._run(arguments, GIT_SECS, MAX_PATCH_BYTES)
        if isinstance(answer, str):
            return None
        return answer.decode("utf-8", "replace").strip()

    def _run(self, arguments: Sequence[str], secs: float, most_bytes: int) -> bytes | str:
        """Return what git prints, or why it can't be had."""
        environment = {**os.environ, "GIT_TERMINAL_PROMPT": "0", "GIT_PAGER": "cat", "LC_ALL": "C"}
        try:
            process = subprocess.Popen(
                ["git", *_SAFE, *arguments],
                cwd=self._folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        except OSError as error:
            return f"git can't be started: {error.strerror}"
        deadline = time.monotonic() + secs
        try:
            return _read(process, deadline, secs, most_bytes)
        finally:
            process.kill()
            process.wait()
            if process.stdout is not None:
                process.stdout.close()


def _read(
    process: subprocess.Popen[bytes], deadline: float, secs: float, most_bytes: int
) -> bytes | str:
    import threading

    # The end of git ends the read, on Windows too, where a pipe can't be waited for.
    timer = threading.Timer(max(0.0, deadline - time.monotonic()), process.kill)
    timer.daemon = True
    timer.start()
    pieces: list[bytes] = []
    n_bytes = 0
    assert process.stdout is not None
    try:
        while piece := process.stdout.read(_READ_BYTES):
            pieces.append(piece)
            n_bytes += len(piece)
            if n_bytes > most_bytes:
                return f"it is larger than {most_bytes // 2**20} MB"
        code = process.wait()
    finally:
        timer.cancel()
    if time.monotonic() >= deadline:
        return f"git took longer than {secs:.0f} s"
    return b"".join(pieces) if code == 0 else f"git ended with code {code}"
