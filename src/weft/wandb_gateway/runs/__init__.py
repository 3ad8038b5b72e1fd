"""What becomes of a run's requests: its records, rows, console lines and files.

`memory` is what the gateway remembers of a run, `starting` turns UpsertBucket into records,
`streaming` the parts of a file stream, and `config` and `definitions` translate their contents.
"""

from weft.wandb_gateway.runs.starting import RunInput, RunStarts
from weft.wandb_gateway.runs.streaming import FileStreams, StreamAnswer, StreamPart

__all__ = ["FileStreams", "RunInput", "RunStarts", "StreamAnswer", "StreamPart"]
