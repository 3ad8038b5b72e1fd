"""An inner path to Bokeh."""

from weft.data_types import Bokeh as Bokeh
