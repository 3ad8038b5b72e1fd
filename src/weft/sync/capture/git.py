"""The git repository of a script, as `git` describes it. Does I/O; runs git with time limits."""

from __future__ import annotations

import os
import re
import stat
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from weft.records.secrets.redaction import Redactor
from weft.records.sizes import counted

GIT_SECS: Final = 5.0
"""Longest time of one question."""

PATCH_SECS: Final = 20.0
MAX_PATCH_BYTES: Final = 10 * 2**20
_MOST_BINARY: Final = 64 * 2**10
"""Most bytes of the list of changed files in which binary ones are looked for: their names become
arguments."""

_MOST_LISTED_BYTES: Final = 256 * 2**20
_MOST_ARGUMENTS: Final = 64 * 2**10
_MOST_NAMED: Final = 5
_MOST_MOVES: Final = 200
"""Most moves of HEAD since the time that are looked through."""

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
    """The repository that a folder of its work tree is in, as it was at a time, or now.

    git knows from its log of HEAD which commit was checked out then. Files that have changed since
    are left out of patches, since what they contained is not known any more. `notes` are sentences
    on what could not be found out. `is_steady` is true if nothing has changed since then, as far
    as `describe` and `write_patches` have seen.
    """

    def __init__(
        self, folder: Path, redactor: Redactor, *, since_micros: int | None = None
    ) -> None:
        self._folder = folder
        self._redactor = redactor
        self._since_micros = since_micros
        self.notes: list[str] = []
        self.is_steady = True
        self.root = self._ask("rev-parse", "--show-toplevel")
        self._head = _Head()
        self._commit: str | None = None
        self._changed: list[str] = []
        self._has_stayed = True
        """Whether HEAD has not moved since the time."""
        if self.root is not None:
            self._folder = Path(self.root)
            self._look()

    def describe(self) -> dict[str, Any] | None:
        """Remote, commit, branch and whether there are changes. None if there is no repository."""
        if self.root is None:
            return None
        head = self._head
        remote = self._remote(head.branch)
        facts = {
            "remote": self._redactor.text(remote) if remote else None,
            "commit": self._commit,
            "branch": head.branch,
            "dirty": head.is_dirty,
        }
        return {key: value for key, value in facts.items() if value is not None}

    def write_patches(self, files: Path) -> None:
        """Write `diff.patch` (against HEAD) and `diff_upstream.patch`, where they aren't empty."""
        if self.root is None:
            return
        if self._head.commit is None:
            self.notes.append("there is no patch: the repository has no commit")
            return
        if self._commit is None:
            return
        if self._head.is_dirty is not False:
            self._write_patch(files / "diff.patch", self._commit)
        if self._head.upstream is None:
            return
        upstream = self._ask("merge-base", self._commit, "@{upstream}")
        if upstream is not None and upstream != self._commit:
            self._write_patch(files / "diff_upstream.patch", upstream)

    def _look(self) -> None:
        """Find the commit, and the files that have changed since."""
        self._head = head = self._read_head()
        self._commit = head.commit
        since_micros = self._since_micros
        if since_micros is None or head.commit is None:
            return
        before = self._commit_before(since_micros, head)
        if before != head.commit or not self._has_stayed:
            self.is_steady = False
            self._commit = before
            self._head = head._replace(branch=None, upstream=None)  # they may be others now
            self.notes.append("git: another commit was checked out or made after the run began")
        self._changed = self._changed_files(since_micros)
        if self._changed:
            self.is_steady = False
        if not self.is_steady:
            names = self._diff(self._commit, self._changed, "--name-only") if self._commit else ""
            dirty = None if isinstance(names, str) else bool(names)
            self._head = self._head._replace(is_dirty=dirty)

    def _read_head(self) -> _Head:
        status = self._ask(
            "status", "--porcelain=v2", "--branch", "--no-ahead-behind", "--untracked-files=no"
        )
        if status is not None:
            return _parse_status(status)
        # It took too long: all files are read for it.
        return _Head(
            self._ask("rev-parse", "-q", "--verify", "HEAD"),
            self._ask("symbolic-ref", "--short", "-q", "HEAD"),
        )

    def _commit_before(self, since_micros: int, head: _Head) -> str | None:
        """The commit that was checked out at a time; None if it is not known."""
        format_ = "--format=%gd %H"
        log = self._ask("log", "-g", f"-{_MOST_MOVES}", format_, "--date=unix", "HEAD")
        moves = re.findall(r"^HEAD@\{(\d+)\} (\w+)$", log or "", re.MULTILINE)
        if moves:
            secs = since_micros // 1_000_000
            self._has_stayed = int(moves[0][0]) <= secs
            return next((commit for moved, commit in moves if int(moved) <= secs), None)
        # There is no log of HEAD: look when the files that lead to the commit were written.
        names = ["HEAD", "packed-refs", *([f"refs/heads/{head.branch}"] if head.branch else [])]
        arguments = [part for name in names for part in ("--git-path", name)]
        paths = (self._ask("rev-parse", *arguments) or "").splitlines()
        written = max((_written_micros(self._folder / path) for path in paths), default=0)
        self._has_stayed = written < since_micros
        return head.commit if self._has_stayed else None

    def _changed_files(self, since_micros: int) -> list[str]:
        """Tracked files that were written or deleted since a time, relative to the root."""
        assert self.root is not None
        listed = self._run(("ls-files", "-z"), GIT_SECS, _MOST_LISTED_BYTES)
        if isinstance(listed, str):
            self.notes.append(f"git: changes after the run began are not known: {listed}")
            return []
        names = [os.fsdecode(name) for name in listed.split(b"\0") if name]
        return [name for name in names if _has_changed(f"{self.root}/{name}", since_micros)]

    def _remote(self, branch: str | None) -> str | None:
        listed = self._ask("config", "--get-regexp", r"^(remote\..*\.url|branch\..*\.remote)$")
        settings: dict[str, str] = {}
        for line in (listed or "").splitlines():
            key, _, value = line.partition(" ")
            settings[key] = value
        name = settings.get(f"branch.{branch}.remote") or "origin"
        return settings.get(f"remote.{name}.url")

    def _write_patch(self, path: Path, base: str) -> None:
        patch = self._diff(base, self._changed)
        binary = self._binary_files(base) if isinstance(patch, str) else []
        if binary:
            # A patch is of use only if all of it can be applied.
            patch = self._diff(base, [*self._changed, *binary])
            if not isinstance(patch, str):
                self.notes.append(f"{path.name} is without {counted(len(binary), 'binary file')}")
        if isinstance(patch, str):
            self.notes.append(f"{path.name} is not stored: {patch}")
            return
        if self._changed:
            shown = ", ".join(self._changed[:_MOST_NAMED])
            n_more = len(self._changed) - _MOST_NAMED
            more = f" and {n_more} more" if n_more > 0 else ""
            self.notes.append(
                f"{path.name} is without {counted(len(self._changed), 'file')} that changed after "
                f"the run began: {shown}{more}"
            )
        if patch:
            text = self._redactor.code(patch.decode("utf-8", "surrogateescape"))
            path.with_suffix(".tmp").write_bytes(text.encode("utf-8", "surrogateescape"))
            path.with_suffix(".tmp").replace(path)

    def _diff(self, base: str, left_out: Sequence[str], *options: str) -> bytes | str:
        """The patch against a commit without some files, or why it can't be had."""
        if sum(map(len, left_out)) > _MOST_ARGUMENTS:
            return "too many files changed after the run began"
        excluded = [f":(top,exclude,literal){name}" for name in left_out]
        paths = ["--", *excluded] if excluded else []
        return self._run((*_DIFF, *options, base, *paths), PATCH_SECS, MAX_PATCH_BYTES)

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


