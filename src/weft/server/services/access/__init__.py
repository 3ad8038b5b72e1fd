"""Actors, their permissions, project and run paths, and cancellation of requests."""

from weft.server.services.access.actors import LOCAL, SOMEONE, SYSTEM, Actor
from weft.server.services.access.cancellation import Cancellation, Cancelled
from weft.server.services.access.paths import ProjectPath, RegistryPath, RunPath, holder_of
from weft.server.services.access.permissions import SERVER, Action, may_act_for, require

__all__ = [
    "LOCAL",
    "SERVER",
    "SOMEONE",
    "SYSTEM",
    "Action",
    "Actor",
    "Cancellation",
    "Cancelled",
    "ProjectPath",
    "RegistryPath",
    "RunPath",
    "holder_of",
    "may_act_for",
    "require",
]
