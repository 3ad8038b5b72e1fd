"""Opens a data directory and creates all services on it."""

from weft.server.services.opening.equal_settings import (
    SETTINGS_NOTE,
    find_difference,
    note_settings,
)
from weft.server.services.opening.following import FollowingService
from weft.server.services.opening.services import Services, open_services
