"""The classes of `weft.Api` under W&B's names, for type annotations in scripts.

`wandb.apis.public.Run` is `weft.apis.public.Run` after `import weft as wandb`.
"""

from weft.errors import NoSuchRun as RunNotFoundError
from weft.sdk.artifacts.files.file_list import FilesOfArtifact as ArtifactFiles
from weft.sdk.reading.api import Api as Api
from weft.sdk.reading.rows.scan import HistoryScan as HistoryScan
from weft.sdk.reading.stored.collections import StoredArtifactType as ArtifactType
from weft.sdk.reading.stored.collections import StoredCollection as ArtifactCollection
from weft.sdk.reading.stored.files import StoredFile as File
from weft.sdk.reading.stored.files import StoredFiles as Files
from weft.sdk.reading.stored.media import StoredMedia as Media
from weft.sdk.reading.stored.processes import DownloadHistoryResult as DownloadHistoryResult
from weft.sdk.reading.stored.projects import StoredProject as Project
from weft.sdk.reading.stored.projects import StoredProjects as Projects
from weft.sdk.reading.stored.registries import Registry as Registry
from weft.sdk.reading.stored.run import StoredRun as Run
from weft.sdk.reading.stored.runs import StoredRuns as Runs
from weft.sdk.reading.stored.sweeps import StoredSweep as Sweep
from weft.sdk.reading.stored.sweeps import StoredSweeps as Sweeps
from weft.sdk.reading.stored.teams import Member as Member
from weft.sdk.reading.stored.teams import StoredTeam as Team
from weft.sdk.reading.stored.user import User as User

__all__ = [
    "Api",
    "ArtifactCollection",
    "ArtifactFiles",
    "ArtifactType",
    "DownloadHistoryResult",
    "File",
    "Files",
    "HistoryScan",
    "Media",
    "Member",
    "Project",
    "Projects",
    "Registry",
    "Run",
    "RunNotFoundError",
    "Runs",
    "Sweep",
    "Sweeps",
    "Team",
    "User",
]
