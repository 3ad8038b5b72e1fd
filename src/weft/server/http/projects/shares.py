"""Routes of a project's shares, for its members."""

from weft.server.http.routing.routes import Routes
from weft.server.services.sharing import SharingService
from weft.wire.projects import shares as endpoints

routes = Routes()

routes.bind(endpoints.list_shares, SharingService.list)
routes.bind(endpoints.create_share, SharingService.create, status=201)
routes.bind(endpoints.revoke_share, SharingService.revoke)
