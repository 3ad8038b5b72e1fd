"""`weft.Artifact`: a versioned set of files. A draft until it is logged, then a stored version."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar

from weft.records.files.artifacts import check_artifact_name, check_artifact_type
from weft.records.secrets.redaction import Redactor
from weft.records.sizes import counted, shown_size
from weft.records.value import json_safe
from weft.sdk.artifacts.methods.adding import Adding
from weft.sdk.artifacts.methods.describing import Describing
from weft.sdk.artifacts.methods.fetching import Fetching
from weft.sdk.artifacts.methods.linking import Linking
from weft.sdk.artifacts.states.description import Description, checked_metadata
from weft.sdk.artifacts.states.draft import Draft

if TYPE_CHECKING:
    from weft.sdk.setup.settings import Settings


class Artifact(Adding, Describing, Fetching, Linking):
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
        self._state = Draft(
            Description(
                check_artifact_name(name),
                check_artifact_type(type),
                description or "",
                checked_metadata(metadata or {}),
                is_incremental=incremental,
            )
        )
        self._settings = None

    def new_draft(self) -> Artifact:
        """Return a draft with the files of this version, to be changed and logged as the next one.

        Nothing is fetched or sent for the files that stay. The draft is logged to the project of
        this version.

        Raises:
            UsageError: this version is not stored yet.
        """
        own = self._state.description
        description = Description(own.name, own.type, own.text, checked_metadata(own.metadata))
        files = self._version_files
        draft = Draft(description, files.target)
        for entry in files.manifest_entries():
            draft.files.add_entry(entry)
        return self.of_state(draft, self._settings)

    def save(self, project: str | None = None, settings: Settings | None = None) -> None:
        """Send the changed description and metadata of a stored version, or log a draft.

        A draft is logged by the current run, or, without one, by a run that is made for it.

        Args:
            project: the project of the run that is made. Defaults to the project of the version
                that `new_draft` has taken over, then to the default one.
            settings: of the run that is made.

        Raises:
            UsageError: it was logged and is not stored yet: call `wait()`.
        """
        if not isinstance(self._state, Draft):
            settings = self._effective_settings
            redactor = Redactor(settings.redact_patterns, is_on=settings.redact)
            text, metadata = self._state.description.text, self._state.description.metadata
            self._stored.edit(
                description=redactor.text(text),
                metadata=redactor.value("", json_safe(metadata)),
            )
            return
        weft: Any = import_module("weft")
        if weft.run is not None:
            weft.run.log_artifact(self)
            return
        base = self._state.base
        entity = None if base is None else base.entity
        project = project or (None if base is None else base.project)
        with weft.init(entity=entity, project=project, job_type="auto", settings=settings) as run:
            run.log_artifact(self)

    def delete(self, delete_aliases: bool = False) -> None:
        """Delete this version permanently.

        Args:
            delete_aliases: also if it has aliases besides `latest`.

        Raises:
            Conflict: it is locked; or it has aliases, and `delete_aliases` is not set.
        """
        self._stored.delete(with_aliases=delete_aliases)

    def __getattr__(self, name: str) -> Any:
        why = type(self).not_here.get(name)
        reason = f": {why}" if why else "; dir() of it lists what it has"
        raise AttributeError(f"Artifact has no {name}{reason}", name=name, obj=self)

    def _repr_html_(self) -> str:
        from html import escape

        from weft.sdk.display.notebook import link_html

        if self.url is None:
            return f"<code>{escape(repr(self))}</code>"
        facts = [
            self.type,
            shown_size(self.size),
            counted(self.file_count, "file"),
            ", ".join(self.aliases),
        ]
        return (
            f"<p>{link_html(self.name, self.url)} · {escape(' · '.join(filter(None, facts)))}</p>"
        )

    def __repr__(self) -> str:
        return f"<Artifact {self.name} ({self.type})>"
