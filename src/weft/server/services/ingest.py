"""Uploads become metadata and points, each exactly once. See docs/decisions/0003."""

from __future__ import annotations

from weft.server.services.actors import Actor
from weft.server.services.context import Stores
from weft.server.services.types import Applied, RunPath, Upload
from weft.server.storage.contract import StreamPosition


class IngestService:
    """Takes decoded uploads. Thread-safe; calls block until the data is durable."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores

    def position(self, actor: Actor, target: RunPath, stream: str) -> StreamPosition | None:
        """Where the server's copy of a stream ends, with the decoder's state; None = unknown.

        Raises:
            Gone: the run was deleted.
        """
        raise NotImplementedError

    def apply(self, actor: Actor, target: RunPath, upload: Upload) -> Applied:
        """Apply one upload; when this returns, all of it is durable.

        An upload of writer's first bytes creates the run (and its entity and project).

        Raises:
            PositionConflict: it does not start where the stream ends.
            Gone: the run was deleted.
        """
        raise NotImplementedError

    def beat(
        self,
        actor: Actor,
        target: RunPath,
        writer: str,
        *,
        client_time_micros: int | None,
        received_micros: int | None = None,
        position: int = 0,
    ) -> Applied:
        """The writer's process is alive and has nothing to send.

        `position` is echoed in the answer.

        Raises:
            Gone: the run was deleted.
        """
        raise NotImplementedError
