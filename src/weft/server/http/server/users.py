"""Routes of users, their keys, and the key of the server's own user."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from weft.server.http.admission.identity import set_cookie
from weft.server.http.routing.routes import Answer, Routes
from weft.server.http.server.state import ServerState
from weft.server.services.access import SERVER, Action, Actor, require
from weft.server.services.opening import Services
from weft.wire.server.users import KeyChange, NewUser, ServerKey, UserAddition, UserList

routes = Routes("/api/v1", tag="users")


@routes.get("/users")
def list_users(services: Services, actor: Actor) -> UserList:
    """List all users, by name. Only administrators may."""
    return UserList(services.users.list(actor))


@routes.post("/users", status=201)
def add_user(new: UserAddition, services: Services, actor: Actor) -> NewUser:
    """Add a user, and return their key, which is never shown again. Only administrators may."""
    return services.users.add(actor, new.name, is_admin=new.is_admin, api_key=new.api_key)


@routes.delete("/users/{user}")
def remove_user(user: str, services: Services, actor: Actor) -> None:
    """Remove a user and their key; their projects stay. Only administrators may."""
    services.users.remove(actor, user)


@routes.put("/users/{user}/key")
def change_user_key(
    user: str,
    change: KeyChange,
    request: Request,
    state: ServerState,
    services: Services,
    actor: Actor,
) -> Answer[NewUser]:
    """Give a user another key, and return it; it is never shown again.

    You may change your own key; administrators may change any. The old key, browsers that are
    signed in with it and addresses that it signed stop working at once. The browser that asks for
    a new key of its own user stays signed in.
    """
    changed = services.users.change_key(actor, user, api_key=change.api_key)
    headers: dict[str, str] = {}
    if actor.user == user and "cookie" in request.headers:
        key_hash = services.users.key_hash(actor, user)
        answer = Response()
        cookie = state.credentials.cookie(user, key_hash or "")
        set_cookie(answer, request.scope, cookie, is_https=state.settings.is_https)
        headers["Set-Cookie"] = answer.headers["set-cookie"]
    return Answer(changed, headers)


@routes.get("/server/key")
async def get_server_key(state: ServerState, actor: Actor) -> ServerKey:
    """Return the key of the server's own user, for other machines. Only administrators may."""
    require(actor, Action.ADMIN, SERVER)
    return ServerKey(api_key=state.credentials.token)
