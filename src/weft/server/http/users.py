"""Routes of users, their keys, and the key of the server's own user."""

from __future__ import annotations

from weft.server.http.routing.routes import Routes
from weft.server.http.state import ServerState
from weft.server.services.access import SERVER, Action, Actor, require
from weft.server.services.opening import Services
from weft.wire.users import NewUser, ServerKey, UserAddition, UserList

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


@routes.get("/server/key")
async def get_server_key(state: ServerState, actor: Actor) -> ServerKey:
    """Return the key of the server's own user, for other machines. Only administrators may."""
    require(actor, Action.ADMIN, SERVER)
    return ServerKey(api_key=state.credentials.token)