class _Head(NamedTuple):
    """HEAD and the work tree, as `git status` describes them."""

    commit: str | None = None
    branch: str | None = None
    upstream: str | None = None
    is_dirty: bool | None = None


def _parse_status(text: str) -> _Head:
    r"""Parse `git status --porcelain=v2 --branch`.

    >>> _parse_status("# branch.oid 1f\n# branch.head main\n1 .M N... a.py")
    _Head(commit='1f', branch='main', upstream=None, is_dirty=True)
    """
    facts: dict[str, str] = {}
    is_dirty = False
    for line in text.splitlines():
        if line.startswith("# branch."):
            name, _, value = line.removeprefix("# branch.").partition(" ")
            facts[name] = value
        else:
            is_dirty = is_dirty or bool(line)
    commit, branch = facts.get("oid"), facts.get("head")
    return _Head(
        None if commit == "(initial)" else commit,
        None if branch == "(detached)" else branch,
        facts.get("upstream"),
        is_dirty,
    )


def _has_changed(path: str, since_micros: int) -> bool:
    """Whether a tracked file was written since a time, or else deleted."""
    try:
        status = os.lstat(path)
    except OSError:
        # If the folder was deleted too, it is not known when.
        return _written_micros(Path(path).parent) >= since_micros
    return not stat.S_ISDIR(status.st_mode) and status.st_mtime_ns // 1000 >= since_micros


def _written_micros(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns // 1000
    except OSError:
        return 0


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
