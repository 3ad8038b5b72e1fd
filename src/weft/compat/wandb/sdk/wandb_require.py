"""Optional features."""

from weft.sdk.wandb_calls import require as require
