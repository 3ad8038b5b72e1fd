"""Routes of users, their keys, and the key of the server's own user."""

from __future__ import annotations

from starlette.requests import Request

from weft.server.http.routing.routes import Answer, Routes
from weft.server.http.server.accounts import stay_signed_in
from weft.server.http.server.state import ServerState
from weft.server.services.access import SERVER, Action, Actor, require
from weft.server.services.opening import Services
from weft.server.services.users import UserService
from weft.wire.server import users as endpoints
from weft.wire.server.users import KeyChange, NewUser, ServerKey, UserAddition

routes = Routes()


routes.bind(endpoints.list_users, UserService.list)
routes.bind(endpoints.match_users, UserService.match)


@routes.answers(endpoints.add_user, status=201)
def add_user(new: UserAddition, services: Services, actor: Actor) -> NewUser:
    return services.users.add_user(
        actor, new.name, is_admin=new.is_admin, api_key=new.api_key, take_over=new.take_over
    )


routes.bind(endpoints.remove_user, UserService.remove)


@routes.answers(endpoints.change_user_key)
def change_user_key(
    user: str,
    change: KeyChange,
    request: Request,
    state: ServerState,
    services: Services,
    actor: Actor,
) -> Answer[NewUser]:
    changed = services.users.change_key(actor, user, api_key=change.api_key)
    headers = stay_signed_in(request, state, services) if actor.user == user else {}
    return Answer(changed, headers)


@routes.answers(endpoints.get_server_key)
async def get_server_key(state: ServerState, actor: Actor) -> ServerKey:
    require(actor, Action.ADMIN, SERVER)
    return ServerKey(api_key=state.credentials.token)
