"""The class of configs."""

from weft.sdk.dicts.config import Config as Config
