"""Turns decoded uploads into metadata, points and live events.

`service` applies uploads in steps, several at once; `upload` defines its input, `work` an upload
in progress, `effects` applies records to metadata, `new_runs` creates runs, and `pace` limits
the rate of uploads. Decision 0003 lists every kill point.
"""

from weft.server.services.ingest.service import IngestService
from weft.server.services.ingest.upload import Segment, Upload

__all__ = ["IngestService", "Segment", "Upload"]
