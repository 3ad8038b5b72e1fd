"""Routes of a project's shares, for its members."""

from __future__ import annotations

from weft.errors import ConfigError
from weft.server.http.routing.routes import Routes
from weft.server.http.server.state import ServerState
from weft.server.services.access import Actor, ProjectPath
from weft.server.services.sharing import SharingService
from weft.wire.projects import shares as endpoints
from weft.wire.projects.shares import Share, ShareCreate

routes = Routes()

routes.bind(endpoints.list_shares, SharingService.list)
routes.bind(endpoints.revoke_share, SharingService.revoke)


@routes.answers(endpoints.create_share, status=201)
def create_share(
    path: ProjectPath, new: ShareCreate, sharing: SharingService, state: ServerState, actor: Actor
) -> Share:
    if new.may_embed and not state.settings.embed_sites:
        sharing.check_may_share(actor, path)
        raise ConfigError(
            "this server lets no site show shares in frames: its administrator names those that "
            "may in `embed_sites`",
            field="may_embed",
        )
    return sharing.create(actor, path, new)
