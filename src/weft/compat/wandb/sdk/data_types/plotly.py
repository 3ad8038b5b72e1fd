"""An inner path to Plotly."""

from weft import Plotly as Plotly
