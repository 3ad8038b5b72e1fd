"""Console output of runs: `service` reads and searches it, `order` merges several streams."""

from weft.server.services.logs.service import LogService
from weft.server.services.logs.streams import StreamSelection
