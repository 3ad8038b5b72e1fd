"""Media in the rows of runs, and the files that hold them: `values` reads what a script logged,
`files` describes the files, and `service` lists the media of runs at a step.
"""

from weft.server.services.media.files import media_item, paths_of
from weft.server.services.media.service import MediaService
from weft.server.services.media.values import Item, items_of
