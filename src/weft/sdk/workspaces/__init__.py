"""Saved views of workspaces in scripts: builds them of sections and panels, loads, changes and
saves them.

`weft.workspaces` offers what is here, under the names of W&B's `wandb_workspaces.workspaces`.
Receives objects of the user, calls `weft.client`; panels are those of `weft.sdk.reports`.
"""
