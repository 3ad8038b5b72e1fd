"""Operations on a stored version: wait for it, download, check, edit, delete."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from weft.errors import Unavailable, UsageError
from weft.records.secrets.redaction import Redactor
from weft.records.sizes import counted
from weft.records.value import json_safe
from weft.sdk.artifacts.describing import Describing
from weft.sdk.setup.precedence import read_settings
from weft.wire.artifacts.artifacts import ArtifactFileList

if TYPE_CHECKING:
    from weft.sdk.setup.settings import Settings
    from weft.sync.progress_bar import ProgressBar

_FIRST_LOOK_SECS: Final = 0.1
_LAST_LOOK_SECS: Final = 1.0
"""The shortest and longest pause of `wait()` before it looks again whether the
version is stored: less often the longer it takes, since
each look costs the server as much as a megabyte that it takes in."""

_FEW: Final = 8
"""So many files are asked for one by one; of more, lists of files are read."""

MOST_FAULTS: Final = 5
"""Most files that differ that are named."""

_Self = TypeVar("_Self", bound="Fetching")


class Fetching(Describing):
    """Works with a version that is stored. A base of `Artifact`."""

    def wait(self: _Self, timeout: float | None = None) -> _Self:
        """Wait until the artifact that was logged is stored on the server.

        On a terminal, a line shows how much is sent, unless the run is quiet.

        A part (`Run.upsert_artifact`) has no version then: `Run.finish_artifact` makes it.

        Args:
            timeout: longest wait, in seconds. None: as long as it takes.

        Raises:
            UsageError: it was not logged.
            CommError: it can't be stored; the message says why.
            Unavailable: it is not stored after `timeout`, or its run has no server.
        """
        return self.await_stored(timeout, is_shown=not self._effective_settings.is_quiet)

    def await_stored(self: _Self, timeout: float | None = None, *, is_shown: bool) -> _Self:
        """As `wait`.

        Args:
            is_shown: show the progress on a terminal.
        """
        from weft.sync.progress_bar import ProgressBar

        if self._logged is None and self._stored is None:
            raise UsageError(f"artifact {self._name} was not logged: run.log_artifact() does that")
        begin = time.monotonic()
        end = None if timeout is None else begin + timeout
        bar = ProgressBar(self._name, is_shown=is_shown, has_rate=True)
        try:
            while not self._is_stored() and not self._is_part_there:
                if end is not None and time.monotonic() >= end:
                    raise Unavailable(f"artifact {self._name} is not stored after {timeout} s")
                self._show_sending(bar)
                waited_secs = time.monotonic() - begin
                time.sleep(min(max(waited_secs / 10, _FIRST_LOOK_SECS), _LAST_LOOK_SECS))
        finally:
            bar.clear()
        return self

    def _show_sending(self, bar: ProgressBar) -> None:
        sent = self._logged.sending() if self._logged is not None else None
        if sent is None:
            return
        if not sent.n_bytes and not sent.n_left_bytes:
            bar.say(f"{counted(sent.n_left_files, 'file')} to be read and sent")
            return
        bar.total_bytes = sent.n_bytes + sent.n_left_bytes
        bar.total_files = max(bar.total_files, sent.n_left_files)
        bar.draw(sent.n_bytes, n_files=bar.total_files - sent.n_left_files)

    def download(
        self,
        root: str | os.PathLike[str] | None = None,
        allow_missing_references: bool = False,
        skip_cache: bool | None = None,
        path_prefix: str | os.PathLike[str] | None = None,
    ) -> str:
        """Fetch its files to this machine, several at once. Each is checked by its hash.

        Files that are there already and are right are not fetched again, so a download that was
        interrupted continues. What was downloaded to another folder comes from the cache.

        Args:
            root: the folder. Defaults to `./artifacts/name:v3`; `WEFT_ARTIFACT_DIR` names another
                one than `./artifacts`.
            allow_missing_references: leave files that are kept elsewhere where they are.
            skip_cache: fetch all from the server, and keep nothing in the cache.
            path_prefix: only files whose path begins with this.

        Returns:
            The folder.

        Raises:
            UsageError: the artifact is not stored yet: call `wait()`.
            CommError: the server can't be reached, or a content is damaged there.
        """
        from weft.sdk.artifacts.cache import download_cache
        from weft.sdk.artifacts.download import FILES_AT_ONCE, Download
        from weft.sync.progress_bar import ProgressBar

        folder = self._folder(root)
        client, settings = self._connected, self._effective_settings
        prefix = "" if path_prefix is None else os.fspath(path_prefix)
        folder.mkdir(parents=True, exist_ok=True)
        bar = ProgressBar(self.name, is_shown=not settings.is_quiet, has_rate=True)
        if not prefix and self._stored is not None:
            bar.total_bytes, bar.total_files = self.size, self.file_count
        download = Download(
            client,
            folder,
            cache=None if skip_cache or not settings.cache_size else download_cache(settings),
            keep_references=allow_missing_references,
            progress=lambda n_bytes, n_files: bar.draw(n_bytes, n_files=n_files),
        )
        pages = client.file_pages(
            self._target, prefix=prefix, limit=FILES_AT_ONCE, with_contents=True
        )
        try:
            download.fetch(pages)
        finally:
            bar.clear()
        return str(folder)

    def fetch(
        self,
        paths: Sequence[str],
        root: str | os.PathLike[str] | None = None,
        *,
        skip_cache: bool | None = None,
    ) -> str:
        """Fetch some of its files as `download` does, and return the folder.

        Raises:
            NotFound: it has no such file.
        """
        return self.fetch_pages(self.pages_of(paths), root, skip_cache=skip_cache)

    def fetch_pages(
        self,
        pages: Iterable[ArtifactFileList],
        root: str | os.PathLike[str] | None = None,
        *,
        skip_cache: bool | None = None,
    ) -> str:
        """Fetch files that are known already, and return the folder."""
        from weft.sdk.artifacts.cache import download_cache
        from weft.sdk.artifacts.download import Download

        folder, settings = self._folder(root), self._effective_settings
        folder.mkdir(parents=True, exist_ok=True)
        use_cache = not skip_cache and settings.cache_size
        cache = download_cache(settings) if use_cache else None
        Download(self._connected, folder, cache=cache).fetch(pages)
        return str(folder)

    def pages_of(self, paths: Sequence[str]) -> Iterator[ArtifactFileList]:
        """Yield the server's entries of files, with the contents of small ones.

        Raises:
            NotFound: it has no such file. Of many files, missing ones are left out.
        """
        if len(paths) <= _FEW:
            for path in paths:
                file = self._connected.file(self._target, path)
                yield ArtifactFileList(files=[file], cursor=None)
            return
        from weft.sdk.artifacts.download import FILES_AT_ONCE

        requested, prefix = set(paths), _common_prefix(min(paths), max(paths))
        for page in self._connected.file_pages(
            self._target, prefix=prefix, limit=FILES_AT_ONCE, with_contents=True
        ):
            all_contents = page.contents or [None] * len(page.files)
            matching = [
                (file, content)
                for file, content in zip(page.files, all_contents, strict=True)
                if file.path in requested
            ]
            files, contents = [file for file, _ in matching], [content for _, content in matching]
            yield ArtifactFileList(files=files, cursor=None, contents=contents)

    def file(self, root: str | os.PathLike[str] | None = None) -> str:
        """Fetch the only file of it, and return its path.

        Raises:
            UsageError: it has several files.
        """
        paths = self.paths
        if len(paths) != 1:
            raise UsageError(f"{self.name} has {len(paths)} files, not one: use download()")
        return str(Path(self.download(root), paths[0]))

    def verify(self, root: str | os.PathLike[str] | None = None) -> None:
        """Check that a folder has the files of this version and no others.

        Files that are kept elsewhere are checked in their stores.

        Args:
            root: the folder. Defaults to the folder of `download()`.

        Raises:
            ValueError: a file is missing, was changed, or does not belong to it; the message
                names the first of them.
            CommError: the store of a reference can't be reached.
        """
        from weft.sdk.artifacts.verifying import faults_of

        folder = self._folder(root)
        faults = list(faults_of(self.name, folder, list(self._files())))
        if faults:
            more = f", and {len(faults) - MOST_FAULTS} more" if len(faults) > MOST_FAULTS else ""
            raise UsageError("; ".join(faults[:MOST_FAULTS]) + more)

    def checkout(self, root: str | os.PathLike[str] | None = None) -> str:
        """Make a folder have the files of this version and no others; returns the folder."""
        folder = self._folder(root)
        expected = set(self.paths)
        for path in sorted(folder.rglob("*"), reverse=True):
            if path.is_file() and path.relative_to(folder).as_posix() not in expected:
                path.unlink()
        return self.download(folder)

    @property
    def _effective_settings(self) -> Settings:
        """The settings of the run that uses it, else of this process."""
        return self._settings or read_settings({})

    def _folder(self, root: str | os.PathLike[str] | None) -> Path:
        """The folder for its files."""
        if root is not None:
            return Path(root)
        name = self.name if os.name != "nt" else self.name.replace(":", "-")
        return (self._effective_settings.artifact_dir or Path("artifacts")) / name

    def _save_description(self) -> None:
        settings = self._effective_settings
        redactor = Redactor(settings.redact_patterns, is_on=settings.redact)
        metadata = redactor.value("", json_safe(self._metadata))
        self._edit(description=redactor.text(self._description), metadata=metadata)

    def delete(self, delete_aliases: bool = False) -> None:
        """Delete this version permanently.

        Args:
            delete_aliases: also if it has aliases besides `latest`.

        Raises:
            Conflict: it has aliases, and `delete_aliases` is not set.
        """
        self._connected.delete(self._target, with_aliases=delete_aliases)


def _common_prefix(first: str, second: str) -> str:
    n_same = 0
    while n_same < min(len(first), len(second)) and first[n_same] == second[n_same]:
        n_same += 1
    return first[:n_same]
