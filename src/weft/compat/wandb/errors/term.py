"""Lines for the terminal."""

from weft.sdk.wandb_calls import termerror as termerror
from weft.sdk.wandb_calls import termlog as termlog
from weft.sdk.wandb_calls import termwarn as termwarn
