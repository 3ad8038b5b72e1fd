"""The description of an artifact, before and after it is stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from weft.errors import UsageError
from weft.records.files.artifacts import Manifest, ManifestEntry, check_alias, check_tag
from weft.records.times import iso_time
from weft.sdk.artifacts.state import ArtifactState, checked_metadata
from weft.sdk.artifacts.ttl import ArtifactTTL


class Describing(ArtifactState):
    """Reads and sets what describes an artifact. A base of `Artifact`."""

    @property
    def name(self) -> str:
        """The collection's name, and for a stored version `:` and the version."""
        version = self._stored.version if self._stored is not None else None
        if self._stored is None and self._logged is not None:
            version = self._logged.ref or None
        return f"{self._name}:{version}" if version is not None else self._name

    @property
    def collection_name(self) -> str:
        """The collection's name."""
        return self._name

    @property
    def type(self) -> str:
        return self._type

    @property
    def entity(self) -> str:
        return self._version.entity

    @property
    def project(self) -> str:
        return self._version.project

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
        return self._version.version or ""

    @property
    def state(self) -> str:
        """`PENDING` until it is stored, then `COMMITTED`."""
        return "COMMITTED" if self._is_stored() else "PENDING"

    @property
    def digest(self) -> str:
        """Versions with one digest have the same files."""
        return self._version.digest

    @property
    def id(self) -> str | None:
        """The identity of the version on its server: its qualified name. None before it
        is stored.
        """
        return self.qualified_name if self._stored is not None else None

    @property
    def commit_hash(self) -> str:
        """The same as `digest`: a version is what its files are."""
        return self.digest

    @property
    def url(self) -> str | None:
        """The address of the version's page. None before it is stored."""
        if self._stored is None or self._client is None:
            return None
        owner = f"{self.entity}/{self.project}"
        path = f"{owner}/artifacts/{self.type}/{self._name}/{self.version}"
        return f"{self._client.url}/{quote(path)}"

    @property
    def use_as(self) -> str | None:
        """The name of its use by the run that uses it: `use_as` of `use_artifact`."""
        return self._use_as

    @property
    def size(self) -> int:
        """The bytes of all files."""
        if self._draft is not None:
            return sum(file.source.stat().st_size for file in self._draft.files.values()) + sum(
                entry.n_bytes for entry in self._draft.entries.values()
            )
        return self._version.n_bytes

    @property
    def file_count(self) -> int:
        """Number of its files."""
        return len(self._draft.paths) if self._draft is not None else self._version.n_files

    @property
    def created_at(self) -> str:
        """When it was logged: ISO 8601, UTC."""
        return iso_time(self._version.created_micros)

    @property
    def history_step(self) -> int | None:
        """The step of the run when it was logged. None if that is unknown."""
        return self._version.step

    @property
    def description(self) -> str | None:
        return self._description or None

    @description.setter
    def description(self, text: str | None) -> None:
        self._description = text or ""

    @property
    def metadata(self) -> dict[str, Any]:
        """Values that describe it. Of a stored version, `save()` sends what was changed."""
        return self._metadata

    @metadata.setter
    def metadata(self, values: Mapping[str, Any]) -> None:
        self._metadata = checked_metadata(values)

    @property
    def aliases(self) -> list[str]:
        """The aliases that the stored version has."""
        return list(self._version.aliases)

    @aliases.setter
    def aliases(self, aliases: Sequence[str]) -> None:
        checked = [check_alias(alias) for alias in aliases]
        present = self._version.aliases
        self._edit(
            add_aliases=[alias for alias in checked if alias not in present],
            remove_aliases=[alias for alias in present if alias not in checked],
        )

    @property
    def tags(self) -> list[str]:
        return list(self._stored.tags) if self._stored is not None else list(self._tags)

    @tags.setter
    def tags(self, tags: Sequence[str]) -> None:
        checked = [check_tag(tag) for tag in tags]
        if self._stored is None:
            self._tags = checked
            return
        present = self._stored.tags
        self._edit(
            add_tags=[tag for tag in checked if tag not in present],
            remove_tags=[tag for tag in present if tag not in checked],
        )

    @property
    def ttl(self) -> timedelta | None:
        """The time that the version is kept after this was set. None: until it is deleted.

        It is set before the version is logged, and then counts from when it is stored, or later. A
        version that has an alias besides `latest` stays all the same.
        """
        secs = self._ttl_secs if self._stored is None else self._stored.ttl_secs
        return timedelta(seconds=secs) if secs else None

    @ttl.setter
    def ttl(self, duration: timedelta | ArtifactTTL | None) -> None:
        if isinstance(duration, ArtifactTTL):
            duration = None
        if duration is not None and duration.total_seconds() < 1:
            raise UsageError(f"ttl must be a second or more, or None, not {duration}")
        secs = None if duration is None else int(duration.total_seconds())
        if self._stored is None:
            self._ttl_secs = secs or 0
        else:
            self._edit(ttl_secs=secs)

    @property
    def manifest(self) -> Manifest:
        """The files of it with their hashes. Of a stored version, they come from the server."""
        if self._draft is not None:
            files = [ManifestEntry(path) for path in self._draft.files]
            return self.made_manifest([*files, *self._draft.entries.values()])
        return self.made_manifest(
            [
                ManifestEntry(
                    file.path, file.n_bytes, file.sha256, file.reference or "", file.checksum or ""
                )
                for file in self._files()
            ]
        )

    @property
    def paths(self) -> list[str]:
        """The paths of its files, sorted."""
        return (
            self._draft.paths if self._draft is not None else [file.path for file in self._files()]
        )
