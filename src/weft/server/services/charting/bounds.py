"""Y axis bounds, so that outliers do not flatten the rest of a chart. Pure.

The bounds are two percentiles of the finite values that are drawn (linear between neighbours,
definition 7 of Hyndman and Fan, 1996). Each bucket of a series counts with its minimum and its
maximum, each bucket of a grouped curve with the edges of its band, or with its center where it has
no band. So a spike, however high, is one value among many, and noise that fills every bucket is
not taken for outliers, as it would be if bucket means were counted.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from weft.server.services.charting.answers import Drawn
from weft.server.storage.contract import Float64
from weft.wire.metrics.charts import Bounds


def find_bounds(drawn: Sequence[Drawn], fractions: Bounds) -> tuple[float, float] | None:
    """The bounds of a panel; None if nothing finite is drawn."""
    edges = [edge for curve in drawn for edge in _edges(curve)]
    if not edges:
        return None
    values = np.concatenate(edges)
    values = np.sort(values[np.isfinite(values)])
    if not len(values):
        return None
    return _quantile(values, fractions.lo), _quantile(values, fractions.hi)


def _edges(curve: Drawn) -> tuple[Float64, Float64]:
    series, band = curve.series, curve.band
    if band is None:
        return series.minimum, series.maximum
    return (
        np.where(np.isnan(band.low), series.mean, band.low),
        np.where(np.isnan(band.high), series.mean, band.high),
    )


def _quantile(ordered: Float64, q: float) -> float:
    position = q * (len(ordered) - 1)
    lower = int(position)
    low, high = float(ordered[lower]), float(ordered[min(lower + 1, len(ordered) - 1)])
    between = position - lower
    return low if low == high else low * (1 - between) + high * between
