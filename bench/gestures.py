"""Frame times while a pointer moves over a chart: crosshair, pan, zoom."""

from __future__ import annotations

import time
from dataclasses import dataclass

from playwright.sync_api import FloatRect, Page

from measure import Figure, median

FRAMES = """() => {
  window.frameTimes = [];
  let last = performance.now();
  const tick = now => { window.frameTimes.push(now - last); last = now;
                        window.frameLoop = requestAnimationFrame(tick); };
  window.frameLoop = requestAnimationFrame(tick);
}"""

STOP_FRAMES = (
    "() => { cancelAnimationFrame(window.frameLoop); return window.frameTimes.slice(2); }"
)

SETTLE_SECS = 0.6
N_MOVES = 40


@dataclass
class Frames:
    """Frame times, ms.

    Attributes:
        moving: while the pointer moved.
        settling: after it was let go, while new curves were asked for and drawn.
    """

    moving: list[float]
    settling: list[float]

    def figures(self, title: str) -> list[Figure]:
        """The median of the frames that move, and the longest of all."""
        return [
            Figure(f"{title}: median", 1000 / median(self.moving), "fps", 50, at_least=True),
            Figure(f"{title}: longest frame", max(self.moving + self.settling), "ms", 100),
        ]


class Gestures:
    """A pointer over one chart."""

    def __init__(self, page: Page, box: FloatRect) -> None:
        self._page = page
        self._box = box

    def crosshair(self) -> Frames:
        frames = Frames([], [])
        self._page.evaluate(FRAMES)
        for sweep in range(4):
            self._move(0.1, 0.95, dy=sweep)
        frames.moving += self._page.evaluate(STOP_FRAMES)
        return frames

    def pan(self) -> Frames:
        """Zoom in, then drag the curves left and right with Shift, five times."""
        self._zoom_in()
        time.sleep(SETTLE_SECS)
        frames = Frames([], [])
        for turn in range(5):
            self._page.keyboard.down("Shift")
            ends = (0.7, 0.4) if turn % 2 == 0 else (0.4, 0.7)
            self._drag(*ends, frames)
            self._page.keyboard.up("Shift")
            self._settle(frames)
        self._zoom_out()
        return frames

    def zoom(self) -> Frames:
        """Zoom in by a drag and out by a double click, three times."""
        frames = Frames([], [])
        for _ in range(3):
            self._drag(0.3, 0.7, frames)
            self._settle(frames)
            self._page.evaluate(FRAMES)
            self._zoom_out()
            time.sleep(SETTLE_SECS)
            frames.settling += self._page.evaluate(STOP_FRAMES)
        return frames

    def _zoom_in(self) -> None:
        self._drag(0.3, 0.7, Frames([], []))

    def _zoom_out(self) -> None:
        self._page.mouse.dblclick(self._x(0.5), self._y())

    def _drag(self, start: float, end: float, frames: Frames) -> None:
        self._page.mouse.move(self._x(start), self._y())
        self._page.mouse.down()
        self._page.evaluate(FRAMES)
        self._move(start, end)
        frames.moving += self._page.evaluate(STOP_FRAMES)
        self._page.mouse.up()

    def _settle(self, frames: Frames) -> None:
        self._page.evaluate(FRAMES)
        time.sleep(SETTLE_SECS)
        frames.settling += self._page.evaluate(STOP_FRAMES)

    def _move(self, start: float, end: float, dy: float = 0) -> None:
        for i in range(N_MOVES):
            self._page.mouse.move(self._x(start + (end - start) * i / N_MOVES), self._y() + dy)

    def _x(self, part: float) -> float:
        return self._box["x"] + self._box["width"] * part

    def _y(self) -> float:
        return self._box["y"] + self._box["height"] / 2
