"""Projects, who may see them, and the saved views in them."""

from weft.server.services.projects.access import AccessService
from weft.server.services.projects.service import ProjectService

__all__ = ["AccessService", "ProjectService"]
