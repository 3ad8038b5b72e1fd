"""The start of runs."""

from weft.sdk.current import attach as attach
from weft.sdk.init import init as init
