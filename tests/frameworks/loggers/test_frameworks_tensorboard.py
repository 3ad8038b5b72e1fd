"""The values of TensorBoard's writers, by weft and by W&B's client for the same script."""

from __future__ import annotations

from pathlib import Path

import pytest

from framework_script import run_framework
from live_runs import LiveServer

HEAD = """
run = wandb.init(project="tests", id="{id}", sync_tensorboard=True)
import torch
from torch.utils.tensorboard import SummaryWriter
"""

SEVERAL = """
train, validation = SummaryWriter("logs/train"), SummaryWriter("logs/validation")
for step in range(0, 50, 10):
    train.add_scalar("loss", 1 / (step + 1), step)
    validation.add_scalar("loss", 2 / (step + 1), step)
    validation.add_scalar("accuracy", step, step, new_style=True)
train.add_histogram("weights", rng.normal(size=1000), 20)
train.add_image("digit", rng.random((3, 8, 8)), 30)
validation.add_pr_curve("curve", rng.integers(0, 2, 100), rng.random(100), 40)
train.close()
validation.close()
wandb.finish()
"""

MORE = """
writer = SummaryWriter("runs/x")
for value in range(3):
    writer.add_scalar("no_step", value)
writer.add_text("note", "**hi**", 1)
writer.add_audio("sound", torch.rand(1, 800), 2, sample_rate=8000)
writer.add_scalars("both", {"a": 1, "b": 2}, 3)
writer.add_hparams({"lr": 0.1, "optimizer": "sgd"}, {"best": 0.5}, run_name="trial")
run.define_metric("mine", summary="max")
writer.add_scalar("mine", 3, 4)
writer.add_scalar("mine", 2, 5)
wandb.finish()  # the writer is not closed
"""

KERAS = """
os.environ["KERAS_BACKEND"] = "tensorflow"
import keras, tensorflow as tf
wandb.init(project="tests", id="keras-tb", sync_tensorboard=True)
model = keras.Sequential([keras.layers.Dense(1)])
model.compile("sgd", "mse")
model.fit(
    rng.random((32, 4)), rng.random((32, 1)), epochs=3, validation_split=0.5, verbose=0,
    callbacks=[keras.callbacks.TensorBoard("logs")],
)
writer = tf.summary.create_file_writer("logs/own")
@tf.function
def in_graph(step):
    with writer.as_default(step=step):
        tf.summary.scalar("twice", 2 * step)
for step in range(3):
    in_graph(tf.constant(step, tf.int64))
wandb.finish()
"""

TENSORBOARD_X = """
from tensorboardX import SummaryWriter
writer = SummaryWriter("runs/x")
with wandb.init(project="tests", id="tensorboardx"):
    writer.add_scalar("before", 1, 0)
    wandb.tensorboard.patch(root_logdir="runs")
    for step in range(3):
        writer.add_scalar("loss", step, step)
    writer.add_histogram("weights", rng.normal(size=100), 3)
    wandb.tensorboard.unpatch()
    writer.add_scalar("after", 1, 4)
"""

FAULTS = """
run._recorder.history.append = None  # whatever a row calls fails
writer = SummaryWriter("runs/x")
for step in range(100):
    writer.add_scalar("loss", step, step)
writer.add_event = None
writer.close()
from tensorboard.backend.event_processing.event_file_loader import EventFileLoader
(path,) = __import__("glob").glob("runs/x/*")
assert sum(1 for event in EventFileLoader(path).Load() if event.HasField("summary")) == 100
"""


def test_the_official_client_logs_the_same(live: LiveServer, tmp_path: Path) -> None:
    runs = ("official", "ours")
    for run_id in runs:
        folder = tmp_path / run_id
        folder.mkdir()
        code = HEAD.replace("{id}", run_id) + SEVERAL
        run_framework(live, folder, code, over_weft=run_id == "ours")
    official, ours = (live.run(run_id) for run_id in runs)
    assert (ours.state, ours.warnings) == ("finished", [])
    assert official.history_keys["keys"].keys() <= {
        *ours.history_keys["keys"],
        "train/digit.count",
        "train/weights.bins",
    }
    for key in ("train/loss", "validation/loss", "validation/accuracy"):
        assert live.values("ours", key) == pytest.approx(live.values("official", key)), key
        assert ours.history_keys["keys"][key]["typeCounts"][0]["count"] == 5
    theirs = live.values("official", "train/weights")[0]
    (weights,) = live.values("ours", "train/weights")
    assert sum(weights["values"]) == pytest.approx(sum(theirs["values"]))
    assert (weights["bins"][0], weights["bins"][-1]) == pytest.approx(
        (theirs["bins"][0], theirs["bins"][-1])
    )
    assert [live.values(run, "train/digit")[0]["width"] for run in runs] == [8, 8]
    steps = [row["_step"] for row in live.rows("ours") if row.get("train/loss") is not None]
    assert sorted(steps) == [0, 10, 20, 30, 40]
    names = [{Path(file.name).parent for file in run.files()} for run in (official, ours)]
    assert names[0] & names[1] >= {Path("train"), Path("validation")}


def test_what_the_official_client_leaves_out_is_logged(live: LiveServer, tmp_path: Path) -> None:
    run_framework(live, tmp_path, HEAD.replace("{id}", "more") + MORE, over_weft=True)
    run = live.run("more")
    assert (run.state, run.warnings) == ("finished", [])
    assert live.values("more", "no_step") == [0, 1, 2]
    assert live.values("more", "note") == ["**hi**"]
    assert live.values("more", "sound")[0]["_type"] == "audio-file"
    assert live.values("more", "both_a/both") == [1]
    assert live.values("more", "trial/best") == [0.5]
    assert {key: run.config[key] for key in ("lr", "optimizer")} == {"lr": 0.1, "optimizer": "sgd"}
    assert run.summary["mine"] == {"max": 3}
    assert [file.name for file in run.files() if "tfevents" in file.name]


def test_files_of_tensorflow_are_read(live: LiveServer, tmp_path: Path) -> None:
    stderr = run_framework(live, tmp_path, KERAS, over_weft=True, is_forked=False)
    assert "damaged" not in stderr
    assert len(live.values("keras-tb", "train/epoch_loss")) == 3
    assert len(live.values("keras-tb", "validation/epoch_loss")) == 3
    assert live.values("keras-tb", "own/twice") == [0, 2, 4]


def test_writers_that_exist_are_patched_and_left_alone_again(
    live: LiveServer, tmp_path: Path
) -> None:
    run_framework(live, tmp_path, TENSORBOARD_X, over_weft=True)
    assert live.values("tensorboardx", "x/loss") == [0, 1, 2]
    assert live.values("tensorboardx", "x/weights")[0]["_type"] == "histogram"
    assert not {"x/before", "x/after"} & set(live.run("tensorboardx").history_keys["keys"])


def test_a_fault_of_weft_reaches_no_writer(live: LiveServer, tmp_path: Path) -> None:
    code = HEAD.replace("{id}", "faults") + FAULTS
    run_framework(live, tmp_path, code, over_weft=True)
