"""The methods of `Run` that log, use and link artifacts."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from weft.errors import ConfigError, WrongType
from weft.records.limits import MAX_ID_BYTES

if TYPE_CHECKING:
    from weft.sdk.artifacts.artifact import Artifact
    from weft.sdk.recording.recorder import Recorder


class RunArtifacts:
    """Logs, uses and links artifacts. A base of `Run`."""

    _recorder: Recorder

    def log_artifact(
        self,
        artifact_or_path: Artifact | str | os.PathLike[str],
        name: str | None = None,
        type: str | None = None,  # noqa: A002  W&B's name
        aliases: Sequence[str] | None = None,
        tags: Sequence[str] | None = None,
    ) -> Artifact:
        """Log a version of an artifact: an output of this run.

        Its files are put into the run's directory, and are hashed and sent in the background: the
        call needs no server, and what was logged survives `kill -9` once it returns.

        Args:
            artifact_or_path: an artifact, or a file or folder to make one of.
            name: the artifact's name, if a path is given. Defaults to `run-<id>-<name of the
                file>`.
            type: its type, if a path is given. Defaults to `unspecified`.
            aliases: further names of this version besides `latest`; they leave the version that
                had them.
            tags: tags of this version.

        Returns:
            The artifact. `wait()` waits until it is stored and has a version.

        Raises:
            UsageError: the run is finished, or the artifact was logged already.
            ConfigError: a name, an alias or a tag is invalid.

        >>> import tempfile, weft
        >>> path = Path(tempfile.mkdtemp(), "model.pt")
        >>> _ = path.write_text("weights")
        >>> with weft.init(mode="disabled") as run:
        ...     run.log_artifact(path, "digits", "model", aliases=["best"])
        <Artifact digits (model)>
        """
        from weft.sdk.artifacts.recording.logs import log_artifact

        return log_artifact(self._recorder, artifact_or_path, name, type, aliases, tags)

    def upsert_artifact(
        self,
        artifact_or_path: Artifact | str | os.PathLike[str],
        name: str | None = None,
        type: str | None = None,  # noqa: A002  W&B's name
        aliases: Sequence[str] | None = None,
        distributed_id: str | None = None,
    ) -> Artifact:
        """Log a part of a version that several runs make together.

        Each run logs its part, and one of them, once the others have, calls `finish_artifact`: the
        version gets the files of all parts.

        Args:
            artifact_or_path, name, type: see `log_artifact`.
            aliases: pass the version's aliases to `finish_artifact` instead.
            distributed_id: the id that the runs have in common. Defaults to the group of this run.

        Returns:
            The part. `wait()` waits until the server has all of it.

        Raises:
            WrongType: the run has no group, and `distributed_id` is not given.
            UsageError: the run is finished, or the part was logged already.

        >>> import weft
        >>> with weft.init(mode="disabled", group="night") as run:
        ...     run.upsert_artifact(weft.Artifact("shards", "dataset"))
        <Artifact shards (dataset)>
        """
        return self._log_of_several(
            "upsert", artifact_or_path, name, type, aliases, distributed_id, is_part=True
        )

    def finish_artifact(
        self,
        artifact_or_path: Artifact | str | os.PathLike[str],
        name: str | None = None,
        type: str | None = None,  # noqa: A002  W&B's name
        aliases: Sequence[str] | None = None,
        distributed_id: str | None = None,
    ) -> Artifact:
        """Log the version that several runs make together; see `upsert_artifact`.

        It has the files of this artifact and of all parts that the server knows of by then; parts
        that are still being sent are waited for. A part that failed fails the version. Parts
        that are logged later belong to the next version.

        Args:
            artifact_or_path, name, type, aliases: see `log_artifact`.
            distributed_id: the id that the runs have in common. Defaults to the group of this run.

        Raises:
            WrongType: the run has no group, and `distributed_id` is not given.
            UsageError: the run is finished, or the artifact was logged already.
        """
        return self._log_of_several(
            "finish", artifact_or_path, name, type, aliases, distributed_id, is_part=False
        )

    def _log_of_several(
        self,
        verb: str,
        artifact_or_path: Artifact | str | os.PathLike[str],
        name: str | None,
        type_: str | None,
        aliases: Sequence[str] | None,
        distributed_id: str | None,
        *,
        is_part: bool,
    ) -> Artifact:
        from weft.sdk.artifacts.recording.logs import log_artifact

        group = distributed_id or self._recorder.settings.group
        if not group:
            raise WrongType(
                f"Run.{verb}_artifact() needs to know which runs belong together: start them with "
                "one group=, or pass distributed_id="
            )
        if len(group) > MAX_ID_BYTES:
            raise ConfigError(f"distributed_id has more than {MAX_ID_BYTES} characters")
        return log_artifact(
            self._recorder,
            artifact_or_path,
            name,
            type_,
            aliases,
            distributed_id=group,
            is_part=is_part,
        )

    def use_artifact(
        self,
        artifact_or_name: Artifact | str,
        type: str | None = None,  # noqa: A002  W&B's name
        aliases: Sequence[str] | None = None,
        use_as: str | None = None,
    ) -> Artifact:
        """Use a version of an artifact: an input of this run, which its lineage then shows.

        An offline run only records the name: `weft sync` sends it, and the run is shown as a user
        of the version once the server has that. An artifact that was logged a moment ago is waited
        for; one that was not logged yet is logged first.

        Args:
            artifact_or_name: a version, or its name: `name:v3`, `name:best`, `project/name:v3`,
                `entity/project/name:v3`, or in a registry `registry/model/name:production`, also
                as `wandb-registry-model/name:production`. Without a version it is the latest one.
            type: the type that it must have.
            aliases: names of a version that is logged first.
            use_as: its use, such as `validation data`.

        Returns:
            The version; `download()` fetches its files.

        Raises:
            NotFound: the server has no such version.
            UsageError: it has another type, or the run is finished.
            Unavailable: the server can't be reached.
        """
        from weft.sdk.artifacts.recording.uses import use_artifact

        return use_artifact(self._recorder, artifact_or_name, type, aliases, use_as)

    def log_model(
        self,
        path: str | os.PathLike[str],
        name: str | None = None,
        aliases: Sequence[str] | None = None,
    ) -> Artifact:
        """Log a file or folder as a version of a model; see `log_artifact`.

        Args:
            path: the file or folder.
            name: the model's name. Defaults to `run-<id>-<name of the file>`.
            aliases: further names of this version besides `latest`.
        """
        return self.log_artifact(path, name, "model", aliases)

    def link_artifact(
        self, artifact: Artifact, target_path: str, aliases: Sequence[str] | None = None
    ) -> Artifact:
        """Link a version to a collection of a registry, which is for all projects.

        A version there then points to it, with a number and aliases of its own. The link is made
        in the background, once the version is stored: the call needs no server, and `weft sync`
        makes the links of offline runs.

        Args:
            artifact: one that this run logs, or a stored one. One that was not logged yet is
                logged first.
            target_path: the collection, such as `model/digits` or `wandb-registry-model/digits`.
                It is made if it is not there.
            aliases: its aliases there, such as `staging`.

        Returns:
            The version in the registry. `wait()` waits until it is there.

        Raises:
            UsageError: the run is finished, or another run logs the artifact and it is not stored
                yet.
            ConfigError: the path or an alias is invalid.

        >>> import weft
        >>> with weft.init(mode="disabled") as run:
        ...     run.link_artifact(weft.Artifact("net", "model"), "model/digits", ["staging"])
        <Artifact net (model)>
        """
        from weft.sdk.artifacts.recording.links import link_artifact

        return link_artifact(self._recorder, artifact, target_path, aliases)

    def link_model(
        self,
        path: str | os.PathLike[str],
        registered_model_name: str,
        name: str | None = None,
        aliases: Sequence[str] | None = None,
    ) -> Artifact:
        """Log a file or folder as a version of a model, and link it in the registry `model`.

        Args:
            path: the file or folder.
            registered_model_name: the collection of the registry, such as `digits`; with `/` it
                is the path of any registry's collection.
            name: the model's name in this project. Defaults to `run-<id>-<name of the file>`.
            aliases: its aliases in the registry, such as `staging`.

        Returns:
            The version in the registry; see `link_artifact`.

        >>> import tempfile, weft
        >>> path = Path(tempfile.mkdtemp(), "model.pt")
        >>> _ = path.write_text("weights")
        >>> with weft.init(mode="disabled") as run:
        ...     run.link_model(path, "digits", "net", ["staging"])
        <Artifact net (model)>
        """
        target = registered_model_name
        if "/" not in target:
            target = f"model/{target}"
        return self.link_artifact(self.log_model(path, name), target, aliases)

    def use_model(self, name: str) -> str:
        """Use a version of a model and fetch it; see `use_artifact`.

        Returns:
            The path of its file, or of the folder if it has several.

        Raises:
            NotFound: the server has no such version.
            UsageError: it is no model.
        """
        model = self.use_artifact(name, "model")
        folder = model.download()
        paths = model.paths
        return str(Path(folder, paths[0])) if len(paths) == 1 else folder
