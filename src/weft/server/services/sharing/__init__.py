"""Shares parts of projects by links: `service` for members, `shared` for those who have a link.

`restriction` limits what a request may read to what is shared; `content` is the stored document.
"""

from weft.server.services.sharing.service import SharingService
from weft.server.services.sharing.shared import SharedService
