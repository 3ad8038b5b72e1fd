"""Ultralytics's own logger for W&B: a detector from its description, without a download."""

import os
from pathlib import Path

os.environ.update(YOLO_CONFIG_DIR=str(Path.cwd()), YOLO_OFFLINE="true")

import cv2
import numpy as np
import wandb
from sklearn.datasets import load_digits
from ultralytics import YOLO, settings

digits = load_digits()
for split in ("train", "val"):
    for kind in ("images", "labels"):
        Path("data", kind, split).mkdir(parents=True)
    for number in range(4):
        image = np.zeros((64, 64, 3), np.uint8)
        image[16:48, 16:48] = np.kron(digits.images[number], np.ones((4, 4)))[..., None] * 15
        cv2.imwrite(f"data/images/{split}/{number}.png", image)
        Path("data", "labels", split, f"{number}.txt").write_text("0 0.5 0.5 0.5 0.5\n")
Path("data.yaml").write_text(
    f"path: {Path.cwd()}/data\ntrain: images/train\nval: images/val\nnames: {{0: digit}}\n"
)
settings.update({"wandb": True, "runs_dir": str(Path.cwd())})
YOLO("yolov8n.yaml").train(
    data="data.yaml", epochs=2, imgsz=64, batch=4, device="cpu", workers=0, project="tests",
    name="digits", verbose=False, amp=False,
)  # fmt: skip
wandb.finish()
