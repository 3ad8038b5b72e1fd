"""The state of a page by its pixels, so that no page can report itself faster than it is."""

from __future__ import annotations

import io
import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Page

COLOURED = 60
"""The distance of the parts of a colour that is not the grey of axes and grid."""

LEAST_COLOURED = 500
"""Coloured pixels of a chart that has curves."""

STILL_SECS = 3.0
DRAWN_SECS = 120.0


@dataclass(frozen=True)
class Charts:
    """The selectors of a page's charts.

    Attributes:
        boxes: JavaScript that gives `[left, top, right, bottom]` of each chart in view, px.
        n_charts: how many there must be.
    """

    boxes: str
    n_charts: int


def secs_until_drawn(page: Page, charts: Charts, begin: float) -> float:
    """Seconds from `begin` until every chart in view has its final picture.

    Pictures of the whole page are taken one after the other. The time is that of the first one
    after which nothing coloured in the charts changed for `STILL_SECS`.
    """
    before: list[NDArray[np.bool_]] = []
    changed = 0.0
    while (took := time.perf_counter() - begin) < DRAWN_SECS:
        boxes: list[list[int]] = page.evaluate(charts.boxes)
        seen = np.asarray(Image.open(io.BytesIO(page.screenshot())).convert("RGB"), np.int16)
        took = time.perf_counter() - begin
        coloured = seen.max(axis=2) - seen.min(axis=2) > COLOURED
        now = [coloured[top:bottom, left:right] for left, top, right, bottom in boxes]
        if not changed or not _same(before, now):
            before, changed = now, took
        whole = len(now) == charts.n_charts and all(
            np.count_nonzero(chart) > LEAST_COLOURED for chart in now
        )
        if whole and took - changed > STILL_SECS:
            return changed
    raise SystemExit(f"the page did not draw its {charts.n_charts} charts in {DRAWN_SECS:.0f} s")


def _same(before: list[NDArray[np.bool_]], now: list[NDArray[np.bool_]]) -> bool:
    return len(before) == len(now) and all(map(np.array_equal, before, now))
