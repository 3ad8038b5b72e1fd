"""Imports runs of W&B: from `.wandb` files on disk.

`importing` is the way in. Files become run directories of weft, so `weft.sync` sends them, and
what a server has already is not sent again. `docs/decisions/0039-import-of-wandb-runs.md`
"""

from weft.wandb_import.importing import ImportedRun, convert_log
from weft.wandb_import.sources import find_logs

__all__ = ["ImportedRun", "convert_log", "find_logs"]
