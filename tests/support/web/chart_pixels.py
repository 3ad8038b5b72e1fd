"""Charts read from screenshots and compared with the values of their data.

    chart = LineChart(plot(page, "loss"), surface_color(page, "light"), x=(0, 100), y=(0, 1))
    wait_for(lambda: chart.picture().curve_faults(blue, {25.0: 0.5}), [])

A view sets the ends of both axes, so the pixel of a value follows from the plot's size and its
margins. Nothing depends on fonts.
"""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageColor
from playwright.sync_api import Locator, Page, expect

from web_pages import Theme

Rgb = npt.NDArray[np.float64]
Shares = npt.NDArray[np.float64]

Ranges = tuple[tuple[float, float], ...]

LEFT, RIGHT, TOP, BOTTOM = 44, 20, 8, 22
"""Margins of a plot, px: see `web/src/charts/axis/scale.ts`."""

SLACK = 2
"""Places may differ by this much, px: an element starts between two pixels, and edges are soft."""

FAR_FROM_COLOR = 48.0
"""A pixel this far from every mix of two colours is not one of their mixes."""


def color_token(page: Page, name: str) -> Rgb:
    """A colour of the theme, such as `surface` or `run-3`."""
    read = "name => getComputedStyle(document.documentElement).getPropertyValue(name).trim()"
    return np.array(ImageColor.getrgb(str(page.evaluate(read, f"--w-{name}"))), float)


def surface_color(page: Page, theme: Theme) -> Rgb:
    """The color behind the charts; the page has the theme that the test asked for."""
    expect(page.locator("html")).to_have_attribute("data-theme", theme)
    surface = color_token(page, "surface")
    assert (surface.mean() > 128) == (theme == "light")
    return surface


def number_token(page: Page, name: str) -> float:
    """A number of the theme, such as `band`."""
    read = "name => getComputedStyle(document.documentElement).getPropertyValue(name)"
    return float(page.evaluate(read, f"--w-{name}"))


def css_color(element: Locator, property_: str = "color") -> Rgb:
    """The colour that an element has on the page."""
    text = str(element.evaluate("(e, name) => getComputedStyle(e)[name]", property_))
    return np.array([float(part) for part in text[4:-1].split(",")])


def screenshot(element: Locator) -> Rgb:
    """The pixels of an element as a person sees them: rows, columns, red green blue."""
    return np.asarray(Image.open(io.BytesIO(element.screenshot())).convert("RGB"), float)


def shares(pixels: Rgb, color: Rgb, background: Rgb) -> Shares:
    """The share of `color` in each pixel: 0 is the background or another colour, 1 all of it."""
    way = color - background
    share = (pixels - background) @ way / (way @ way)
    distance = np.linalg.norm(pixels - background - share[..., None] * way, axis=-1)
    return np.where(distance < FAR_FROM_COLOR, np.minimum(np.maximum(share, 0), 1), 0)


def wait_for(read: Callable[[], Any], expected: Any, secs: float = 60.0) -> None:
    """Read until the expected value is there: a chart is painted some time after its data came."""
    deadline = time.monotonic() + secs
    pause_secs = 0.05
    while (value := read()) != expected and time.monotonic() < deadline:
        time.sleep(pause_secs)
        pause_secs = min(1.2 * pause_secs, 0.3)  # a screenshot costs 0.1 s
    assert value == expected, f"{value} and not {expected}"


@dataclass
class LineChart:
    """A line chart whose axes end where a view says.

    Attributes:
        background: what is behind the curves.
        x: the range of the x axis.
        y: the range of the y axis.
    """

    plot: Locator
    background: Rgb
    x: tuple[float, float]
    y: tuple[float, float]

    def picture(self) -> LinePicture:
        return LinePicture(screenshot(self.plot), self.background, self.x, self.y)


@dataclass
class LinePicture:
    """The pixels of a line chart, asked by values of its axes."""

    pixels: Rgb
    background: Rgb
    x: tuple[float, float]
    y: tuple[float, float]

    @property
    def height(self) -> int:
        return self.pixels.shape[0]

    @property
    def width(self) -> int:
        return self.pixels.shape[1]

    def x_px(self, value: float) -> int:
        part = (value - self.x[0]) / (self.x[1] - self.x[0])
        return round(LEFT + part * (self.width - LEFT - RIGHT))

    def y_px(self, value: float) -> int:
        part = (value - self.y[0]) / (self.y[1] - self.y[0])
        floor = self.height - BOTTOM
        return round(floor - part * (floor - TOP))

    def column(self, x: float, color: Rgb) -> Shares:
        """The share of a colour in each row of the plot at `x`, from the top of the element."""
        picture_shares = shares(self.pixels[:, self.x_px(x)], color, self.background)
        # the axis below the plot is no curve
        picture_shares[self.height - BOTTOM - 1 :] = 0
        return picture_shares

    def curve_faults(self, color: Rgb, values: Mapping[float, float]) -> list[str]:
        """Where a curve of this colour is missing, or is painted at another place as well."""
        faults: list[str] = []
        for x, value in values.items():
            rows: list[int] = np.nonzero(self.column(x, color) > 0.55)[0].tolist()
            middle = self.y_px(value)
            if not any(abs(row - middle) <= SLACK for row in rows):
                faults.append(f"no curve at x {x}: row {middle} expected, painted {rows}")
            elif far := [row for row in rows if abs(row - middle) > SLACK + 2]:
                faults.append(f"more than the curve at x {x}: row {middle} expected, {far}")
        return faults

    def share_between(self, x: float, low: float, high: float, color: Rgb) -> float:
        """The usual share of a colour between two values at `x`; a grid line changes nothing."""
        top, bottom = self.y_px(high) + SLACK, self.y_px(low) - SLACK
        assert bottom - top >= 3, "too narrow to tell"
        return float(np.median(self.column(x, color)[top:bottom]))

    def spike_faults(self, color: Rgb, x: float, low: float, high: float) -> list[str]:
        """Whether one column of pixels stands out at `x` between two values, and none near it."""
        per_px = (self.x[1] - self.x[0]) / (self.width - LEFT - RIGHT)

        def share(columns: int) -> float:
            return self.share_between(x + columns * per_px, low, high, color)

        faults: list[str] = []
        if (near := max(share(columns) for columns in range(-SLACK, SLACK + 1))) < 0.4:
            faults.append(f"no spike at x {x}: {near:.2f}")
        if (far := max(share(columns) for columns in (-20, -10, 10, 20))) > 0.1:
            faults.append(f"a spike next to x {x}: {far:.2f}")
        return faults

    def band_faults(
        self, color: Rgb, strength: float, xs: tuple[float, ...], inside: Ranges, outside: Ranges
    ) -> list[str]:
        """Where a band is fainter than it must be, or reaches where it must not."""
        faults: list[str] = []
        for x in xs:
            for low, high in inside:
                share = self.share_between(x, low, high, color)
                if not 0.6 * strength < share < 1.7 * strength:
                    faults.append(f"no band at x {x}, {low:.2f} to {high:.2f}: {share:.2f}")
            for low, high in outside:
                share = self.share_between(x, low, high, color)
                if share > 0.25 * strength:
                    faults.append(f"a band at x {x}, {low:.2f} to {high:.2f}: {share:.2f}")
        return faults
