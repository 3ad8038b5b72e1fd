"""Charts to log."""

from weft.plot import *  # noqa: F403
from weft.sdk.plot.charts import plot_table as plot_table
from weft.sdk.plot.charts import visualize as visualize
