"""Imports runs of W&B: from `.wandb` files, and from W&B servers.

`importing` reads files (`sources`, `chunks`, `protobuf`, `messages`, then `conversion`), `copying`
and `artifacts` a server (`wandb_server`). Both write run directories of weft (`run_log`), so
`weft.sync` sends them, and what a server has already is not sent again.
`docs/decisions/0039-import-of-wandb-runs.md`
"""

from weft.wandb_import.artifacts import ArtifactCopier, CopiedArtifacts
from weft.wandb_import.copying import copy_run
from weft.wandb_import.importing import ImportedRun, convert_log
from weft.wandb_import.sources import find_logs
from weft.wandb_import.wandb_server import WandbServer

__all__ = [
    "ArtifactCopier",
    "CopiedArtifacts",
    "ImportedRun",
    "WandbServer",
    "convert_log",
    "copy_run",
    "find_logs",
]
