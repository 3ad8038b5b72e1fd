"""Runs: read, edit, continue, and bulk actions.

`service` reads and edits one run, `continuation` tells a script where it resumes, `bulk` applies
an action to many runs, `sizes` reports their size on disk.
"""

from weft.server.services.runs.continuation import ContinuationService
from weft.server.services.runs.service import RunService
from weft.server.services.runs.sizes import SizeService

__all__ = ["ContinuationService", "RunService", "SizeService"]
