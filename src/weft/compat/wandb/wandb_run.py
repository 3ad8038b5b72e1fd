"""An older path to the class of runs."""

from weft.sdk.run import Run as Run
