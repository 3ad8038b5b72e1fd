"""The name and the state of an artifact, its way from one state to the next, and its files."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from weft.client.artifact_client import ArtifactClient
from weft.errors import UsageError, WeftError
from weft.records.files.artifact_references import file_address
from weft.records.files.artifacts import ArtifactPath
from weft.sdk.artifacts.fetching.version_files import FilePage, VersionFiles
from weft.sdk.artifacts.making.draft_files import DraftFiles
from weft.sdk.artifacts.states.draft import Draft
from weft.sdk.artifacts.states.logged import Logged
from weft.sdk.artifacts.states.stored import Stored
from weft.sdk.guard import warn_caller
from weft.sdk.setup.precedence import read_settings
from weft.wire.artifacts.artifacts import Artifact as StoredArtifact

if TYPE_CHECKING:
    from typing_extensions import Self

    from weft.sdk.setup.settings import Settings


class Stateful:
    """The state of an artifact, shared by the groups of its methods. A base of each."""

    _state: Draft | Logged | Stored
    _settings: Settings | None
    _use_as: str | None = None

    @classmethod
    def of_state(cls, state: Draft | Logged | Stored, settings: Settings | None = None) -> Self:
        """An artifact in a state.

        Args:
            settings: of the run that uses it, if one does.
        """
        artifact = cls.__new__(cls)
        artifact._state, artifact._settings = state, settings  # noqa: SLF001
        return artifact

    @classmethod
    def from_server(
        cls, client: ArtifactClient, stored: StoredArtifact, settings: Settings | None = None
    ) -> Self:
        """A version that a server has.

        Args:
            settings: of the run that uses it, if one does.
        """
        return cls.of_state(Stored(client, stored), settings)

    @property
    def draft(self) -> Draft:
        """The artifact while it is being made.

        Raises:
            UsageError: it was logged already.
        """
        if not isinstance(self._state, Draft):
            name = self.collection_name
            raise UsageError(
                f"artifact {name} was logged already and can't be changed: make a new one"
            )
        return self._state

    @property
    def logged(self) -> Logged | None:
        """The record that it was logged. None if it was not, or is known to be stored."""
        return self._state if isinstance(self._state, Logged) else None

    def note_logged(self, logged: Logged, settings: Settings) -> None:
        """Note that it is in a run's log: it can't be changed any more.

        Args:
            settings: of the run.
        """
        self.draft.files.close()
        self._state, self._settings = logged, settings

    def note_use(self, use_as: str | None) -> None:
        """Note the name of its use by a run."""
        self._use_as = use_as

    @property
    def name(self) -> str:
        """The collection's name, and for a stored version `:` and the version."""
        ref = self._state.ref
        return self.collection_name if ref is None else f"{self.collection_name}:{ref}"

    @property
    def collection_name(self) -> str:
        """The collection's name."""
        return self._state.description.name

    @property
    def state(self) -> str:
        """`PENDING` until it is stored, then `COMMITTED`."""
        return "PENDING" if self.is_draft() else "COMMITTED"

    def wait(self, timeout: float | None = None) -> Self:
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

    def await_stored(self, timeout: float | None = None, *, is_shown: bool) -> Self:
        """As `wait`.

        Args:
            is_shown: show the progress on a terminal.
        """
        state = self._state
        if isinstance(state, Draft):
            name = self.collection_name
            raise UsageError(f"artifact {name} was not logged: run.log_artifact() does that")
        if isinstance(state, Logged):
            self._note_state(state.wait(timeout, is_shown=is_shown))
        return self

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
        return self._fetch(self._version_files.pages_of(paths), root, skip_cache=skip_cache)

    def address_of(self, path: str) -> str:
        """The address by which another artifact refers to a file; see `ArtifactEntry.ref_url`."""
        return file_address(ArtifactPath(*self._stored.target), path)

    def is_draft(self) -> bool:
        """Whether it is not stored yet."""
        return not isinstance(self._look(), Stored)

    def _look(self) -> Draft | Logged | Stored:
        """The state of now: a server may have stored what was logged."""
        state = self._state
        return self._note_state(state.look()) if isinstance(state, Logged) else state

    def _changeable(self, attribute: str) -> Draft | Stored | None:
        """The state, to set an attribute of the description.

        None, after a warning, if it was logged and is not stored yet: the change would be lost.
        Whether it is stored depends on the network, which must not end a script.
        """
        try:
            state = self._look()
        except WeftError:  # an offline run, or its files can't be stored
            state = self._state
        if not isinstance(state, Logged):
            return state
        warn_caller(
            f"artifact {self.collection_name} was logged and is not stored yet, so {attribute} "
            "stays as it is: set it before log_artifact() or after wait()"
        )
        return None

    def _note_state(self, state: Logged | Stored) -> Logged | Stored:
        """Note a state as a server tells it. Another thread may have been told of a later one."""
        if isinstance(state, Stored):
            self._state = state
        return state

    @property
    def _stored(self) -> Stored:
        state = self._look()
        if not isinstance(state, Stored):
            raise UsageError(f"artifact {self.collection_name} {state.fault}")
        return state

    @property
    def _version_files(self) -> VersionFiles:
        """The files as a server, or the directory of an offline run, has them."""
        state = self._state
        staged = state.staged if isinstance(state, Logged) else None
        return staged or self._stored.files

    @property
    def _files(self) -> DraftFiles | VersionFiles:
        """The files in any state."""
        state = self._state
        return state.files if isinstance(state, Draft) else self._version_files

    @property
    def _effective_settings(self) -> Settings:
        """The settings of the run that uses it, else of this process."""
        return self._settings or read_settings({})

    def _of(self, version: StoredArtifact) -> Self:
        """Another version on the server of this one."""
        return self.from_server(self._stored.client, version, self._settings)

    def _folder(self, root: str | os.PathLike[str] | None) -> Path:
        """The folder for its files."""
        if root is not None:
            return Path(root)
        name = self.name if os.name != "nt" else self.name.replace(":", "-")
        return (self._effective_settings.artifact_dir or Path("artifacts")) / name

    def _fetch(
        self,
        pages: Iterable[FilePage],
        root: str | os.PathLike[str] | None = None,
        *,
        skip_cache: bool | None = None,
        keep_references: bool = False,
        progress: Callable[[int, int], None] = lambda _bytes, _files: None,
    ) -> str:
        """Fetch files, and return the folder."""
        from weft.sdk.artifacts.fetching.cache import download_cache
        from weft.sdk.artifacts.fetching.download import Download

        folder, settings = self._folder(root), self._effective_settings
        folder.mkdir(parents=True, exist_ok=True)
        Download(
            self._version_files.read,
            folder,
            cache=None if skip_cache or not settings.cache_size else download_cache(settings),
            keep_references=keep_references,
            progress=progress,
        ).fetch(pages)
        return str(folder)
