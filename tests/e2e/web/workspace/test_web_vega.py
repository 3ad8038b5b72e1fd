"""A Vega specification that a link brings has no effect beyond its own panel."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from at_length import at_length, case_at_length
from chart_pixels import screenshot, wait_for
from server_process import ServerProcess
from web_pages import OpenApp, make_view, run_script

RUN = """
import weft
with weft.init(project="p", name="run-0") as run:
    run.log({"loss": 1})
with weft.init(project="defined", name="run-0") as run:
    run.define_metric("acc", step_metric="epoch")
    for step in range(200):
        run.log({"acc": step, "epoch": step // 20})
"""

ELSEWHERE = "http://elsewhere.invalid"

# blue if the last place of the curves is this one, of this axis
LAST: dict[str, Any] = {
    "width": 200,
    "height": 100,
    "data": {"name": "history"},
    "transform": [
        {"aggregate": [{"op": "max", "field": "PLACE", "as": "last"}], "groupby": ["axis"]}
    ],
    "mark": {
        "type": "rect",
        "width": 200,
        "height": 100,
        "color": {"expr": "datum.axis + datum.last == 'EXPECTED' ? '#0000ff' : '#ff0000'"},
    },
}

BLUE, RED = (0, 0, 255), (255, 0, 0)

USERMETA = {
    "embedOptions": {
        "actions": True,
        "bind": ".rh",
        "editorUrl": f"{ELSEWHERE}/editor",
        "renderer": "svg",
        "ast": False,
        "sourceHeader": "<script>opener.close()</script>",
        "config": {"events": {"bind": "any"}},
    }
}
CONFIG = {"events": {"bind": "any", "selector": True, "window": True}}
BOUND = [
    # an input is put in the place of what another element has
    {"name": "wiped", "value": 1, "bind": {"input": "range", "element": ".rh"}},
    # the value of another element is read and set
    {"name": "typed", "value": "", "bind": {"element": "input[aria-label='Search panels']"}},
]
HEARD = [
    {
        "name": "heard",
        "value": 0,
        "on": [
            {"events": {"source": "window", "type": "keydown"}, "update": "heard + 1"},
            {"events": {"source": ".rh", "type": "click"}, "update": "heard + 1"},
        ],
    }
]

VEGA: dict[str, Any] = {
    "$schema": "https://vega.github.io/schema/vega/v6.json",
    "width": 200,
    "height": 100,
    "usermeta": USERMETA,
    "config": CONFIG,
    "signals": [*BOUND, *HEARD],
    "marks": [
        {
            "type": "rect",
            "encode": {
                "update": {
                    "width": {"value": 200},
                    "height": {"value": 100},
                    "fill": {"signal": "heard ? '#ff0000' : '#0000ff'"},
                    "href": {"value": f"{ELSEWHERE}/link"},
                    "tooltip": {
                        "signal": f"{{title: '<b>bold</b>', image: '{ELSEWHERE}/tip.png'}}"
                    },
                }
            },
        },
        {
            "type": "image",
            "interactive": False,
            "encode": {"update": {"url": {"value": f"{ELSEWHERE}/image.png"}}},
        },
    ],
}

VEGA_LITE: dict[str, Any] = {
    "width": 200,
    "height": 100,
    "usermeta": USERMETA,
    "config": {**CONFIG, "params": HEARD},
    "params": [{**parameter, "value": parameter["value"]} for parameter in BOUND],
    "hconcat": [
        {
            "usermeta": USERMETA,
            "width": 200,
            "height": 100,
            "data": {"values": [{}]},
            "mark": {
                "type": "rect",
                "width": 200,
                "height": 100,
                "href": f"{ELSEWHERE}/link",
                "color": {"expr": "heard ? '#ff0000' : '#0000ff'"},
            },
            "encoding": {"tooltip": {"value": "<b>bold</b>"}},
        }
    ],
}


@pytest.fixture(scope="module", autouse=True)
def runs(server: ServerProcess) -> None:
    """The runs of `RUN`."""
    assert run_script(server, RUN).wait(120) == 0


def has(canvas: Locator, color: tuple[int, int, int]) -> bool:
    return bool((screenshot(canvas) == color).all(-1).sum() > 5000)


@pytest.mark.parametrize(
    "spec",
    [
        case_at_length(VEGA, id="vega"),
        pytest.param(VEGA_LITE, id="vega-lite"),
    ],
)
def test_a_specification_reaches_nothing_but_its_panel(
    page: Page, server: ServerProcess, app: OpenApp, spec: dict[str, Any]
) -> None:
    urls: list[str] = []
    pages = page.context.pages

    def refuse(route: Route) -> None:
        urls.append(route.request.url)
        route.abort()

    page.context.route(f"{ELSEWHERE}/**", refuse)
    panel = {"kind": "vega", "section": "mine", "options": {"spec": json.dumps(spec)}}
    view = make_view(server, "p", panels={"own": panel})
    page.goto(f"{app(server)}/local/p?{view}&p=Vega")
    own = page.locator("[data-kind='vega']")
    canvas = own.locator("canvas")
    wait_for(lambda: canvas.count() == 1 and has(canvas, BLUE), True)
    expect(own.locator(".vega-actions, details, svg.marks")).to_have_count(0)

    # the page around it is as it was, and what happens there stays there
    expect(page.locator(".rh .badge")).to_have_text("1 / 1")
    search = page.get_by_role("textbox", name="Search panels")
    expect(search).to_have_value("Vega")
    page.locator(".rh").click(position={"x": 5, "y": 5})
    page.keyboard.press("Shift")

    # a tooltip is text, and a link leads nowhere
    canvas.hover()
    expect(page.locator("#vg-tooltip-element")).to_contain_text("<b>bold</b>")
    canvas.click()
    wait_for(lambda: has(canvas, BLUE), True)  # it may just be replaced
    assert not has(canvas, RED)
    assert page.context.pages == pages
    assert urls == []


@pytest.mark.parametrize(("field", "expected"), [("x", "epoch9"), ("step", "step199")])
@at_length
def test_curves_are_by_the_step_metric_unless_the_step_is_named(
    page: Page, server: ServerProcess, app: OpenApp, field: str, expected: str
) -> None:
    spec = json.dumps(LAST).replace("PLACE", field).replace("EXPECTED", expected)
    panel = {"kind": "vega", "section": "mine", "keys": ["acc"], "options": {"spec": spec}}
    view = make_view(server, "defined", panels={"own": panel})
    page.goto(f"{app(server)}/local/defined?{view}&p=Vega")
    # around the canvas, which new data replaces
    box = page.locator("[data-kind='vega'] .vega-box")
    wait_for(lambda: box.count() == 1 and has(box, BLUE), True)
