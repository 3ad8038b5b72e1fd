"""Takes pictures of the web app's pages in both themes.

`make screenshots` takes each page and state in two sizes into `.screens/`, which git ignores: for
you to look at after a change of a page. `make doc-images` takes those that documents show, in one
size, into `docs/images/`. A server and runs of its own (`screenshot_runs.py`), the built app,
Debian's Chromium.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from PIL import Image
from playwright.sync_api import Browser, Error, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
DOC_IMAGES = ROOT / "docs" / "images"
SCREENS = ROOT / ".screens"
WEFT = ROOT / ".venv" / "bin" / "weft"
PROJECT = "/local/street-seg"
MEDIA_PROJECT = "/local/street-seg-eval"
KINDS_PROJECT = "/local/media-types"
KINDS = ("sound", "video", "page", "scan", "molecule", "figure", "graph")
SIZES = {1024: 576, 1280: 800, 1920: 1080}
SCREEN_WIDTHS = [1280, 1920]
DOC_WIDTH = 1920
THEMES = ("light", "dark")
QUIET_MILLIS = 600
TABLES_MILLIS = 4000
"""Until the server has read the tables of logged charts."""
SETTLE_SECS = 10
"""Until summaries have followed the last rows."""
CHROMIUM = [
    "--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader",
]  # fmt: skip
"""Without a GPU, also for WebGL."""

N_COLORS = 256
"""Pictures of flat areas: as many colours make a third of the bytes."""

Act = Callable[[Page], None]
Role = Literal["button"]


@dataclass(frozen=True)
class Picture:
    """A page in a state: where it is, and what a person does there first.

    Attributes:
        part: a selector of the part of the page that is taken. Defaults to all of it.
    """

    name: str
    path: str
    act: Act | None = None
    part: str | None = None


def click(role: Role, *names: str) -> Act:
    """Click one after the other."""

    def act(page: Page) -> None:
        for name in names:
            page.get_by_role(role, name=re.compile(f"^{name}")).first.click()

    return act


def press(keys: str) -> Act:
    return lambda page: page.keyboard.press(keys)


def hover_chart(page: Page, metric: str = "train/loss") -> None:
    plot = page.locator(f"[data-metric='{metric}'] .plot")
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] * 0.43, box["y"] + box["height"] * 0.7)


def open_sweep(page: Page) -> None:
    page.get_by_role("main").get_by_role("link").first.click()
    page.wait_for_timeout(TABLES_MILLIS)


def write_filter(page: Page) -> None:
    click("button", "Filter")(page)


def type_into_palette(page: Page) -> None:
    page.keyboard.press("Control+k")
    page.get_by_role("combobox", name="Search or jump to").fill("loss")


def select_rows(page: Page) -> None:
    boxes = page.get_by_role("treegrid").get_by_role("checkbox")
    boxes.nth(2).click()
    boxes.nth(5).click(modifiers=["Shift"])


def open_column_menu(page: Page) -> None:
    head = page.locator(".rt-names").get_by_role("columnheader", name=re.compile("^lr"))
    head.get_by_role("button").click()


def go_offline(page: Page) -> None:
    page.route("**/events", lambda route: route.abort())
    page.reload()
    page.get_by_text("Not connected").first.wait_for()
    page.wait_for_timeout(QUIET_MILLIS)


PICTURES = (
    Picture("home", "/"),
    Picture("projects", "/?view=projects"),
    Picture("empty-project", "/local/empty-one"),
    Picture("tutorial", "/local/tutorial", lambda page: hover_chart(page, "loss")),
    Picture("tutorial-run", "/local/tutorial/runs/lr-0.1/charts"),
    Picture("tutorial-sweep", "/local/tutorial/sweeps", open_sweep),
    Picture("workspace", PROJECT, hover_chart),
    Picture("workspace-grouped", f"{PROJECT}?group=config.model.backbone", hover_chart),
    Picture(
        "workspace-filter", f"{PROJECT}?filter=config.lr+<%3D+0.001+and+tags+exists", write_filter
    ),
    Picture("workspace-panel-settings", f"{PROJECT}?edited=auto:val/loss"),
    Picture("workspace-add-panel", PROJECT, click("button", "Add panel")),
    Picture("workspace-full-screen", f"{PROJECT}?full=auto:train/loss"),
    Picture("workspace-no-match", f"{PROJECT}?q=nothing-is-called-so"),
    Picture("workspace-all-hidden", f"{PROJECT}?runs=none"),
    Picture("workspace-offline", PROJECT, go_offline),
    Picture("panels", f"{PROJECT}?view=PANELS_VIEW"),
    Picture("runs-table", f"{PROJECT}/runs?sort=-summary.val/mIoU.max"),
    Picture("runs-table-grouped", f"{PROJECT}/runs?group=config.model.backbone"),
    Picture("runs-table-column", f"{PROJECT}/runs", open_column_menu),
    Picture("runs-table-selected", f"{PROJECT}/runs", select_rows),
    Picture("runs-table-no-match", f"{PROJECT}/runs?q=nothing-is-called-so"),
    Picture("run", f"{PROJECT}/runs/seg036"),
    Picture("run-packages", f"{PROJECT}/runs/seg036", click("button", "Packages")),
    Picture("run-code", f"{PROJECT}/runs/seg036/code"),
    Picture("run-charts", f"{PROJECT}/runs/seg036/charts"),
    Picture("run-system", f"{PROJECT}/runs/seg058/system"),
    Picture("run-logs", f"{PROJECT}/runs/seg036/logs"),
    Picture("run-logs-matches", f"{PROJECT}/runs/seg036/logs?find=1&only=1"),
    Picture("run-files", f"{MEDIA_PROJECT}/runs/eval0/files?file=summary.json"),
    Picture("run-media", f"{MEDIA_PROJECT}/runs/eval0/media?metric=samples"),
    Picture("run-table", f"{MEDIA_PROJECT}/runs/eval0/media?metric=predictions"),
    Picture("run-model", f"{KINDS_PROJECT}/runs/kinds/model"),
    Picture("compare", f"{PROJECT}/compare?ids=seg036,seg058"),
    Picture("run-missing", f"{PROJECT}/runs/nobody"),
    Picture("charts", f"{MEDIA_PROJECT}?p=eval/", part="section[aria-label='eval']"),
    Picture("media", f"{MEDIA_PROJECT}?p=samples", part="[data-metric='samples']"),
    Picture("table", f"{MEDIA_PROJECT}?p=predictions", part="[data-metric='predictions']"),
    *(
        Picture(f"media-{kind}", f"{KINDS_PROJECT}?p={kind}", part=f"[data-metric='{kind}']")
        for kind in KINDS
    ),
    Picture("watch", f"{KINDS_PROJECT}?p=gradients/", part="section[aria-label='gradients']"),
    Picture("histogram", f"{PROJECT}?p=grad/head", part="[data-metric='grad/head']"),
    Picture("palette", PROJECT, type_into_palette),
    Picture("shortcuts", PROJECT, press("?")),
    Picture("gallery", "/gallery"),
    Picture("no-such-page", "/no/such/page/at/all"),
)


def make_view(url: str) -> str:
    """A saved view with a panel of each kind; its id."""
    kinds: dict[str, dict[str, object]] = {
        "scalar": {"keys": ["val/mIoU"], "span": 3},
        "bar": {"keys": ["perf/img_per_s"], "span": 4},
        "scatter": {"options": {"x": "config.lr", "y": "summary.val/mIoU.max"}, "span": 5},
        "parallel": {
            "options": {"columns": [
                "config.lr", "config.batch", "config.model.backbone",
                "summary.val/mIoU.max",
            ]},
            "span": 7,
        },
        "importance": {"keys": ["val/mIoU"], "span": 5},
        "comparer": {"span": 7},
        "latest": {"keys": ["val/mIoU", "val/loss", "train/loss"], "span": 5},
        "markdown": {"options": {"text": "## Ablation 2\n\n**lr 3e-4** holds up"}, "span": 4},
    }  # fmt: skip
    empty = {"title": None, "height": None, "keys": [], "pattern": None, "expressions": [],
             "marks": [], "settings": {}, "options": {}, "section": "overview"}  # fmt: skip
    panels = {kind: {**empty, **own, "id": kind, "kind": kind} for kind, own in kinds.items()}
    document = {
        "panels": panels,
        "sections": {"overview": {"order": list(kinds), "rows": 4}},
        "sectionOrder": ["overview"],
        "selection": {"base": "all", "on": [], "off": []},
    }
    body = {"kind": "shared", "name": "Ablation 2", "document": document}
    request = urllib.request.Request(
        f"{url}/api/v1/projects{PROJECT}/views",
        json.dumps(body).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)["id"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="only these pictures")
    parser.add_argument("--docs", action="store_true", help="those that documents show")
    parser.add_argument("--url", help="a server that has the runs already")
    args = parser.parse_args()
    names = shown_in_documents() if args.docs else args.names
    chosen = [picture for picture in PICTURES if not names or picture.name in names]
    widths = [DOC_WIDTH] if args.docs else SCREEN_WIDTHS
    folder = DOC_IMAGES if args.docs else SCREENS
    folder.mkdir(exist_ok=True)
    if args.url:
        take(args.url, chosen, widths, folder)
        return
    with_own_server(chosen, widths, folder)


def shown_in_documents() -> set[str]:
    """The names of the pictures that documents show."""
    texts = [path.read_text() for path in (ROOT / "README.md", *(ROOT / "docs").rglob("*.md"))]
    names = re.findall(rf"images/([a-z-]+)-(?:{'|'.join(THEMES)})-{DOC_WIDTH}", "".join(texts))
    return set(names)


def with_own_server(chosen: list[Picture], widths: list[int], images: Path) -> None:
    """Start a server, log runs to it, and take pictures."""
    with tempfile.TemporaryDirectory(prefix="weft-pictures-") as folder:
        server = subprocess.Popen(
            [WEFT, "server", "--port", "0", "--data", f"{folder}/data"],
            stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        live: list[subprocess.Popen[bytes]] = []
        try:
            assert server.stderr is not None
            url = next(line for line in server.stderr if "serving http" in line).split()[2]
            os.environ |= {"WEFT_BASE_URL": url, "WEFT_SILENT": "true", "WEFT_DIR": folder}
            os.environ["WEFT_SYSTEM_INTERVAL"] = "0.5"  # curves, and not three points
            sys.path.insert(0, str(Path(__file__).parent))
            from screenshot_runs import log_all

            live = log_all()
            time.sleep(SETTLE_SECS)
            take(url, chosen, widths, images)
        finally:
            for process in [*live, server]:
                process.terminate()
                process.wait(30)


def take(url: str, pictures: list[Picture], widths: list[int], images: Path) -> None:
    """Take pictures of a server's pages in both themes."""
    view = make_view(url)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=CHROMIUM)
        for picture in pictures:
            for width in widths:
                for theme in THEMES:
                    print(f"{picture.name}-{theme}-{width}", flush=True)
                    try:
                        take_one(
                            browser,
                            url + picture.path.replace("PANELS_VIEW", view),
                            picture,
                            images / f"{picture.name}-{theme}-{width}.png",
                            theme,
                            width,
                        )
                    except Error as error:
                        print(f"  not taken: {error}", flush=True)
        browser.close()


def take_one(
    browser: Browser, address: str, picture: Picture, path: Path, theme: str, width: int
) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": SIZES[width]},
        color_scheme="dark" if theme == "dark" else "light",
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.goto(address)
    page.wait_for_timeout(QUIET_MILLIS * 3)
    if picture.act:
        picture.act(page)
    page.wait_for_timeout(QUIET_MILLIS)
    if picture.part:
        page.wait_for_timeout(TABLES_MILLIS)
        page.locator(picture.part).first.screenshot(path=path)
    else:
        page.screenshot(path=path)
    context.close()
    with Image.open(path) as image:
        # the method that keeps a dot's colour, however small the dot is
        few = image.convert("RGB").quantize(
            N_COLORS, method=Image.Quantize.MAXCOVERAGE, kmeans=3, dither=Image.Dither.NONE
        )
        few.save(path, optimize=True)


if __name__ == "__main__":
    main()
