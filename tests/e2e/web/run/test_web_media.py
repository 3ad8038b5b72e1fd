"""Media panels, as people use them: which appear, steps, layers, states, one over the page."""

from __future__ import annotations

import re

import httpx
import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from at_length import at_length
from chart_pixels import wait_for
from media_runs import MediaRun, Pixels, png
from server_process import ServerProcess, wait_until
from web_pages import OpenApp, axe_faults
from weft.records.record import File

N_RUNS = 4
STEPS = range(0, 50, 10)
RED, GREEN = (200, 30, 30), (30, 160, 60)


def flat(color: tuple[int, int, int], width: int = 32, height: int = 20) -> Pixels:
    return np.full((height, width, 3), color, dtype=np.uint8)


def boxes(*placed: tuple[int, float]) -> dict[str, object]:
    """Boxes of a class and a score, next to each other."""
    return {
        "box_data": [
            {
                "position": {"minX": n / 4, "maxX": (n + 1) / 4, "minY": 0.25, "maxY": 0.75},
                "class_id": number,
                "scores": {"iou": score},
            }
            for n, (number, score) in enumerate(placed)
        ],
        "class_labels": {"1": "cat", "2": "dog"},
    }


def mask() -> Pixels:
    """Class 1 left of the middle, class 2 right of it."""
    ids = np.ones((20, 32), dtype=np.uint8)
    ids[:, 16:] = 2
    return ids


def framed_mask() -> Pixels:
    """As `mask`, with a class 0 in its lowest lines."""
    ids = mask()
    ids[15:] = 0
    return ids


def make_run(n: int) -> MediaRun:
    run = MediaRun(f"run{n}", "p", label=f"run-{n}")
    for step in STEPS:
        if n < 3 or step >= 20:  # the last run begins late
            layers = {"masks": {"truth": (mask(), {1: "road", 2: "sky"})}} if n == 0 else {}
            color = (step * 5, 40 * n, 99)
            drawn = boxes((1, 0.9), (2, 0.4)) if n < 2 else None
            image = run.image(
                flat(color), boxes=drawn and {"pred": drawn}, caption=f"at {step}", **layers
            )
            run.log("val/sample", step, image)
        if n == 0:
            run.log("other", step, run.image(flat(RED)))
    if n < 2:
        run.log("many", 5, run.images(*[flat(GREEN, 20 + k, 20) for k in range(12)]))
    waiting = {"_type": "image-file", "path": f"media/images/waiting{n}.png"}
    if n == 2:
        run.log_bytes.add(File(waiting["path"], 0, "", error="the disk was full"))
    run.log("waiting", 1, waiting)
    run.log("loss", 0, 0.5)
    return run


@pytest.fixture(scope="module", autouse=True)
def media(server: ServerProcess) -> None:
    """The runs of `make_run`; the fourth is live."""
    with httpx.Client(base_url=server.url, timeout=60, trust_env=False) as client:
        for n in range(N_RUNS):
            is_live = n == 3
            headers = {"X-Weft-Live": "1"} if is_live else {}
            make_run(n).send(client, ends=not is_live, **headers)


@pytest.fixture
def workspace(page: Page, server: ServerProcess, app: OpenApp) -> Page:
    page.goto(f"{app(server)}/local/p")
    expect(page.locator("[data-metric='loss']")).to_be_visible()
    return page


def panel_of(page: Page, metric: str) -> Locator:
    panel = page.locator(f"[data-kind='media'][data-metric='{metric}']")
    panel.scroll_into_view_if_needed()
    return panel


def captions(panel: Locator) -> list[str]:
    return panel.locator("figcaption .cap").all_inner_texts()


def expect_captions(panel: Locator, *texts: str) -> None:
    expect(panel.locator("figcaption .cap")).to_have_text(list(texts))


def slider(panel: Locator) -> Locator:
    return panel.get_by_role("slider", name="Step", exact=True)


def are_loaded(panel: Locator) -> None:
    """Once all its images that can be seen are there; others are not asked for."""
    expect(panel.locator("img").first).to_be_visible()
    all_loaded = """(panel) => {
        const { bottom } = panel.getBoundingClientRect();
        return [...panel.querySelectorAll("img")].every(
            (one) => one.naturalWidth > 0 || one.getBoundingClientRect().top > bottom);
    }"""
    wait_for(lambda: panel.evaluate(all_loaded), True)


