"""Logs the runs that pictures show: a made-up study of segmentation models.

    WEFT_BASE_URL=http://127.0.0.1:8080 python scripts/screenshot_runs.py

Values come from formulas and seeded noise, so the pictures are the same each time.
"""

from __future__ import annotations

import math
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

import weft

PROJECT = "street-seg"
MEDIA_PROJECT = "street-seg-eval"
KINDS_PROJECT = "media-types"
N_RUNS = 60
N_ROWS = 1500
STEPS_A_ROW = 25
BACKBONES = {
    "convnext-t": 0.815,
    "segformer-b1": 0.80,
    "swin-t": 0.795,
    "resnet50": 0.77,
    "unet-r34": 0.74,
    "mobilenet-v3": 0.69,
}
ADJECTIVES = ("brisk", "amber", "quiet", "lucid", "stellar", "mellow", "rapid", "noble")
NOUNS = ("heron", "tundra", "lagoon", "marsh", "fjord", "ridge", "canyon")
NOTES = ("", "", "one spike at 16k, recovers", "", "best so far, small batch")
LONG_NAME = "convnext-t-lr3e-4-bs32-wd0.05-dropout0.1-ce+dice-warmup500-seed7"


def name_of(number: int) -> str:
    if number == 37:
        return LONG_NAME
    return f"{ADJECTIVES[number % 8]}-{NOUNS[number % 7]}-{number}"


def config_of(number: int) -> dict[str, Any]:
    chance = random.Random(number)
    backbone = list(BACKBONES)[number % len(BACKBONES) if number % 3 else number % 4]
    return {
        "model": {"backbone": backbone, "dropout": chance.choice([0.0, 0.1, 0.2])},
        "optimizer": {
            "name": chance.choice(["adamw", "sgd", "lion"]),
            "weight_decay": chance.choice([0.01, 0.02, 0.05, 0.1]),
        },
        "lr": chance.choice([6e-5, 1e-4, 3e-4, 6e-4, 1e-3, 2e-3]),
        "batch": chance.choice([16, 32, 64]),
        "loss": chance.choice(["ce", "ce+dice", "focal"]),
        "max_steps": N_ROWS * STEPS_A_ROW,
    }


def log_run(number: int, *, live_secs: float = 0.0) -> None:
    """One run; with `live_secs` it takes that long, from 60 % of its way on."""
    chance = random.Random(number)
    config = config_of(number)
    # the pictures tell of a person's script in a folder of theirs
    options = {
        "backbone": config["model"]["backbone"],
        "lr": config["lr"],
        "batch": config["batch"],
    }
    sys.argv = ["train.py", *(f"--{name}={value}" for name, value in options.items())]
    folder = Path(tempfile.gettempdir(), PROJECT)
    folder.mkdir(exist_ok=True)
    os.chdir(folder)
    top = BACKBONES[config["model"]["backbone"]] + chance.gauss(0, 0.012)
    top -= 0.02 * abs(math.log10(config["lr"] / 3e-4))
    run = weft.init(
        project=PROJECT,
        id=f"seg{number:03}",
        name=name_of(number),
        group=f"ablation-{number % 3}",
        job_type="train",
        notes=NOTES[number % 5] or None,
        tags=[tag for tag, every in (("baseline", 10), ("ablation-2", 3)) if number % every == 0],
        config=config,
    )
    run.define_metric("val/mIoU", summary="max", goal="maximize")
    run.define_metric("val/loss", summary="min", goal="minimize")
    n_rows = int(N_ROWS * 0.56) if number % 11 == 8 else N_ROWS
    for row in range(n_rows):
        done = row / N_ROWS
        values: dict[str, Any] = values_at(number, row, done, top, config["lr"], chance)
        if number % 6 == 0 and row % 50 == 0:
            values["grad/head"] = np.random.default_rng(row).normal(0, 1 - 0.7 * done, 2000)
        run.log(values, step=row * STEPS_A_ROW)
        if number == 36 and row % 30 == 0:
            run.write_logs(line_at(row, values))
        if number == N_RUNS - 7 and row == 640:
            run.alert("Loss spikes", text="train/loss rose by 2.5 in one step", level="warn")
        if live_secs and done > 0.6:
            time.sleep(live_secs / (N_ROWS * 0.4))
    if number % 23 == 5:
        os._exit(1)
    if number % 19 == 6:
        raise RuntimeError("CUDA out of memory")
    run.finish()


