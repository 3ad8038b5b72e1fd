"""The states of an artifact: a draft, then a logged one, then a stored version.

`adding`, `describing` and `fetching` build on it, each with the methods of one subject.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from weft.client.artifact_client import ArtifactClient, VersionTarget
from weft.errors import CommError, UsageError, WrongType
from weft.records.files.artifacts import Manifest, ManifestEntry
from weft.records.value import json_safe
from weft.sdk.artifacts.draft import Draft
from weft.sdk.artifacts.sending import Sent, unknown
from weft.wire.artifacts.artifacts import Artifact as StoredArtifact
from weft.wire.artifacts.artifacts import ArtifactFile

if TYPE_CHECKING:
    from weft.sdk.setup.settings import Settings


@dataclass(frozen=True, slots=True)
class Logged:
    """The record that an artifact was logged, and the way to its version.

    Attributes:
        look: asks the server for the version: None until the server knows it.
        project: the entity and the project's name.
        manifest: the path of its manifest among the files of the run that logged it. '' if it was
            named before the server could be asked for it.
        ref: the version or alias that it was named by.
        run_id: of the run that logged it.
        is_part: whether it is a part of a version.
        sending: returns the progress of its sending.
        staged: its files in the directory of an offline run.
    """

    look: Callable[[], tuple[ArtifactClient, StoredArtifact] | None]
    project: tuple[str, str] = ("", "")
    manifest: str = ""
    ref: str = ""
    run_id: str = ""
    is_part: bool = False
    sending: Callable[[], Sent | None] = unknown
    staged: ArtifactClient | None = None


class ArtifactState:
    """The state of an artifact. A base of `Artifact`."""

    _name: str
    _type: str
    _description: str
    _metadata: dict[str, Any]
    _tags: list[str]
    _ttl_secs: int
    _draft: Draft | None
    _logged: Logged | None
    _client: ArtifactClient | None
    _stored: StoredArtifact | None
    _settings: Settings | None
    _is_incremental: bool
    _distributed_id: str | None
    _base: VersionTarget | None

    def note_use(self, use_as: str | None) -> None:
        """Note the name of its use by a run."""
        self._use_as = use_as

    def made_manifest(self, entries: list[ManifestEntry]) -> Manifest:
        """The manifest of it with these files."""
        return Manifest(
            entries=entries,
            description=self._description,
            metadata=json_safe(self._metadata),
            tags=self._tags,
            ttl_secs=self._ttl_secs,
            is_incremental=self._is_incremental,
        )

    _use_as: str | None = None

    _is_part_there = False
    """Whether the server has all of a part when it was last asked."""

    @property
    def logged(self) -> Logged | None:
        """The record that it was logged. None if it was not, or is known to be stored."""
        return self._logged if self._stored is None else None

    @property
    def base(self) -> VersionTarget | None:
        """The version whose files `new_draft` has taken over."""
        return self._base

    def note_logged(self, logged: Logged, settings: Settings | None = None) -> None:
        """Note that it is in a run's log: it can't be changed any more.

        Args:
            settings: of the run.
        """
        self._settings = settings or self._settings
        if self._draft is not None:
            self._draft.close()
        self._draft, self._logged = None, logged

    @property
    def draft(self) -> Draft:
        """The files of it while it is being made.

        Raises:
            UsageError: it was logged already.
        """
        if self._draft is None:
            raise UsageError(
                f"artifact {self._name} was logged already and can't be changed: make a new one"
            )
        return self._draft

    def _is_stored(self) -> bool:
        if self._stored is not None:
            return True
        answer = self._logged.look() if self._logged is not None else None
        self._is_part_there = answer is not None and answer[1].state == "part"
        if answer is None or answer[1].state in {"awaited", "part"}:
            return False
        if answer[1].state == "failed":
            raise CommError(f"artifact {self._name} can't be stored: {answer[1].error}")
        self._take(*answer)
        return True

    @property
    def _version(self) -> StoredArtifact:
        if not self._is_stored() or self._stored is None:
            fault = "is not stored yet: call wait()" if self._logged else "was not logged yet"
            if self._is_part_there:
                fault = "is a part of a version: run.finish_artifact() makes the version"
            raise UsageError(f"artifact {self._name} {fault}")
        return self._stored

    @property
    def _staged(self) -> ArtifactClient | None:
        """Its files where an offline run has put them, as long as no server has it."""
        return self._logged.staged if self._stored is None and self._logged is not None else None

    @property
    def _target(self) -> VersionTarget:
        if self._staged is not None and self._logged is not None:
            return VersionTarget(*self._logged.project, self._name, "")
        stored = self._version
        return VersionTarget(stored.entity, stored.project, stored.name, stored.version or "")

    @property
    def _connected(self) -> ArtifactClient:
        if self._staged is not None:
            return self._staged
        _ = self._version
        assert self._client is not None
        return self._client

    def _files(self) -> Iterator[ArtifactFile]:
        return self._connected.files(self._target)

    def _edit(self, **edit: Any) -> None:
        self._take(self._connected, self._connected.edit(self._target, edit))

    def _take(self, client: ArtifactClient, stored: StoredArtifact) -> None:
        self._client, self._stored = client, stored
        self._description, self._metadata = stored.description, dict(stored.metadata)


def checked_metadata(values: Mapping[str, Any]) -> dict[str, Any]:
    """Metadata as a dict.

    Raises:
        WrongType: JSON can't hold it.
    """
    try:
        msgspec.json.encode(json_safe(dict(values)))
    except (TypeError, ValueError) as error:
        raise WrongType(f"metadata must be a dict that JSON can hold: {error}") from None
    return dict(values)