def test_media_have_panels_by_themselves_in_a_section_of_their_own(workspace: Page) -> None:
    section = workspace.get_by_role("region", name="media", exact=True)
    expect(section.locator("[data-kind='media']")).to_have_count(4)
    panel = panel_of(workspace, "val/sample")
    expect(panel.get_by_role("heading")).to_have_text("val/sample")
    are_loaded(panel)
    expect_captions(panel, *["at 40"] * N_RUNS)
    names = panel.locator("figcaption .mid-text").all_inner_texts()
    assert sorted(names) == [f"run-{n}" for n in range(N_RUNS)]


@at_length
def test_a_panel_of_media_becomes_a_grid_of_runs_and_steps(workspace: Page) -> None:
    panel = panel_of(workspace, "val/sample")
    # a row for each run, a column for each step, empty where the last run had not begun
    panel.get_by_role("button", name="Panel menu").click()
    workspace.get_by_role("menuitem", name="Show runs × steps").click()
    heads = panel.get_by_role("columnheader")
    expect(heads).to_have_text(["step", *map(str, STEPS)])
    late = panel.get_by_role("row", name="run-3")
    expect(late.locator("td:empty")).to_have_count(2)
    expect(panel.locator("td figure")).to_have_count(N_RUNS * len(STEPS) - 2)
    late.get_by_role("button", name="at 30 of run-3: full size").click()
    viewer = workspace.get_by_role("dialog", name="at 30")
    expect(viewer.locator(".media-head")).to_contain_text("run-3")
    workspace.keyboard.press("ArrowLeft")
    workspace.keyboard.press("ArrowLeft")
    expect(viewer.or_(workspace.get_by_role("dialog", name="run-3"))).to_contain_text("step 10")
    workspace.keyboard.press("Escape")
    workspace.reload()
    expect(heads).to_have_text(["step", *map(str, STEPS)])


def test_the_slider_and_its_keys_go_through_the_steps_and_the_link_has_the_step(
    workspace: Page,
) -> None:
    panel = panel_of(workspace, "val/sample")
    expect_captions(panel, *["at 40"] * N_RUNS)
    step = slider(panel)
    step.focus()
    workspace.keyboard.press("ArrowLeft")
    expect_captions(panel, *["at 30"] * N_RUNS)
    expect(step).to_have_attribute("aria-valuetext", "step 30, 4 of 5")
    panel.get_by_role("group", name=re.compile("^Media")).focus()
    workspace.keyboard.press("ArrowLeft")
    workspace.keyboard.press("ArrowLeft")
    # the last run has nothing yet, and says so in its place
    expect_captions(panel, *["at 10"] * (N_RUNS - 1))
    expect(panel.locator(".media-say")).to_have_text("Nothing up to step 10")
    workspace.wait_for_url(re.compile(r"at=media%3Aval%2Fsample%3A10|at=.*10"))
    workspace.reload()
    expect_captions(panel_of(workspace, "val/sample"), *["at 10"] * (N_RUNS - 1))
    panel.get_by_role("button", name="Step after").click()
    expect_captions(panel, *["at 20"] * N_RUNS)
    # another panel has a step of its own
    expect(slider(panel_of(workspace, "other"))).to_have_attribute(
        "aria-valuetext", "step 40, 5 of 5"
    )


@at_length
def test_panels_move_together_once_they_are_asked_to(workspace: Page) -> None:
    name = "Move together with other media panels that have this on"
    first, other = (panel_of(workspace, metric) for metric in ("val/sample", "other"))
    for panel in (first, other):
        panel.get_by_role("button", name=name).click()
    slider(other).focus()
    workspace.keyboard.press("Home")
    expect_captions(first, *["at 0"] * (N_RUNS - 1))
    first.get_by_role("button", name=name).click()
    slider(other).focus()
    workspace.keyboard.press("End")
    expect(slider(first)).to_have_attribute("aria-valuetext", "step 0, 1 of 5")


