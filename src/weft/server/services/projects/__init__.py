"""Projects, and the saved views in them."""

from weft.server.services.projects.service import ProjectService
from weft.server.services.projects.views import ViewService

__all__ = ["ProjectService", "ViewService"]
