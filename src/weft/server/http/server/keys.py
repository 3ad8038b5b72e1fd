"""Routes of API keys and of service accounts."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from weft.server.http.routing.routes import Routes
from weft.server.http.server.accounts import stay_signed_in
from weft.server.http.server.state import ServerState
from weft.server.services.access import Actor
from weft.server.services.opening import Services
from weft.server.services.users import KeyService, ServiceAccountService
from weft.wire.server import keys as endpoints
from weft.wire.server.keys import KeyAddition, KeyList, NewKey, ServiceAccountList

routes = Routes()


@routes.answers(endpoints.list_keys)
def list_keys(services: Services, actor: Actor, *, user: str | None = None) -> KeyList:
    return KeyList(services.keys.list(actor, user))


@routes.answers(endpoints.create_key, status=201)
def create_key(
    new: KeyAddition, services: Services, actor: Actor, *, user: str | None = None
) -> NewKey:
    return services.keys.create(actor, new, user)


routes.bind(endpoints.edit_key, KeyService.edit)


@routes.answers(endpoints.revoke_key)
def revoke_key(
    key_id: int, request: Request, state: ServerState, services: Services, actor: Actor
) -> Response:
    services.keys.revoke(actor, key_id)
    return Response(status_code=204, headers=stay_signed_in(request, state, services))


@routes.answers(endpoints.list_service_accounts)
def list_service_accounts(team: str, services: Services, actor: Actor) -> ServiceAccountList:
    return ServiceAccountList(services.service_accounts.list(actor, team))


routes.bind(endpoints.add_service_account, ServiceAccountService.add_service_account, status=201)
routes.bind(endpoints.remove_service_account, ServiceAccountService.remove)