@at_length
def test_files_that_are_not_there_say_why(workspace: Page) -> None:
    panel = panel_of(workspace, "waiting")
    cells = panel.locator("figure")
    expect(cells).to_have_count(N_RUNS)
    texts = {
        cell.locator(".mid-text").inner_text(): cell.locator(".media-say").inner_text()
        for cell in cells.all()
    }
    assert texts == {
        "run-0": "Not sent",
        "run-1": "Not sent",
        "run-2": "the disk was full",
        "run-3": "Being sent",
    }


@at_length
def test_an_image_appears_once_its_content_is_there(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    run = MediaRun("later", "later")
    path = run.file("images", "png", None)
    run.log("img", 0, {"_type": "image-file", "path": path})
    with httpx.Client(base_url=server.url, timeout=60, trust_env=False) as client:
        run.send(client, ends=False, **{"X-Weft-Live": "1"})
        page.goto(f"{app(server)}/local/later")
        expect(panel_of(page, "img").locator(".media-say")).to_have_text("Being sent")
        address = f"{run.log_bytes.path}/files/{path}"
        client.put(address, content=png(flat(RED))).raise_for_status()
    are_loaded(panel_of(page, "img"))


@at_length
def test_boxes_are_drawn_over_the_image_and_their_classes_and_scores_choose(
    workspace: Page,
) -> None:
    panel = panel_of(workspace, "val/sample")
    are_loaded(panel)
    drawn = panel.locator(".media-bbox")
    expect(drawn).to_have_count(4)
    cell = panel.locator("figure", has=workspace.get_by_text("run-0"))
    around = cell.locator("img").bounding_box()
    inside = cell.locator(".media-bbox").first.bounding_box()
    assert around is not None
    assert inside is not None
    assert abs(inside["width"] - around["width"] / 4) < 2
    assert abs(inside["y"] - around["y"] - around["height"] / 4) < 2
    panel.get_by_role("button", name="Boxes and masks").click()
    controls = workspace.get_by_role("dialog", name="Boxes and masks")
    expect(controls.locator(".media-class")).to_have_text(
        [re.compile(name) for name in ("cat", "road", "dog", "sky")]
    )
    controls.get_by_role("button", name="dog").click()
    expect(drawn).to_have_count(2)
    controls.get_by_role("button", name="dog").click()
    score = controls.get_by_role("slider", name="Least iou")
    score.focus()
    workspace.keyboard.press("ArrowRight")
    expect(drawn).to_have_count(2)
    controls.get_by_role("switch", name="pred").click()
    expect(drawn).to_have_count(0)


@at_length
def test_masks_are_painted_class_by_class(workspace: Page) -> None:
    panel = panel_of(workspace, "val/sample")
    are_loaded(panel)
    canvas = panel.locator("canvas.media-mask")
    expect(canvas).to_have_count(1)
    alphas = """(canvas) => {
        const { width, height } = canvas;
        const pixels = canvas.getContext("2d").getImageData(0, 0, width, height).data;
        return [width, height, pixels[3], pixels[4 * (width - 1) + 3],
                pixels.slice(0, 3).join() !== pixels.slice(-4, -1).join()];
    }"""
    wait_for(lambda: canvas.evaluate(alphas)[2] > 0, True)
    assert canvas.evaluate(alphas) == [32, 20, 255, 255, True]
    panel.get_by_role("button", name="Boxes and masks").click()
    workspace.get_by_role("button", name="sky").click()
    wait_for(lambda: canvas.evaluate(alphas)[3], 0)
    assert canvas.evaluate(alphas)[2] == 255


@pytest.mark.parametrize(
    "labels", [{0: "background", 1: "road", 2: "sky"}, {}], ids=["named", "unnamed"]
)
@at_length
def test_the_background_of_a_mask_is_painted_only_if_asked_for(
    page: Page, server: ServerProcess, app: OpenApp, labels: dict[int, str]
) -> None:
    project = "named" if labels else "unnamed"
    run = MediaRun(project, project)
    run.log("img", 0, run.image(flat(RED), masks={"truth": (framed_mask(), labels)}))
    with httpx.Client(base_url=server.url, timeout=60, trust_env=False) as client:
        run.send(client)
    page.goto(f"{app(server)}/local/{project}")
    panel = panel_of(page, "img")
    canvas = panel.locator("canvas.media-mask")
    # of the upper left, and of the lower left
    alphas = """(canvas) => {
        const { width, height } = canvas;
        const pixels = canvas.getContext("2d").getImageData(0, 0, width, height).data;
        return [pixels[3], pixels[4 * width * (height - 1) + 3]].join();
    }"""
    wait_until(lambda: canvas.evaluate(alphas) == "255,0", what="a mask without background")
    panel.get_by_role("button", name="Boxes and masks").click()
    controls = page.get_by_role("dialog", name="Boxes and masks")
    background = controls.locator(".media-class", has_text="background")
    expect(background).to_have_count(0)
    controls.get_by_role("switch", name="Mask background").click()
    wait_until(lambda: canvas.evaluate(alphas) == "255,255", what="a mask with background")
    if labels:
        background.click()
        wait_until(lambda: canvas.evaluate(alphas) == "255,0", what="without this class")


@at_length
def test_a_layer_that_can_not_be_drawn_says_why(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    run = MediaRun("faulty", "faulty")
    image = run.image(flat(RED))
    colored = run.file("masks", "png", png(flat(GREEN)))
    image["masks"] = {
        "colored": {"_type": "mask", "path": colored},
        "missing": {"_type": "mask", "path": "media/never.png"},
    }
    image["boxes"] = {"no-json": {"_type": "boxes2D", "path": run.file("boxes", "json", b"{")}}
    run.log("img", 0, image)
    with httpx.Client(base_url=server.url, timeout=60, trust_env=False) as client:
        run.send(client)
    page.goto(f"{app(server)}/local/faulty")
    faults = panel_of(page, "img").locator(".media-fault")
    expect(faults).to_have_count(3)
    reasons = "\n".join(fault.get_attribute("title") or "" for fault in faults.all())
    assert re.search("colored is not drawn: .* is no gray PNG", reasons)
    assert "missing is not drawn: it was not sent yet" in reasons
    assert "no-json is not drawn: " in reasons


@at_length
def test_a_list_shows_some_of_its_images_under_its_run_and_more_when_asked(
    workspace: Page,
) -> None:
    panel = panel_of(workspace, "many")
    group = panel.get_by_role("group", name="run-0")
    expect(group.locator("figure")).to_have_count(8)
    group.get_by_role("button", name="8 of 12, show more").click()
    expect(group.locator("figure")).to_have_count(12)
    expect(group.locator(".cap").last).to_have_text("image 11")


@at_length
def test_a_click_shows_an_image_over_the_page_and_arrows_lead_to_its_neighbours(
    workspace: Page,
) -> None:
    panel = panel_of(workspace, "val/sample")
    are_loaded(panel)
    panel.get_by_role("button", name="at 40 of run-0: full size").click()
    viewer = workspace.get_by_role("dialog")
    expect(viewer.locator(".media-head")).to_contain_text("run-0")
    expect(viewer.locator(".media-head")).to_contain_text("32 × 20")
    image = viewer.locator(".media-stage img")
    size = image.bounding_box()
    assert size is not None
    assert size["width"] > 1000
    assert abs(size["width"] / size["height"] - 1.6) < 0.01
    # names stand at boxes where there is room
    expect(viewer.locator(".media-bbox").first).to_have_text("cat 0.90")
    # layers are chosen here, too, and hold for the panel
    n_boxes = viewer.locator(".media-bbox").count()
    viewer.get_by_role("button", name="Boxes and masks").click()
    viewer.get_by_role("button", name=re.compile("^cat")).click()
    expect(viewer.locator(".media-bbox")).not_to_have_count(n_boxes)
    viewer.get_by_role("button", name=re.compile("^cat")).click()
    expect(viewer.locator(".media-bbox")).to_have_count(n_boxes)
    viewer.get_by_role("button", name="Step before").click()
    expect(viewer.locator(".cap")).to_have_text("at 30")
    workspace.keyboard.press("ArrowUp")
    expect(viewer.locator(".media-head")).to_contain_text("run-1")
    workspace.keyboard.press("Escape")
    expect(viewer).to_have_count(0)
    expect_captions(panel, *["at 30"] * N_RUNS)
    # a list is gone through image by image
    many = panel_of(workspace, "many")
    many.get_by_role("button", name=re.compile("image 0 of run-0")).click()
    workspace.keyboard.press("Shift+ArrowRight")
    expect(viewer.locator(".media-head")).to_contain_text("2 of 12")
    workspace.keyboard.press("Escape")


@at_length
def test_arrows_over_the_page_stop_where_the_shown_run_has_something_new(workspace: Page) -> None:
    panel = panel_of(workspace, "val/sample")
    are_loaded(panel)
    panel.get_by_role("button", name="at 40 of run-3: full size").click()
    viewer = workspace.get_by_role("dialog")
    before = viewer.get_by_role("button", name="Step before")
    for caption in ("at 30", "at 20"):
        before.click()
        expect(viewer.locator(".cap")).to_have_text(caption)
    expect(before).to_be_disabled()
    workspace.keyboard.press("ArrowLeft")
    expect(viewer.locator(".media-head")).to_contain_text("run-3")
    workspace.keyboard.press("Escape")


@at_length
def test_buttons_and_keys_lead_to_other_runs_and_images(workspace: Page) -> None:
    panel = panel_of(workspace, "many")
    panel.get_by_role("button", name=re.compile("image 0 of run-0")).click()
    viewer = workspace.get_by_role("dialog")
    head = viewer.locator(".media-head")
    expect(head).to_contain_text("1 of 12")
    next_run = viewer.get_by_role("button", name="The next run (↓)")
    expect(next_run).to_be_disabled()
    workspace.keyboard.press("ArrowUp")
    expect(head).to_contain_text("run-1")
    next_run.click()
    expect(head).to_contain_text("run-0")
    workspace.set_viewport_size({"width": 390, "height": 844})
    expect(next_run).to_be_disabled()
    viewer.get_by_role("button", name="The next item").click()
    expect(head).to_contain_text("2 of 12")
    viewer.get_by_role("button", name="The run before").click()
    expect(head).to_contain_text("run-1")
    next_run.click()
    expect(head).to_contain_text("run-0")
    # a flick to the left leads on, from picture to picture
    viewer.locator(".media-stage img").evaluate(
        """(image) => {
            const touch = (clientX) =>
                new Touch({ identifier: 1, target: image, clientX, clientY: 400 });
            const tell = (name, touches, x) =>
                image.dispatchEvent(
                    new TouchEvent(name, { bubbles: true, touches, changedTouches: [touch(x)] }),
                );
            tell("touchstart", [touch(300)], 300);
            tell("touchend", [], 100);
        }"""
    )
    expect(head).to_contain_text("3 of 12")
    caption = viewer.locator(".cap")
    expect(caption).to_be_visible()
    assert caption.evaluate("(text) => text.scrollWidth <= text.clientWidth")


@at_length
def test_the_next_step_is_there_before_it_is_asked_for(workspace: Page) -> None:
    panel = panel_of(workspace, "val/sample")
    are_loaded(panel)
    with workspace.expect_response(re.compile("/media/query"), timeout=60_000):
        panel.get_by_role("button", name="Step before").click()
    are_loaded(panel)
    workspace.wait_for_load_state("networkidle")
    # a route would turn the browser's cache off
    workspace.context.set_offline(True)
    panel.get_by_role("button", name="Step before").click()
    expect_captions(panel, *["at 20"] * N_RUNS)
    are_loaded(panel)
    workspace.context.set_offline(False)


@at_length
def test_a_media_panel_is_added_by_hand(workspace: Page) -> None:
    workspace.get_by_role("button", name="Add panel").first.click()
    dialog = workspace.get_by_role("dialog", name="Add panel")
    dialog.locator("label.kind").filter(has=workspace.get_by_text("Media", exact=True)).click()
    listed = dialog.get_by_role("list", name="Metrics").get_by_role("checkbox")
    expect(listed).to_have_count(4)
    for metric in ("other", "many"):
        dialog.get_by_role("checkbox", name=metric, exact=True).check(force=True)
    dialog.get_by_role("button", name="Add panel").click()
    panel = workspace.get_by_role("article", name="many, other").or_(
        workspace.get_by_role("article", name="other, many")
    )
    expect(panel.locator("figure")).to_have_count(1 + 2 * 8)


@at_length
def test_media_panels_have_no_faults_of_accessibility(workspace: Page) -> None:
    panel = panel_of(workspace, "val/sample")
    are_loaded(panel)
    are_loaded(panel_of(workspace, "many"))
    panel_of(workspace, "waiting")
    assert axe_faults(workspace) == []
    panel.get_by_role("button", name="Boxes and masks").click()
    expect(workspace.locator(".media-class").first).to_be_visible()
    assert axe_faults(workspace) == []
    workspace.keyboard.press("Escape")
    panel.get_by_role("button", name="at 40 of run-0: full size").click()
    expect(workspace.locator(".media-stage img")).to_be_visible()
    assert axe_faults(workspace) == []


@at_length
def test_the_media_of_a_run_have_a_tab_with_one_metric_at_a_time(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    page.goto(f"{app(server)}/local/p/runs/run0/media")
    names = page.get_by_role("listbox", name="Metrics with media").get_by_role("option")
    expect(names).to_have_text(["many", "other", "val/sample", "waiting"])
    panel = page.locator("[data-kind='media']")
    expect(panel).to_have_attribute("data-metric", "many")
    expect(panel.locator("img")).to_have_count(8)
    names.nth(2).click()
    expect(panel).to_have_attribute("data-metric", "val/sample")
    expect_captions(panel, "at 40")
    classes = panel.locator(".side").get_by_role("button", name="cat")
    expect(panel.locator(".media-bbox").first).to_be_visible()
    classes.click()
    expect(panel.locator(".media-bbox", has_text="cat")).to_have_count(0)
    slider(panel).focus()
    page.keyboard.press("ArrowLeft")
    expect_captions(panel, "at 30")
    expect(page).to_have_url(re.compile("at=media.*metric=val%2Fsample|metric=val%2Fsample.*at="))
    page.reload()
    expect_captions(panel, "at 30")
    expect(panel.get_by_role("button", name="Close full screen (Esc)")).to_have_count(0)
    page.get_by_role("textbox", name="Search 4 metrics").press_sequentially("oth")
    expect(names).to_have_text(["other"])
    assert axe_faults(page) == []


def test_images_are_enlarged_and_compared_side_by_side(workspace: Page) -> None:
    panel = panel_of(workspace, "val/sample")
    expect_captions(panel, *["at 40"] * N_RUNS)
    panel.get_by_role("button", name="at 40 of run-0: full size").click()
    viewer = workspace.get_by_role("dialog", name="at 40")
    stages = viewer.locator(".media-stage")
    expect(stages).to_have_count(1)
    box = stages.bounding_box()
    assert box is not None
    workspace.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    workspace.mouse.wheel(0, -800)
    expect(stages).to_have_attribute("data-zoom", re.compile(r"^3\."))
    viewer.get_by_role("radiogroup", name="Compare").get_by_text("3", exact=True).click()
    expect(stages).to_have_count(3)
    # after the pointer has chosen, arrows lead to other steps, not to another choice
    workspace.keyboard.press("ArrowLeft")
    before = workspace.get_by_role("dialog", name="at 30")
    expect(before.locator(".media-stage")).to_have_count(3)


@at_length
def test_three_images_show_the_same_part_and_two_are_compared_by_an_edge(workspace: Page) -> None:
    panel = panel_of(workspace, "val/sample")
    panel.get_by_role("button", name="at 40 of run-0: full size").click()
    viewer = workspace.get_by_role("dialog", name="at 40")
    stages = viewer.locator(".media-stage")
    viewer.get_by_role("radiogroup", name="Compare").get_by_text("3", exact=True).click()
    expect(stages).to_have_count(3)
    for nth in range(3):
        expect(stages.nth(nth).locator("img")).to_be_visible()
    # all of one comparison show the same part
    workspace.keyboard.press("0")
    expect(viewer.locator("[data-zoom]")).to_have_count(0)
    workspace.keyboard.press("+")
    expect(viewer.locator("[data-zoom='1.50']")).to_have_count(3)
    viewer.get_by_role("radiogroup", name="Compare").get_by_text("Swipe").click()
    edge = viewer.get_by_role("slider", name="Edge between the two")
    over = viewer.locator(".media-over")
    expect(over).to_have_attribute("style", re.compile("50%"))
    edge.focus()
    workspace.keyboard.press("Home")
    expect(over).to_have_attribute("style", re.compile(r"inset\(0(px)? 0(px)? 0(px)? 0%\)"))
    workspace.keyboard.press("ArrowLeft")
    expect(viewer).to_contain_text("step 40")
    assert axe_faults(workspace) == []
