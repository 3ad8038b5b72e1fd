"""`weft restore`: fetches what a run ran, and puts a git work tree into that state."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any, Final, NamedTuple

import click

from weft.cli.connect import find_run
from weft.cli.reports import print_json
from weft.cli.runs.pull import download_files
from weft.errors import WeftError
from weft.records.secrets.redaction import REDACTED
from weft.records.sizes import counted

OK: Final = 0
NOT_CHECKED_OUT: Final = 1

_PATCH: Final = "diff.patch"
_ENVIRONMENT: Final = "environment.json"
_WANTED: Final = (_PATCH, "config.yaml", "requirements.txt", _ENVIRONMENT, "code/*")
_COMMIT: Final = re.compile(r"[0-9a-f]{40,64}")
_GIT_SECS: Final = 120.0


class _Refused(WeftError):
    """The patch can't be applied to its commit."""


class _Target(NamedTuple):
    """The state to check out: a commit, a patch on top of it if there is one, and a new branch."""

    commit: str
    patch: Path | None
    branch: str | None

    def commands(self, *, is_partial: bool) -> list[str]:
        """The commands that do it by hand."""
        where = "--detach" if self.branch is None else f"-b {self.branch}"
        lines = [f"git checkout {where} {self.commit}"]
        apply = "git apply --reject" if is_partial else "git apply"
        return [*lines, f"{apply} {self.patch}"] if self.patch else lines


def restore_run(
    run: str,
    folder: Path | None,
    base_url: str | None,
    *,
    use_git: bool,
    on_branch: bool = True,
    as_json: bool,
) -> int:
    """Download the code, config and patch of a run, and check out its commit on a new branch,
    or on none.

    `use_git` changes the work tree around the current directory, if it has no changes of its own;
    otherwise the commands that do it are printed. The exit code is 1 if git was to be used and the
    state is not, or only partly, there.
    """
    stored_run = find_run(run, base_url)
    target_folder = folder or Path(stored_run.id)
    files = download_files(stored_run, target_folder, _WANTED, force=True, is_shown=not as_json)
    names = [file.name for file in files]
    patch = (target_folder / _PATCH).absolute() if _PATCH in names else None
    redacted = {} if patch is None else redacted_lines(patch.read_text("utf-8", "replace"))
    commit = _commit_in(target_folder / _ENVIRONMENT) if _ENVIRONMENT in names else None
    target = (
        _Target(commit, patch, f"weft/{stored_run.id}" if on_branch else None) if commit else None
    )
    trouble = "no git commit is recorded for the run" if target is None else None
    is_done = is_refused = False
    if target is not None and use_git:
        try:
            trouble = _check_out(target)
        except _Refused as error:
            trouble, is_refused = str(error), True
        is_done = trouble is None
    report: dict[str, Any] = {
        "folder": str(target_folder),
        "files": names,
        "commit": commit,
        "branch": target.branch if target and is_done else None,
        "is_checked_out": is_done,
        "redacted_lines": redacted,
        "trouble": trouble,
        "commands": [] if target is None or is_done else target.commands(is_partial=is_refused),
    }
    if as_json:
        print_json(report)
    else:
        _tell(report)
    return NOT_CHECKED_OUT if use_git and not is_done else OK


def _tell(report: dict[str, Any]) -> None:
    click.echo(f"{counted(len(report['files']), 'file')} in {report['folder']}")
    for path, n_lines in report["redacted_lines"].items():
        click.echo(
            f"{path}: {counted(n_lines, 'line')} of the patch had a secret, which is now "
            f"{REDACTED}: put it back by hand"
        )
    if report["is_checked_out"]:
        branch = f"On the new branch {report['branch']}, at" if report["branch"] else "At"
        click.echo(f"{branch} commit {report['commit'][:12]}")
    if report["trouble"]:
        click.echo(f"Nothing was checked out: {report['trouble']}")
    if report["commands"]:
        click.echo("To get the code of the run:")
    for command in report["commands"]:
        click.echo(f"  {command}")


def redacted_lines(patch: str) -> dict[str, int]:
    r"""Count the added lines of a patch in which a secret was replaced, by file.

    >>> redacted_lines("--- a/x.py\n+++ b/x.py\n@@ -1 +1 @@\n-key = 1\n+key = '***'\n")
    {'x.py': 1}
    """
    counts: dict[str, int] = {}
    path = ""
    for line in patch.splitlines():
        if line.startswith("+++ "):
            path = line[4:].removeprefix("b/").strip()
        elif line.startswith("+") and REDACTED in line:
            counts[path] = counts.get(path, 0) + 1
    return counts


def _commit_in(environment: Path) -> str | None:
    try:
        commit = json.loads(environment.read_bytes())["git"]["commit"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    # It becomes an argument of git, and came from a server.
    return commit if isinstance(commit, str) and _COMMIT.fullmatch(commit) else None


def _check_out(target: _Target) -> str | None:
    """Create the branch and apply the patch; the reason if that is not possible."""
    try:
        top = Path(_git(Path(), "rev-parse", "--show-toplevel").strip())
    except WeftError:
        return "the current directory is in no git work tree"
    if _git(top, "status", "--porcelain", "--untracked-files=no").strip():
        return "the work tree has changes of its own; commit or stash them first"
    try:
        _git(top, "cat-file", "-e", f"{target.commit}^{{commit}}")
    except WeftError:
        return f"this repository has no commit {target.commit[:12]}; try git fetch first"
    try:
        if target.patch is not None:
            # Both or nothing: a branch without its patch would pass for the code of the run.
            _check_patch(top, target)
        where = ["--detach"] if target.branch is None else ["-b", target.branch]
        _git(top, "checkout", "-q", *where, target.commit)
        if target.patch is not None:
            _git(top, "apply", "--whitespace=nowarn", str(target.patch))
    except _Refused:
        raise
    except WeftError as error:
        return str(error)
    return None


def _check_patch(top: Path, target: _Target) -> None:
    """Raise if the patch does not apply to the commit. Needs no checkout: it uses an index."""
    import os
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        index = {**os.environ, "GIT_INDEX_FILE": str(Path(folder, "index"))}
        _git(top, "read-tree", target.commit, environment=index)
        try:
            _git(top, "apply", "--check", "--cached", str(target.patch), environment=index)
        except WeftError as error:
            raise _Refused(f"the patch can't be applied: {error}") from None


def _git(folder: Path, *arguments: str, environment: dict[str, str] | None = None) -> str:
    """Run git and return what it prints."""
    try:
        process = subprocess.run(
            ["git", *arguments],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_GIT_SECS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise WeftError(f"git {arguments[0]} failed: {error}") from None
    if process.returncode:
        lines = process.stderr.decode("utf-8", "replace").strip().splitlines()
        raise WeftError(f"git {arguments[0]} failed: {lines[0] if lines else process.returncode}")
    return process.stdout.decode("utf-8", "surrogateescape")
