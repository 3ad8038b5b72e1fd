"""Models and tables of callbacks that are larger than the limit: a reference, or a warning."""

from __future__ import annotations

from pathlib import Path

from framework_script import run_framework
from live_runs import LiveServer
from sdk_script import run_well
from weft.sdk.artifacts.files.entry import ArtifactEntry

LIMIT = """
import os
import numpy as np
import weft
import weft.integrations.sizes
weft.integrations.sizes.MAX_BYTES = 1000
"""

KERAS = """
os.environ["KERAS_BACKEND"] = "torch"
import keras
from sklearn.datasets import load_iris
from weft.integrations.keras import EvalCallback, MetricsLogger, ModelCheckpoint

class Predictions(EvalCallback):
    def add_ground_truth(self, logs=None):
        self.data_table.add_data("one")
    def add_model_predictions(self, epoch, logs=None):
        self.pred_table.add_data("x" + np.random.default_rng(0).bytes(9000).hex())

features, labels = load_iris(return_X_y=True)
weft.init(id="keras")
model = keras.Sequential([keras.layers.Dense(4, "relu"), keras.layers.Dense(3, "softmax")])
model.compile("sgd", "sparse_categorical_crossentropy")
model.fit(
    features, labels, epochs=2, verbose=0,
    callbacks=[
        MetricsLogger(), ModelCheckpoint("model-{epoch}.keras"), Predictions(["a"], ["b"])
    ],
)
weft.finish()
"""

LIGHTGBM = """
import lightgbm
from sklearn.datasets import load_iris
from weft.integrations.lightgbm import log_summary
features, labels = load_iris(return_X_y=True)
weft.init(id="lightgbm")
data = lightgbm.Dataset(features, labels)
log_summary(lightgbm.train({"verbosity": -1}, data, 3), save_model_checkpoint=True)
weft.finish()
"""

AGENT = """
from stable_baselines3 import PPO
from weft.integrations.sb3 import WeftCallback
weft.init(project="tests", id="agent")
agent = PPO("MlpPolicy", "CartPole-v1", n_steps=64, n_epochs=1, device="cpu")
agent.learn(64, callback=WeftCallback(model_save_path="models"))
weft.finish()
"""


def entries_of(live: LiveServer, run_id: str) -> dict[str, list[ArtifactEntry]]:
    """The files of each artifact that a run logged."""
    return {
        artifact.name: [artifact.get_entry(path) for path in artifact.paths]
        for artifact in live.run(run_id).logged_artifacts()
    }


def test_a_large_checkpoint_is_a_reference_and_a_large_table_is_refused(
    live: LiveServer, tmp_path: Path
) -> None:
    script = run_well(tmp_path, LIMIT + KERAS, live.environment)
    artifacts = entries_of(live, "keras")
    assert artifacts.keys() == {"val:v0", "run_keras_model:v0", "run_keras_model:v1"}
    for epoch in (1, 2):
        (entry,) = artifacts[f"run_keras_model:v{epoch - 1}"]
        assert entry.ref == (tmp_path / f"model-{epoch}.keras").resolve().as_uri()
    assert script.stderr.count("models larger than 1.0 kB are logged by reference") == 1
    assert "LimitExceeded: the table eval_data has" in script.stderr
    assert "which is more than 1.0 kB; add fewer rows" in script.stderr
    assert "EvalCallback.log_data_table" not in script.stderr


def test_a_large_model_of_trees_is_a_reference(live: LiveServer, tmp_path: Path) -> None:
    script = run_well(tmp_path, LIMIT + LIGHTGBM, live.environment)
    ((entry,),) = entries_of(live, "lightgbm").values()
    assert entry.ref is not None
    assert entry.ref.endswith("/model_ckpt_0.txt")
    assert Path(entry.ref.removeprefix("file://")).is_file()
    assert "log_summary" not in script.stderr
    assert "are logged by reference" in script.stderr


def test_a_large_agent_is_a_reference(live: LiveServer, tmp_path: Path) -> None:
    run_framework(live, tmp_path, LIMIT + AGENT, over_weft=True)
    ((entry,),) = entries_of(live, "agent").values()
    assert entry.ref == (tmp_path / "models/model.zip").resolve().as_uri()
    assert "model.zip" not in {file.name for file in live.run("agent").files()}
