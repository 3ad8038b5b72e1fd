"""Reports in scripts: builds them of blocks and panels, loads, changes and saves them.

`weft.reports` offers what is here, under the names of W&B's `wandb_workspaces.reports.v2`.
Receives objects of the user, calls `weft.client`; `weft.wire.reports` describes the JSON.
"""
