"""Decoded uploads become metadata, points and live events.

`service` applies uploads in steps, several at once; `upload` is what it is given, `work` an upload
on its way, `effects` what a record does to metadata, `new_runs` how a run begins, and `pace` how
often writers may upload. Decision 0003 lists every kill point.
"""

from weft.server.services.ingest.service import IngestService
from weft.server.services.ingest.upload import Segment, Upload

__all__ = ["IngestService", "Segment", "Upload"]
