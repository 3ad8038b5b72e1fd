"""Charts to log."""

from weft.plot import *  # noqa: F403
