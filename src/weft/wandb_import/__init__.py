"""Imports runs of W&B: from `.wandb` files, and from W&B servers.

`importing` reads files (`sources`, `chunks`, `messages`, then `conversion`), `copying`
and `artifacts` a server (`wandb_server`). Both write run directories of weft (`run_log`), so
`weft.sync` sends them, and what a server has already is not sent again. The second way needs
httpx, so this package exports only the first.
`docs/decisions/0039-import-of-wandb-runs.md`
"""

from weft.wandb_import.importing import ImportedRun, convert_log
from weft.wandb_import.sources import find_logs
