"""Turns decoded uploads into metadata, points and live events.

`service` applies uploads in steps, several at once; `upload` defines its input, `work` an upload
in progress, `effects` what a record does to metadata, `new_runs` how runs are created, and `pace`
how often writers may upload. Decision 0003 lists every kill point.
"""

from weft.server.services.ingest.service import IngestService
from weft.server.services.ingest.upload import Segment, Upload

__all__ = ["IngestService", "Segment", "Upload"]
