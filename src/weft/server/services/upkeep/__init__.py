"""Care for a whole server: free what nothing needs, check every byte, back up, restore.

`service` is what `http.upkeep` and `weft server gc|check|backup` ask; each work is a module.
"""

from weft.server.services.upkeep.progress import Progress
from weft.server.services.upkeep.restore import restore_backup
from weft.server.services.upkeep.service import UpkeepService

__all__ = ["Progress", "UpkeepService", "restore_backup"]
