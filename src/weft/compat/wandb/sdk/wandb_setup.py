"""The process's part of W&B."""

from weft.sdk.current import setup as setup
from weft.sdk.current import teardown as teardown
