"""Maintenance of a whole server: free unused data, check every byte, back up, restore.

`http.server.upkeep` and `weft server gc|check|backup` call `service`; each task has its own
module. `restore_backup` and `move_files` work on a data directory that no server uses.
"""

from weft.server.services.upkeep.moving_files import move_files
from weft.server.services.upkeep.progress import Progress
from weft.server.services.upkeep.restore import restore_backup
