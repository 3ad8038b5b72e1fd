"""Reading runs back."""

from wandb.apis.internal import Api as InternalApi
from wandb.apis.public import Api
from wandb.apis.public import Api as PublicApi

__all__ = ["Api", "InternalApi", "PublicApi"]
