"""Runs the example of each framework's page, and takes a picture of its run for that page.

`make framework-images`: a server of its own, the Python of `make test-frameworks`, the built app,
Debian's Chromium.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from screenshots import CHROMIUM, DOC_IMAGES, ROOT, TABLES_MILLIS, THEMES, WEFT, Picture, take_one

PAGES = ROOT / "docs" / "frameworks"
WIDTH = 1024
"""A little wider than the text of a page."""

DRAWN_MILLIS = 60_000

SEARCH = {"trl": "?p=train/reward", "ultralytics": "?p=loss"}
"""Of panels, where those at the top are not what the page is about."""


def code_of(page: Path) -> str:
    """The Python blocks of a page, as one pastes them from its top."""
    return "".join(
        re.findall(r"^```python\n(.*?)^```", page.read_text(), re.DOTALL | re.MULTILINE)
    )


def run_example(page: Path, python: str, server: str, folder: Path) -> str:
    """Run a page's example; returns the address of its run, the last one if it makes several."""
    environment = {**os.environ, "WEFT_BASE_URL": server, "KERAS_BACKEND": "torch"}
    done = subprocess.run(
        [python, "-c", code_of(page)],
        cwd=folder, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode or "not uploaded" in done.stderr:
        raise RuntimeError(f"{page.name}:\n{done.stderr[-3000:]}")
    return re.findall(r"View run .* at (http://\S+)", done.stderr + done.stdout)[-1]


def await_charts(page: Page) -> None:
    """Wait until each panel in sight is drawn, and nothing moves any more."""
    page.wait_for_function(
        """() => [...document.querySelectorAll("[data-metric]")]
            .filter((panel) => panel.getBoundingClientRect().top < innerHeight)
            .every((panel) => panel.querySelector("canvas, svg.marks, img, table"))""",
        timeout=DRAWN_MILLIS,
    )
    before = b""
    while (shot := page.screenshot()) != before:
        before = shot
        page.wait_for_timeout(TABLES_MILLIS)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="only the pages of these frameworks")
    parser.add_argument("--python", default=str(ROOT / ".frameworks/bin/python"))
    args = parser.parse_args()
    pages = [page for page in sorted(PAGES.glob("*.md")) if page.stem in (args.names or page.stem)]
    with tempfile.TemporaryDirectory(prefix="weft-frameworks-") as folder:
        server = subprocess.Popen(
            [WEFT, "server", "--port", "0", "--data", f"{folder}/data"],
            stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        try:
            assert server.stderr is not None
            url = next(line for line in server.stderr if "serving http" in line).split()[2]
            for page in pages:
                print(page.stem, flush=True)
                take(page.stem, run_example(page, args.python, url, Path(folder)))
        finally:
            server.terminate()
            server.wait(30)


def take(name: str, address: str) -> None:
    picture = Picture(name, address, await_charts)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=CHROMIUM)
        for theme in THEMES:
            path = DOC_IMAGES / f"framework-{name}-{theme}-{WIDTH}.png"
            take_one(
                browser, f"{address}/charts{SEARCH.get(name, '')}", picture, path, theme, WIDTH
            )
        browser.close()


if __name__ == "__main__":
    main()
