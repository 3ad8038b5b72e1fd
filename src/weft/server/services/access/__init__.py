"""Actors, their permissions, project and run paths, and cancellation of requests."""

from weft.server.services.access.actors import LOCAL, SYSTEM, Actor
from weft.server.services.access.cancellation import Cancellation, Cancelled
from weft.server.services.access.paths import ProjectPath, RegistryPath, RunPath
from weft.server.services.access.permissions import SERVER, Action, may_act_for, require

__all__ = [
    "LOCAL",
    "SERVER",
    "SYSTEM",
    "Action",
    "Actor",
    "Cancellation",
    "Cancelled",
    "ProjectPath",
    "RegistryPath",
    "RunPath",
    "may_act_for",
    "require",
]
