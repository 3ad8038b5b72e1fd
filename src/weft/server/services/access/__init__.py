"""Actors, their roles and permissions, paths of projects and runs, and cancellation of requests.

`directory` holds users, teams, roles and visibility in memory; `permissions.require` is the only
judge over them.
"""

from weft.server.services.access.actors import ANYONE, LOCAL, SYSTEM, Actor, SeenAs
from weft.server.services.access.cancellation import Cancellation, Cancelled
from weft.server.services.access.paths import (
    EntityPath,
    ProjectPath,
    RegistryPath,
    RunPath,
    SharedLink,
)
from weft.server.services.access.permissions import SERVER, Action, may, oneself, require
from weft.server.services.access.roles import Role
