"""Answers chart queries, panel by panel.

`service` takes a panel's query (`panel_queries` parses it), `panel_runs` finds its runs, `drawing`
reads series and points from the metric store and computes the curves, with `expressions`,
`grouped` and `levels`. `bounds` and `reasons` are sent with them. `histograms` answers panels of
arrays, `run_events` has the alerts and gaps that are marked on charts.
"""

from weft.server.services.charting.answers import Drawn, PanelAnswer, empty_series
from weft.server.services.charting.service import PanelAnswers
