"""The run that an artifact comes from, and the runs that have used it. Does network I/O.

Runs import artifacts, so that this module has `weft.init` and `weft.Api` by their names in `weft`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from weft.errors import UsageError
from weft.sdk.artifacts.fetching import Fetching

if TYPE_CHECKING:
    from weft.sdk.setup.settings import Settings


class Lineage(Fetching):
    """Asks for the runs around a version, and saves a draft by a run. A base of `Artifact`."""

    def logged_by(self) -> Any:
        """Return the run that logged this version, as `Api.run` does; None if it was deleted.

        Raises:
            UsageError: it is not stored yet.
        """
        run = self._connected.version(self._target).logged_by
        return None if run is None else self._api().run(f"{run.entity}/{run.project}/{run.id}")

    def used_by(self) -> list[Any]:
        """Return the runs that have used this version, also of other projects.

        Of more than 2,000 runs, only some are returned.

        Raises:
            UsageError: it is not stored yet.
        """
        graph = self._connected.lineage(self._target, depth=1)
        nodes = {node.id: node for node in graph.nodes}
        users = [
            nodes[edge.target] for edge in graph.edges if nodes[edge.source].kind == "artifact"
        ]
        api = self._api()
        return [api.run(f"{run.entity}/{run.project}/{run.name}") for run in users]

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
        if self._draft is None:
            self._save_description()
            return
        weft: Any = import_module("weft")
        if weft.run is not None:
            weft.run.log_artifact(self)
            return
        entity = None if self._base is None else self._base.entity
        project = project or (None if self._base is None else self._base.project)
        with weft.init(entity=entity, project=project, job_type="auto", settings=settings) as run:
            run.log_artifact(self)

    def is_draft(self) -> bool:
        """Whether it is not stored yet."""
        return not self._is_stored()

    def finalize(self) -> None:
        """Accepted for scripts of W&B: a version can't be changed once it is logged."""

    @property
    def incremental(self) -> bool:
        """Whether its version gets the files of the newest version before it."""
        return self._is_incremental

    @property
    def distributed_id(self) -> str | None:
        """The id that the parts of the version share; see `Run.upsert_artifact`."""
        return self._distributed_id

    @distributed_id.setter
    def distributed_id(self, text: str | None) -> None:
        if self._draft is None:
            raise UsageError(f"artifact {self._name} was logged already")
        self._distributed_id = text

    def _api(self) -> Any:
        server = self._connected.server
        weft: Any = import_module("weft")
        return weft.Api(server.url, api_key=server.api_key)
