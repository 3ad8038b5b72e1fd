"""`weft.Artifact`: a versioned set of files. A draft until it is logged, then a stored version."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from weft.client.artifact_client import ArtifactClient
from weft.records.files.artifacts import check_artifact_name, check_artifact_type
from weft.sdk.artifacts.adding import Adding
from weft.sdk.artifacts.draft import Draft
from weft.sdk.artifacts.lineage import Lineage
from weft.sdk.artifacts.linking import Linking
from weft.sdk.artifacts.state import Logged, checked_metadata
from weft.wire.artifacts.artifacts import Artifact as StoredArtifact

if TYPE_CHECKING:
    from weft.sdk.setup.settings import Settings

_Self = TypeVar("_Self", bound="Artifact")


class Artifact(Adding, Lineage, Linking):
    """A named set of files with versions: a dataset, a model.

    Make one, add files, and log it with `run.log_artifact()`; or get a version that was logged
    with `run.use_artifact()` or `Api.artifact()`, and `download()` it.

    Args:
        name: 1 to 128 letters, digits, `_`, `-` and `.`. Versions with one name are a collection.
        type: such as `dataset` or `model`; all versions of a collection have the same.
        description: a text for readers, in Markdown.
        metadata: values that describe it, by name; anything that JSON can hold.
        incremental: whether its version also has the files of the newest version before it, except
            those that have a path of its own.

    Raises:
        ConfigError: the name or the type is invalid.

    >>> import pathlib, tempfile, weft
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> _ = (folder / "train.csv").write_text("x,y")
    >>> data = weft.Artifact("mnist", "dataset", metadata={"rows": 1})
    >>> data.add_dir(folder)
    >>> data.paths
    ['train.csv']
    """

    not_here: ClassVar[Mapping[str, str]] = {
        "digest_algorithm": "`digest` is a SHA-256, and so are the digests of files",
        "json_encode": "`qualified_name` names the version, `manifest` lists its files",
        "updated_at": "a version never changes; the history of its collection dates its aliases",
    }
    """W&B's names that this class lacks, and why."""

    def __init__(
        self,
        name: str,
        type: str,  # noqa: A002  W&B's name
        description: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        incremental: bool = False,
        use_as: str | None = None,  # noqa: ARG002  W&B's argument
        storage_region: str | None = None,  # noqa: ARG002  W&B's argument
    ) -> None:
        self._name = check_artifact_name(name)
        self._type = check_artifact_type(type)
        self._description = description or ""
        self._metadata = checked_metadata(metadata or {})
        self._tags: list[str] = []
        self._ttl_secs = 0
        self._draft = Draft()
        self._is_incremental = incremental
        self._logged = self._client = self._stored = self._settings = None
        self._distributed_id = self._base = None

    @classmethod
    def from_server(
        cls: type[_Self],
        client: ArtifactClient,
        stored: StoredArtifact,
        settings: Settings | None = None,
    ) -> _Self:
        """A version that a server has.

        Args:
            settings: of the run that uses it, if one does.
        """
        artifact = cls.__new__(cls)
        artifact._name, artifact._type = stored.name, stored.type
        artifact._draft = artifact._logged = None
        artifact._tags, artifact._ttl_secs, artifact._settings = [], 0, settings
        artifact._is_incremental = False
        artifact._distributed_id = artifact._base = None
        artifact._take(client, stored)
        return artifact

    @classmethod
    def awaited(cls, name: str, type_: str, logged: Logged) -> Artifact:
        """A version that the server can't be asked for now."""
        artifact = cls(name, type_)
        artifact.note_logged(logged)
        return artifact

    def new_draft(self) -> Artifact:
        """Return a draft with the files of this version, to be changed and logged as the next one.

        Nothing is fetched or sent for the files that stay. The draft is logged to the project of
        this version.

        Raises:
            UsageError: this version is not stored yet.
        """
        artifact = Artifact(self._name, self._type, self._description, self._metadata)
        artifact._settings, artifact._base = self._settings, self._target
        for entry in self.manifest.entries:
            artifact.draft.add_entry(entry)
        return artifact

    def __getattr__(self, name: str) -> Any:
        why = type(self).not_here.get(name)
        reason = f": {why}" if why else "; dir() of it lists what it has"
        raise AttributeError(f"Artifact has no {name}{reason}", name=name, obj=self)

    def __repr__(self) -> str:
        return f"<Artifact {self.name} ({self._type})>"