def line_at(row: int, values: dict[str, Any]) -> str:
    """A line that the script prints: progress, at times a validation or a warning."""
    step = row * STEPS_A_ROW
    if row % 300 == 0:
        return f"\x1b[32mstep {step:>6}  checkpoint saved to out/step{step}.pt\x1b[0m"
    if row == 810:
        return "\x1b[33mWARNING grad norm 41.2 > 10.0: clipped\x1b[0m"
    shown = "  ".join(f"{key} {value:.4f}" for key, value in [*values.items()][:3])
    return f"step {step:>6}/{N_ROWS * STEPS_A_ROW}  {shown}"


def values_at(
    number: int, row: int, done: float, top: float, lr: float, chance: random.Random
) -> dict[str, float]:
    fall = math.exp(-5 * done)
    spike = 2.5 if number % 13 == 1 and row == 640 else 0.0
    loss = 0.35 + 2.2 * fall + chance.gauss(0, 0.03 + 0.1 * fall) + spike
    if number % 23 == 5 and done > 0.5:
        loss = math.nan if done > 0.55 else loss + (done - 0.5) * 60
    values = {
        "train/loss": loss,
        "train/grad_norm": abs(3 * fall + 1 + chance.gauss(0, 0.15)) + 2.4 * spike,
        "train/lr": lr * min(1.0, done * 20) * (0.5 + 0.5 * math.cos(math.pi * done)),
        "perf/img_per_s": 320 + 10 * (number % 8) + chance.gauss(0, 6),
        "perf/gpu_mem_gb": 18 + number % 6 + 0.2 * math.sin(row / 40),
        "epoch": float(row // 100),
        "progress": done,
    }
    if row % 10 == 0:
        values |= {
            "val/mIoU": top * (1 - 0.8 * math.exp(-7 * done)) + chance.gauss(0, 0.004),
            "val/loss": 1.4 - top + 1.2 * math.exp(-6 * done) + chance.gauss(0, 0.01),
            "val/acc": 0.96 - 0.4 * math.exp(-8 * done) + chance.gauss(0, 0.003),
        }
    return values


CLASSES = ("road", "car", "person", "sky")


def street(number: int) -> tuple[Any, Any, list[int]]:
    """A picture of a street, the class ids of its pixels from 1 on, and where its car is, px."""
    chance = np.random.default_rng(number)
    down, right = np.mgrid[0:96, 0:160]
    ids = np.where(down < 40 + 6 * np.sin(right / 25 + number), 4, 1)
    left, top = int(chance.integers(10, 100)), 44
    ids[top : top + 24, left : left + 44] = 2
    walker = (left + 70) % 150
    ids[38:70, walker : walker + 8] = 3
    colors = np.array([[0, 0, 0], [96, 99, 108], [178, 70, 52], [60, 96, 150], [168, 196, 222]])
    noise = chance.normal(0, 7, (*ids.shape, 3)) - 0.25 * (down[..., None] - 48)
    return (colors[ids] + noise).clip(0, 255).astype(np.uint8), ids, [left, top]


def log_media(number: int) -> None:
    """One run with an evaluation: images with layers, a table, charts."""
    run = weft.init(project=MEDIA_PROJECT, id=f"eval{number}", name=name_of(number))
    chance = np.random.default_rng(number)
    labels = {0: "background", **dict(enumerate(CLASSES, 1))}
    for step in (1000, 2000, 3000):
        skill = 0.1 + step / 9000 + 0.15 * number
        truth = chance.integers(0, len(CLASSES), 400)
        scores = chance.random((400, len(CLASSES))) + skill * np.eye(len(CLASSES))[truth]
        scores /= scores.sum(axis=1, keepdims=True)
        samples, table = [], weft.Table(columns=["image", "class", "confidence", "right"])
        for nth in range(3):
            pixels, ids, (left, top) = street(10 * nth + 3)
            box = {"minX": left, "maxX": left + 44, "minY": top, "maxY": top + 24}
            car_box = {
                "position": box, "domain": "pixel", "class_id": 2,
                "scores": {"confidence": round(0.4 + skill + 0.03 * nth, 2)},
            }  # fmt: skip
            samples.append(
                weft.Image(
                    pixels, caption=f"frame {nth}",
                    boxes={"car": {"box_data": [car_box], "class_labels": labels}},
                    masks={"prediction": {"mask_data": np.where(ids == 1, 0, ids),
                                          "class_labels": labels}},
                )
            )  # fmt: skip
        for nth in range(40):
            guess = int(scores[nth].argmax())
            image = weft.Image(street(nth)[0])
            table.add_data(
                image, CLASSES[guess], float(scores[nth].max()), bool(guess == truth[nth])
            )
        errors = weft.Table(columns=["error"], data=chance.gamma(2, 1 - skill, (2000, 1)))
        values = {
            "samples": samples,
            "predictions": table,
            "eval/roc": weft.plot.roc_curve(truth, scores, labels=CLASSES),
            "eval/confusion": weft.plot.confusion_matrix(
                y_true=truth, probs=scores, class_names=CLASSES
            ),
            "eval/error": weft.plot.histogram(errors, "error", title="Distance to the edge, px"),
        }
        run.log(values, step=step)
    run.finish()


LAYERS = ("encoder.conv1", "encoder.conv2", "decoder.conv1", "head")


def scan() -> weft.Object3D:
    """A street seen by a lidar: ground, two cars with their boxes."""
    chance = np.random.default_rng(5)
    turn = chance.uniform(0, 2 * np.pi, 6000)
    far = 3 + 17 * chance.random(6000) ** 2
    height = chance.normal(0, 0.03, 6000)
    ground = np.stack([far * np.cos(turn), far * np.sin(turn), height], 1)
    corners = np.array([[x, y, z] for x in (0, 4.4) for y in (0, 1.9) for z in (0, 1.5)])
    boxes, clouds = [], [ground]
    for nth, offset in enumerate(([3, 4, 0], [-9, -5, 0])):
        cloud = chance.random((700, 3)) * [4.4, 1.9, 1.5]
        cloud[np.arange(700), chance.integers(0, 3, 700)] = 0  # only sides that face the lidar
        clouds.append(cloud + offset)
        box = {
            "corners": (corners + offset).tolist(),
            "label": f"car {nth}",
            "color": [255, 170, 0],
        }
        boxes.append(box)
    points = np.concatenate(clouds)
    return weft.Object3D(
        {"type": "lidar/beta", "points": points, "boxes": np.array(boxes), "vectors": np.array([])}
    )


def benzene() -> weft.Molecule:
    turns = [math.pi / 3 * nth for nth in range(6)]
    atoms = [
        f"{element} {radius * math.cos(turn):.3f} {radius * math.sin(turn):.3f} 0"
        for element, radius in (("C", 1.39), ("H", 2.48))
        for turn in turns
    ]
    return weft.Molecule("\n".join(["12", "benzene", *atoms]) + "\n", file_type="xyz")


def layers() -> weft.Graph:
    graph = weft.Graph("torch")
    last = None
    for nth, name in enumerate(LAYERS):
        node = graph.add_node(
            name=name, class_name="Conv2d", output_shape=[8, 16 << nth, 96 >> nth, 160 >> nth]
        )
        if last is not None:
            graph.add_edge(last, node)
        last = node
    return graph


def log_kinds() -> None:
    """One run with a value of each type that `log_media` lacks, and gradients of layers."""
    run = weft.init(project=KINDS_PROJECT, id="kinds", name=name_of(3))
    chance = np.random.default_rng(1)
    rate = 8000
    times = np.arange(2 * rate) / rate
    tone = np.sin(2 * np.pi * (220 + 110 * times) * times) * np.exp(-times)
    frames = np.stack([np.roll(street(3)[0], 3 * nth, axis=1) for nth in range(24)])
    faults = "<ul><li>a person behind a car</li><li>glare on the road</li></ul>"
    page = f"<body style='font: 14px sans-serif'><h3>Errors of frame 31</h3>{faults}"
    classes = ["day", "dusk", "night"]
    figure = {
        "data": [
            {
                "type": "bar",
                "name": name,
                "x": classes,
                "y": chance.uniform(0.6, 0.9, 3).round(3).tolist(),
            }
            for name in ("convnext-t", "swin-t")
        ],
        "layout": {"title": {"text": "mIoU by light"}, "barmode": "group"},
    }
    run.log(
        {
            "sound": weft.Audio(tone, sample_rate=rate, caption="horn"),
            "video": weft.Video(frames, fps=8),
            "page": weft.Html(page),
            "scan": scan(),
            "molecule": benzene(),
            "figure": weft.Plotly(figure),
            "graph": layers(),
        },
        step=0,
    )
    for row in range(40):
        widths = [math.exp(-row / 30) * (1 + 0.4 * nth) for nth in range(len(LAYERS))]
        values = {
            f"gradients/{name}.weight": chance.normal(0, width, 4000)
            for name, width in zip(LAYERS, widths, strict=True)
        }
        run.log(values, step=100 * row)
    run.finish()


def log_tutorial() -> None:
    """Run the script and the sweep of the tutorial as it says."""
    page = (Path(__file__).parents[1] / "docs/guide/tutorial.md").read_text()
    script, sweep = (
        re.findall(rf"```{language}\n(.*?)```", page, re.DOTALL)[0]
        for language in ("python", "yaml")
    )
    programs = Path(sys.executable).parent
    path = f"{programs}{os.pathsep}{os.environ['PATH']}"
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "train.py").write_text(script)
        (Path(folder) / "sweep.yaml").write_text(sweep)

        def run(*command: str, **variables: str) -> str:
            environment = {**os.environ, "PATH": path, **variables}
            done = subprocess.run(
                command, cwd=folder, env=environment, check=True, text=True,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            )  # fmt: skip
            return done.stdout

        for rate in ("0.1", "0.01", "1"):
            run("python", "train.py", "--lr", rate, WEFT_RUN_ID=f"lr-{rate}")
        output = run("weft", "sweep", "sweep.yaml", "--project", "tutorial")
        run("weft", "agent", re.findall(r"weft agent (\S+)", output)[0])


def log_all(live_secs: float = 600.0) -> list[subprocess.Popen[bytes]]:
    """Log all runs, each in a process of its own; the last three go on for a while.

    Returns:
        The processes of those that are still running.
    """

    def start(number: int, secs: float) -> subprocess.Popen[bytes]:
        arguments = [sys.executable, Path(__file__), str(number), str(secs)]
        return subprocess.Popen(arguments, stderr=subprocess.DEVNULL)

    for number in range(2):
        log_media(number)
    log_kinds()
    log_tutorial()
    for number in range(N_RUNS - 3):
        start(number, 0).wait()
    return [start(number, live_secs) for number in range(N_RUNS - 3, N_RUNS)]


if __name__ == "__main__":
    if len(sys.argv) > 1:
        log_run(int(sys.argv[1]), live_secs=float(sys.argv[2]))
    else:
        log_all()
