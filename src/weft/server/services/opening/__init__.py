"""Opens a data directory and creates all services on it."""

from weft.server.services.opening.following import FollowingService
from weft.server.services.opening.services import Services, open_services

__all__ = ["FollowingService", "Services", "open_services"]
