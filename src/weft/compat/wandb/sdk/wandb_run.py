"""The class of runs."""

from weft.sdk.current import finish as finish
from weft.sdk.restore import restore as restore
from weft.sdk.run import Run as Run
