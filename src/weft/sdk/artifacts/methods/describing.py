"""Methods of `weft.Artifact` that read and set its description."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from weft.errors import UsageError
from weft.records.files.artifacts import check_alias, check_tag
from weft.records.times import iso_time
from weft.sdk.artifacts.methods.stateful import Stateful
from weft.sdk.artifacts.states.description import checked_metadata
from weft.sdk.artifacts.states.stored import Stored
from weft.sdk.artifacts.ttl import ArtifactTTL


class Describing(Stateful):
    """Reads and sets the description of an artifact. A base of `Artifact`."""

    @property
    def type(self) -> str:
        return self._state.description.type

    @property
    def entity(self) -> str:
        return self._stored.version.entity

    @property
    def project(self) -> str:
        return self._stored.version.project

    @property
    def qualified_name(self) -> str:
        """`entity/project/name:version`."""
        return f"{self.entity}/{self.project}/{self.name}"

    @property
    def version(self) -> str:
        """The version, such as `v3`.

        Raises:
            UsageError: it was not logged, or is not stored yet: call `wait()`.
        """
        return self._stored.version.version or ""

    @property
    def digest(self) -> str:
        """Versions with one digest have the same files."""
        return self._stored.version.digest

    @property
    def id(self) -> str | None:
        """The identity of the version on its server: its qualified name. None before it
        is stored.
        """
        return self.qualified_name if isinstance(self._state, Stored) else None

    @property
    def commit_hash(self) -> str:
        """The same as `digest`: a version is what its files are."""
        return self.digest

    @property
    def url(self) -> str | None:
        """The address of the version's page. None before it is stored."""
        return self._state.url if isinstance(self._state, Stored) else None

    @property
    def use_as(self) -> str | None:
        """The name of its use by the run that uses it: `use_as` of `use_artifact`."""
        return self._use_as

    @property
    def created_at(self) -> str:
        """When it was logged: ISO 8601, UTC."""
        return iso_time(self._stored.version.created_micros)

    @property
    def history_step(self) -> int | None:
        """The step of the run when it was logged. None if that is unknown."""
        return self._stored.version.step

    @property
    def description(self) -> str | None:
        return self._state.description.text or None

    @description.setter
    def description(self, text: str | None) -> None:
        if state := self._changeable("description"):
            state.description.text = text or ""

    @property
    def metadata(self) -> dict[str, Any]:
        """Values that describe it. Of a stored version, `save()` sends what was changed.

        Change them before the artifact is logged, or after `wait()`.
        """
        return self._state.description.metadata

    @metadata.setter
    def metadata(self, values: Mapping[str, Any]) -> None:
        checked = checked_metadata(values)
        if state := self._changeable("metadata"):
            state.description.metadata = checked

    @property
    def aliases(self) -> list[str]:
        """The aliases that the stored version has."""
        return list(self._stored.version.aliases)

    @aliases.setter
    def aliases(self, aliases: Sequence[str]) -> None:
        self._stored.set_names("aliases", [check_alias(alias) for alias in aliases])

    @property
    def tags(self) -> list[str]:
        return list(self._state.description.tags)

    @tags.setter
    def tags(self, tags: Sequence[str]) -> None:
        checked = [check_tag(tag) for tag in tags]
        state = self._changeable("tags")
        if isinstance(state, Stored):
            state.set_names("tags", checked)
        elif state is not None:
            state.description.tags = checked

    @property
    def ttl(self) -> timedelta | None:
        """The time that the version is kept after this was set. None: until it is deleted.

        It is set before the version is logged, and then counts from when it is stored, or once it
        is stored. A version that has an alias besides `latest` stays all the same.
        """
        secs = self._state.description.ttl_secs
        return timedelta(seconds=secs) if secs else None

    @ttl.setter
    def ttl(self, duration: timedelta | ArtifactTTL | None) -> None:
        if isinstance(duration, ArtifactTTL):
            duration = None
        if duration is not None and duration.total_seconds() < 1:
            raise UsageError(f"ttl must be a second or more, or None, not {duration}")
        secs = None if duration is None else int(duration.total_seconds())
        state = self._changeable("ttl")
        if isinstance(state, Stored):
            state.edit(ttl_secs=secs)
        elif state is not None:
            state.description.ttl_secs = secs or 0

    @property
    def locked_by(self) -> str | None:
        """The user who locked the version against deletion; None if it is not locked."""
        return self._stored.version.locked_by

    @property
    def locked_at(self) -> str | None:
        """When it was locked: ISO 8601, UTC. None if it is not locked."""
        micros = self._stored.version.locked_micros
        return None if micros is None else iso_time(micros)

    def lock(self) -> None:
        """Protect the version from deletion, also at the end of its `ttl`, until `unlock`.

        A version that another user has locked stays theirs.

        Raises:
            UsageError: it was not logged, or is not stored yet: call `wait()`.
            Forbidden: you may not change the project.
        """
        self._stored.edit(is_locked=True)

    def unlock(self) -> None:
        """Make the version deletable again.

        Raises:
            Forbidden: another user locked it, and you are no admin of the project.
        """
        self._stored.edit(is_locked=False)

    def finalize(self) -> None:
        """Accepted for scripts of W&B: a version can't be changed once it is logged."""

    @property
    def incremental(self) -> bool:
        """Whether its version gets the files of the newest version before it."""
        return self._state.description.is_incremental

    @property
    def distributed_id(self) -> str | None:
        """The id that the parts of the version share; see `Run.upsert_artifact`."""
        return self._state.description.distributed_id

    @distributed_id.setter
    def distributed_id(self, text: str | None) -> None:
        self.draft.description.distributed_id = text
