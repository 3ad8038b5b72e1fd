"""An inner path to Histogram."""

from weft import Histogram as Histogram
