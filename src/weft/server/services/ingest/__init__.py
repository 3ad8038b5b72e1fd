"""Turns decoded uploads into metadata, points and live events.

`upload` is the input of `service`, which applies uploads in steps, several at once: received; then
placed, when `placing` has put all but rows into metadata (`new_runs` creates runs, `effects`
applies records); then applied, when `appending` has put rows into the metric store. `steps` has
what one step hands to the next, `pace` limits the rate. Decision 0003 lists every kill point.
"""

from weft.server.services.ingest.service import IngestService
from weft.server.services.ingest.steps import Failures, SentStream, SentUpload
from weft.server.services.ingest.upload import Segment, Upload
