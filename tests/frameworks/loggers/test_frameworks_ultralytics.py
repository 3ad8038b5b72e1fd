"""`add_wandb_callback` for Ultralytics: its own logger, with and without its setting."""

from __future__ import annotations

from pathlib import Path

from sdk_script import log_rows, only_log, run_well

CODE = """
import os
from pathlib import Path
os.environ.update(YOLO_CONFIG_DIR=str(Path.cwd()), YOLO_OFFLINE="true")
os.environ.pop("PYTEST_CURRENT_TEST", None)  # Ultralytics does not log in tests
import weft
weft.install_as_wandb()

import cv2
import numpy as np
from sklearn.datasets import load_digits
from ultralytics import YOLO, settings
from wandb.integration.ultralytics import add_wandb_callback

settings.update({"wandb": IS_ON, "runs_dir": str(Path.cwd())})
for kind in ("images", "labels"):
    Path("data", kind).mkdir(parents=True)
for number, digit in enumerate(load_digits().images[:4]):
    image = np.zeros((64, 64, 3), np.uint8)
    image[16:48, 16:48] = np.kron(digit, np.ones((4, 4)))[..., None] * 15
    cv2.imwrite(f"data/images/{number}.png", image)
    Path(f"data/labels/{number}.txt").write_text("0 0.5 0.5 0.5 0.5\\n")
Path("data.yaml").write_text(
    f"path: {Path.cwd()}/data\\ntrain: images\\nval: images\\nnames: {{0: digit}}\\n"
)
model = YOLO("yolov8n.yaml")
assert add_wandb_callback(model, max_validation_batches=2) is model
model.train(
    data="data.yaml", epochs=2, imgsz=64, batch=4, device="cpu", workers=0, project="tests",
    verbose=False, amp=False, plots=False,
)
"""


def test_the_callback_of_a_model_logs_once_an_epoch(tmp_path: Path) -> None:
    for is_on in (False, True):
        folder = tmp_path / str(is_on)
        folder.mkdir()
        script = run_well(folder, CODE.replace("IS_ON", str(is_on)), is_forked=False)
        assert script.stderr.count("logs no tables of predictions") == 1
        rows = [row for row in log_rows(only_log(folder)) if "train/box_loss" in row]
        assert [row["epoch"] for row in rows] == [1, 2]
        assert "metrics/mAP50(B)" in rows[-1]
