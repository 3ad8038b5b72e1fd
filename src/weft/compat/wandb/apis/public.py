"""The classes of `wandb.Api`."""

from weft.apis.public import *  # noqa: F403
