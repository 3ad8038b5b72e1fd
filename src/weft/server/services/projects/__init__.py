"""Projects, and the saved views in them."""

from weft.server.services.projects.service import ProjectService

__all__ = ["ProjectService"]
