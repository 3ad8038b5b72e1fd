"""The module `wandb` of scripts that `weft run` starts: it is weft under that name.

This folder is on the path of such a script and of the processes it starts.
"""

import sys

import weft

for _name in ("data_types", "plot", "errors", "util"):
    sys.modules[f"wandb.{_name}"] = getattr(weft, _name)
# The import of `wandb` gives what stands here at its end.
sys.modules["wandb"] = weft
