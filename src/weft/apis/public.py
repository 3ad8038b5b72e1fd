"""The classes of `weft.Api` under W&B's names, for type annotations in scripts.

`wandb.apis.public.Run` is `weft.apis.public.Run` after `import weft as wandb`.
"""

from __future__ import annotations

from weft.sdk.reading.api import Api as Api
from weft.sdk.reading.rows.scan import HistoryScan as HistoryScan
from weft.sdk.reading.stored.files import StoredFile as File
from weft.sdk.reading.stored.files import StoredFiles as Files
from weft.sdk.reading.stored.media import StoredMedia as Media
from weft.sdk.reading.stored.processes import DownloadHistoryResult as DownloadHistoryResult
from weft.sdk.reading.stored.projects import StoredProject as Project
from weft.sdk.reading.stored.projects import StoredProjects as Projects
from weft.sdk.reading.stored.run import StoredRun as Run
from weft.sdk.reading.stored.runs import StoredRuns as Runs
from weft.sdk.reading.stored.user import User as User

__all__ = [
    "Api",
    "DownloadHistoryResult",
    "File",
    "Files",
    "HistoryScan",
    "Media",
    "Project",
    "Projects",
    "Run",
    "Runs",
    "User",
]
