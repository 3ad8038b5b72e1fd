"""Runs: read, edit, continue, and bulk actions.

`service` reads (`run_infos`) and edits (`editing`) one run, `continuation` tells a script where it
resumes, `stopping` asks one to stop. `bulk` applies an action to many runs, which `reversing`
undoes; `sizes` reports their size on disk.
"""

from weft.server.services.runs.continuation import ContinuationService
from weft.server.services.runs.service import RunService
from weft.server.services.runs.sizes import SizeService
