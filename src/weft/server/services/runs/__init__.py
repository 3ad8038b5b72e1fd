"""One run or several: read, edit, continue, and edit in bulk.

`service` reads and edits one run, `continuation` tells a script where it resumes, `bulk` applies
an action to many runs, `sizes` tells what they take on disk.
"""

from weft.server.services.runs.bulk import BulkService
from weft.server.services.runs.continuation import ContinuationService
from weft.server.services.runs.service import RunService
from weft.server.services.runs.sizes import SizeService

__all__ = ["BulkService", "ContinuationService", "RunService", "SizeService"]
