"""W&B's classes of media and tables."""

from weft.data_types import *  # noqa: F403
