"""Random ids of runs."""

from weft.sdk.wandb_calls import generate_id as generate_id
