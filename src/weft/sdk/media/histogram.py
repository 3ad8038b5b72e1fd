"""Histograms that a script makes itself. They stand in the row; there is no file. No I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, ClassVar, Final

from weft.libraries.optional import need
from weft.sdk.media.media import Media, Payload
from weft.sdk.values.arrays import numbers_in, numpy_of
from weft.sdk.values.histogram import histogram_of

MAX_BINS: Final = 512


class Histogram(Media):
    """A histogram to log.

    Args:
        sequence: the numbers to count: a list, or an array or tensor of any shape. Nonfinite
            numbers are counted separately.
        np_histogram: counts and edges instead, as `numpy.histogram` returns them.
        num_bins: the number of bins, at most 512; or edges, or a name of a rule, as
            `numpy.histogram` takes them.

    Attributes:
        histogram: the count of numbers in each bin.
        bins: the edges of the bins, one more than there are bins.

    Raises:
        ValueError: there are more than 512 bins, or the counts do not fit the edges.
        TypeError: the sequence holds other values than numbers.

    >>> histogram = Histogram([1, 2, 3], num_bins=2)
    >>> histogram.histogram, histogram.bins
    ([1, 2], [1.0, 2.0, 3.0])
    """

    _log_type: ClassVar[str] = "histogram"
    MAX_LENGTH: ClassVar[int] = MAX_BINS

    def __init__(
        self,
        sequence: Any = None,
        np_histogram: Sequence[Any] | None = None,
        num_bins: Any = 64,
    ) -> None:
        super().__init__()
        self._counts: dict[str, Any] = {}
        if np_histogram is not None:
            if len(np_histogram) != 2:
                raise ValueError("np_histogram must be a pair: counts and edges")
            counts, edges = (numpy_of(_array(values)).tolist() for values in np_histogram)
        elif sequence is not None:
            self._counts = _count(sequence, num_bins)
            counts, edges = self._counts["values"], self._counts["bins"]
        else:
            raise TypeError("Histogram takes a sequence of numbers, or np_histogram")
        if len(counts) > MAX_BINS:
            raise ValueError(f"a histogram has at most {MAX_BINS} bins, not {len(counts)}")
        if len(edges) != len(counts) + 1:
            raise ValueError(
                f"a histogram of {len(counts)} bins has {len(counts) + 1} edges, not {len(edges)}"
            )
        if any(low > high for low, high in pairwise(edges)):
            raise ValueError("the edges of a histogram must ascend")
        self.histogram: list[Any] = counts
        self.bins: list[float] = edges

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Histogram) and self.reference({}) == other.reference({})

    __hash__ = Media.__hash__

    def payloads(self) -> dict[str, Payload]:
        """Return nothing: a histogram has no file."""
        return {}

    def reference(self, paths: Mapping[str, str]) -> dict[str, Any]:
        """Return the histogram itself."""
        del paths
        return {
            **self._counts,
            "_type": self._log_type,
            "values": self.histogram,
            "bins": self.bins,
        }


def _count(sequence: Any, num_bins: Any) -> dict[str, Any]:
    need("numpy", "a histogram")
    import numpy as np

    array = _array(sequence)
    if not array.size:
        array = np.array([np.nan])  # as for numpy: no counts, from 0 to 1
    numbers = numbers_in(array)
    if numbers is None:
        raise TypeError("a histogram counts numbers")
    if isinstance(num_bins, int):
        if num_bins < 1:
            raise ValueError(f"num_bins must be at least 1, not {num_bins}")
        counts = histogram_of(numbers, min(num_bins, MAX_BINS + 1))
    else:
        values, edges = np.histogram(numbers[np.isfinite(numbers)], bins=num_bins)
        counts = {"values": values.tolist(), "bins": edges.astype(np.float64).tolist()}
    if not _array(sequence).size:
        counts.pop("nan", None)
    return counts


def _array(values: Any) -> Any:
    need("numpy", "a histogram")
    import numpy as np

    return numpy_of(values) if hasattr(values, "shape") else np.asarray(values)
