"""The route that waits until the run logs of a followed directory have been read."""

from __future__ import annotations

from weft.server.http.admission.sharing import WAITING
from weft.server.http.routing.routes import Routes
from weft.server.services.access import Actor
from weft.server.services.opening import Services
from weft.wire.server import server as endpoints
from weft.wire.server.server import CaughtUp

routes = Routes()


@routes.answers(endpoints.catch_up, threads=WAITING)
def catch_up(services: Services, actor: Actor, *, timeout_millis: int) -> CaughtUp:
    caught_up = services.following.catch_up(actor, timeout_millis / 1000)
    info = services.following.info(actor)
    return CaughtUp(
        caught_up=caught_up,
        n_read_bytes=info.n_read_bytes if info else 0,
        n_bytes=info.n_bytes if info else 0,
        warnings=info.warnings if info else [],
    )
