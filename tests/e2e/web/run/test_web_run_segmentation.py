"""A run of segmentation on its own page: images with boxes and masks, and masks in a nested dict,
logged by the calls that tutorials of W&B make.
"""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from at_length import at_length
from chart_pixels import screenshot, wait_for
from sdk_script import run_well
from server_process import ServerProcess
from web_pages import OpenApp, axe_faults

SCRIPT = """
import numpy as np
import weft as wandb

experiment = wandb.init(project="U-Net", resume="allow", id="unet0001", name="U-Net")
experiment.config.update(dict(epochs=5, batch_size=1, learning_rate=1e-4, amp=False))
for epoch in range(3):
    images = np.zeros((3, 64, 96), np.float32)
    images[0, 16:48, 24:72] = 1.0
    targets = np.zeros((64, 96), np.float32)
    targets[16:48, 24:72] = 1.0
    pred = np.zeros((64, 96), np.float32)
    pred[16:48, 24 : 24 + 16 * (epoch + 1)] = 1.0
    wandb.log({'loss': 1 / (epoch + 1),
               'epoch': epoch,
               'learning rate': 1e-4,
               'images': wandb.Image(images),
               'masks': {'true': wandb.Image(targets),
                         'pred': wandb.Image(pred)}
              })
    wandb.log({'labelled': wandb.Image(
        images, caption=f"epoch {epoch}",
        boxes={'found': {'box_data': [
            {'position': {'minX': 0.25, 'maxX': 0.75, 'minY': 0.25, 'maxY': 0.75}, 'class_id': 1,
             'scores': {'acc': 0.9}},
            {'position': {'minX': 0.0, 'maxX': 0.2, 'minY': 0.0, 'maxY': 0.2}, 'class_id': 2},
        ], 'class_labels': {1: 'car', 2: 'tree'}}},
        masks={'pred': {'mask_data': pred.astype(np.uint8), 'class_labels': {1: 'car'}}},
    )})
experiment.finish()
"""


@pytest.fixture(scope="module", autouse=True)
def masks(server: ServerProcess, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The runs of `SCRIPT`."""
    folder = tmp_path_factory.mktemp("script")
    run_well(folder, SCRIPT, WEFT_MODE="online", WEFT_BASE_URL=server.url)


def shown_image(page: Page) -> Locator:
    image = page.locator("[data-kind='media'] img").first
    wait_for(lambda: image.evaluate("(image) => image.complete && image.naturalWidth"), 96)
    return image


def center(image: Locator) -> tuple[int, int, int]:
    pixels = screenshot(image)
    red, green, blue = pixels[pixels.shape[0] // 2, pixels.shape[1] // 2]
    return int(red), int(green), int(blue)


@at_length
def test_images_and_masks_of_a_nested_dict_have_their_own_metrics(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    page.goto(f"{app(server)}/local/U-Net/runs/unet0001/media")
    metrics = page.get_by_role("listbox", name="Metrics with media").get_by_role("option")
    expect(metrics).to_have_text(["images", "labelled", "masks.pred", "masks.true"])
    assert center(shown_image(page)) == (255, 0, 0)
    metrics.filter(has_text="masks.true").click()
    expect(page).to_have_url(re.compile("metric=masks.true"))
    assert center(shown_image(page)) == (255, 255, 255)
    metrics.filter(has_text="masks.pred").click()
    slider = page.get_by_role("slider", name="Step", exact=True)
    slider.press("Home")
    # in the first epoch the prediction ends left of the middle
    wait_for(lambda: center(shown_image(page)), (0, 0, 0))
    slider.press("End")
    wait_for(lambda: center(shown_image(page)), (255, 255, 255))


@at_length
def test_a_class_of_boxes_and_a_mask_are_switched_on_the_page_of_the_run(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    page.goto(f"{app(server)}/local/U-Net/runs/unet0001/media?metric=labelled")
    shown_image(page)
    boxes = page.locator(".media-bbox")
    expect(boxes).to_have_count(2)
    mask = page.locator("canvas.media-mask")
    painted = """(canvas) => {
      const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      return data.filter((value, i) => i % 4 === 3 && value > 0).length;
    }"""
    wait_for(lambda: mask.evaluate(painted), 32 * 48)
    controls = page.locator(".media-side")
    controls.get_by_role("button", name="tree").click()
    expect(boxes).to_have_count(1)
    assert axe_faults(page) == []
    controls.get_by_role("switch", name="pred").click()
    expect(mask).to_have_count(0)
    expect(boxes).to_have_count(1)
    controls.get_by_role("switch", name="found").click()
    expect(boxes).to_have_count(0)
