"""The requests of a run, turned into its records, rows, console lines and files.

`memory` is the state that the gateway stores with a run. `starting` turns UpsertBucket into
records, `streaming` the parts of a file stream, and `config` translates a config.
`late_additions` adds charts and names of classes to rows that came before their config.
`history_files` makes files of the rows of ended runs.
"""

from weft.wandb_gateway.runs.history_files import HistoryFiles
from weft.wandb_gateway.runs.starting import RunInput, RunStarts
from weft.wandb_gateway.runs.streaming import FileStreams
