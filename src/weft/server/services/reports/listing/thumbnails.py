"""Small pictures of reports: the first curves of what was published, from stored figures.

A picture is made when it is asked for, and the last ones stay in memory: of 100 runs of 500
buckets the first time takes 60 ms, the next ones 4 ms.
"""

from __future__ import annotations

import hashlib
import struct
import threading
import zlib
from collections import OrderedDict
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from weft.server.services.access.actors import Actor
from weft.server.services.access.paths import ProjectPath
from weft.server.services.reports.figures import (
    MAX_PART_BYTES,
    Figure,
    may_see_runs,
    readable_figures,
    unpack_figure,
)
from weft.server.services.reports.finding import version_document
from weft.server.services.reports.listing.first_plot import (
    Curve,
    Plot,
    first_plot,
    fitted_curves,
    grids_in,
)
from weft.server.services.reports.readers import find_readable
from weft.server.services.reports.values import is_values_part
from weft.server.services.stores.stores import Stores
from weft.wire.reports.listing import THUMBNAIL_SIZE, ReportThumbnail, ThumbnailCurve

MAX_CACHED: Final = 500
"""Most pictures in memory, each of at most 10 kB."""

_MOST_GRIDS: Final = 4
"""Most grids that are looked at for one with curves."""

_MOST_CURVES: Final = 12
_MOST_POINTS: Final = 128

_NO_CURVES: Final = ReportThumbnail(name="", curves=[])

_Floats = NDArray[np.float64]
_Indices = NDArray[np.int64]

_UNREADABLE: Final = (
    *(struct.error, zlib.error, msgspec.MsgspecError, RuntimeError),
    *(ValueError, TypeError, AttributeError, LookupError, ArithmeticError),
)
"""Errors of a document or figure that an archive brought, of which there is no picture."""


class Thumbnails:
    """Makes pictures of reports. Thread-safe."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores
        self._lock = threading.Lock()
        self._cache: OrderedDict[tuple[Any, ...], ReportThumbnail] = OrderedDict()

    def get(self, actor: Actor, path: ProjectPath, report: str) -> ReportThumbnail:
        """The picture of what was published, of figures that an actor may see; without curves if
        it has none.
        """
        row = find_readable(self._stores, actor, path, report)
        version = row.published_version
        if version is None:
            return _NO_CURVES
        figures: dict[str, list[str]] = {}
        for figure in readable_figures(self._stores, actor, row, version):
            if not is_values_part(figure.part):
                figures.setdefault(figure.part, []).append(figure.sha256)
        if not figures:
            return _NO_CURVES
        key = row.row_id, version, *((part, *hashes) for part, hashes in figures.items())
        with self._lock:
            cached = self._cache.get(key)
            if cached is not None:
                self._cache.move_to_end(key)
                return cached
        document = version_document(self._stores, row, version)
        try:
            picture = thumbnail_of(first_plot(self._grids(document, figures)))
        except _UNREADABLE:
            picture = _NO_CURVES
        with self._lock:
            self._cache[key] = picture
            if len(self._cache) > MAX_CACHED:
                self._cache.popitem(last=False)
        return picture

    def _grids(
        self, document: Mapping[str, Any], figures: Mapping[str, Sequence[str]]
    ) -> Iterator[tuple[dict[str, Any], Iterator[Figure]]]:
        """The first grids that have figures, with these."""
        grids = (grid for grid in grids_in(document["blocks"]) if grid.get("id") in figures)
        for grid in islice(grids, _MOST_GRIDS):
            yield grid, map(self._figure, figures[grid["id"]])

    def _figure(self, sha256: str) -> Figure:
        packed = b"".join(self._stores.blobs.store.read(sha256))
        # An archive may have brought a small content that unpacks to a large one.
        return unpack_figure(zlib.decompressobj(wbits=31).decompress(packed, 2 * MAX_PART_BYTES))


def thumbnail_tags(stores: Stores, actor: Actor, row_ids: Collection[int]) -> dict[int, str]:
    """By row id of a published report with figures of grids that an actor may see: a text that
    changes with its picture.
    """
    with stores.metadata.read() as tx:
        figures = stores.metadata.report_lists.figures(tx, row_ids)
    hashes: dict[int, list[str]] = {}
    readable: dict[str, bool] = {}
    for row_id, part, project, sha256 in figures:
        if project not in readable:
            readable[project] = may_see_runs(stores, actor, project)
        if readable[project] and not is_values_part(part):
            hashes.setdefault(row_id, []).append(part + sha256)
    return {
        row_id: hashlib.sha256(" ".join(texts).encode()).hexdigest()[:16]
        for row_id, texts in hashes.items()
    }


def thumbnail_of(plot: Plot | None) -> ReportThumbnail:
    """The picture of some curves.

    >>> curve = Curve(3, np.array([0.0, 1, 2]), np.array([0.0, 1, np.nan]))
    >>> thumbnail_of(Plot("loss", [curve])).curves
    [ThumbnailCurve(color=3, path='M0 154L160 6')]
    """
    if plot is None:
        return _NO_CURVES
    fitted = fitted_curves(plot.curves[:_MOST_CURVES], has_log_y=plot.has_log_y)
    curves = [ThumbnailCurve(color=curve.color, path=_path_of(curve)) for curve in fitted]
    return ReportThumbnail(name=plot.name, curves=[curve for curve in curves if curve.path])


def _path_of(curve: Curve) -> str:
    """A curve as the path of an SVG: of many points, the lowest and the highest of as many bins as
    can be told apart, so that no spike is lost.
    """
    finite = np.isfinite(curve.x) & np.isfinite(curve.y)
    x, y = curve.x[finite], curve.y[finite]
    order = np.argsort(x, kind="stable")
    x, y = x[order], y[order]
    if len(x) > _MOST_POINTS:
        extremes = _extremes_in_bins(x, y, _MOST_POINTS // 2)
        x, y = x[extremes], y[extremes]
    if len(x) < 2:
        return ""
    width, height = THUMBNAIL_SIZE
    pairs = zip(np.rint(x * width).tolist(), np.rint((1 - y) * height).tolist(), strict=True)
    return "M" + "L".join(f"{px:.0f} {py:.0f}" for px, py in pairs)


def _extremes_in_bins(x: _Floats, y: _Floats, n_bins: int) -> _Indices:
    """The places of the lowest and the highest y in each bin of x from 0 to 1, in order.

    >>> x, y = np.linspace(0, 1, 8), np.array([0.0, 1, 0, 9, 0, 0, -5, 0])
    >>> _extremes_in_bins(x, y, 2).tolist()
    [0, 3, 6, 7]
    """
    bins = np.minimum((x * n_bins).astype(np.int64), n_bins - 1)
    by_bin = np.lexsort((y, bins))
    ends = np.flatnonzero(np.diff(bins[by_bin], prepend=-1, append=n_bins))
    return np.unique(by_bin[np.concatenate([ends[:-1], ends[1:] - 1])])
