"""Projects, who may see them, the saved views in them, and what people did there."""

from weft.server.services.projects.access import AccessService
from weft.server.services.projects.activity import ActivityService
from weft.server.services.projects.moves import MoveService
from weft.server.services.projects.service import ProjectService
