"""What a run does with artifacts: the methods of `Run` that log and use them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from weft.sdk.artifacts.artifact import Artifact
    from weft.sdk.recording.recorder import Recorder


class RunArtifacts:
    """Logs and uses artifacts. A base of `Run`."""

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
            aliases: names that this version shall have besides `latest`; they leave the version
                that had them.
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
        from weft.sdk.artifacts.recording import log_artifact

        return log_artifact(self._recorder, artifact_or_path, name, type, aliases, tags)

    def use_artifact(
        self,
        artifact_or_name: Artifact | str,
        type: str | None = None,  # noqa: A002  W&B's name
        aliases: Sequence[str] | None = None,  # noqa: ARG002  W&B's argument
        use_as: str | None = None,
    ) -> Artifact:
        """Use a version of an artifact: an input of this run, which its lineage then shows.

        Args:
            artifact_or_name: a version, or its name: `name:v3`, `name:best`, `project/name:v3` or
                `entity/project/name:v3`. Without a version it is the latest one.
            type: the type that it must have.
            use_as: what it is used as, such as `validation data`.

        Returns:
            The version; `download()` fetches its files.

        Raises:
            NotFound: the server has no such version.
            UsageError: it has another type, or the run is finished.
            Unavailable: the server can't be reached.
        """
        from weft.sdk.artifacts.recording import use_artifact

        return use_artifact(self._recorder, artifact_or_name, type, use_as)

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
            aliases: names that this version shall have besides `latest`.
        """
        return self.log_artifact(path, name, "model", aliases)

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
        paths = model.files()
        return str(Path(folder, paths[0])) if len(paths) == 1 else folder
