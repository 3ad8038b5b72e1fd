"""Who asks for what, whether they may, and whether they still wait for the answer."""

from weft.server.services.access.actors import LOCAL, SYSTEM, Actor
from weft.server.services.access.cancellation import Cancellation, Cancelled
from weft.server.services.access.paths import ProjectPath, RunPath
from weft.server.services.access.permissions import SERVER, Action, require

__all__ = [
    "LOCAL",
    "SERVER",
    "SYSTEM",
    "Action",
    "Actor",
    "Cancellation",
    "Cancelled",
    "ProjectPath",
    "RunPath",
    "require",
]
