"""Stable-Baselines3 over weft, whose callback of W&B logs no metrics."""

from __future__ import annotations

from pathlib import Path

from framework_script import run_framework
from live_runs import LiveServer

AGENT = """
from stable_baselines3 import PPO
from wandb.integration.sb3 import WandbCallback
wandb.init(project="tests", id="sb3")
agent = PPO("MlpPolicy", "CartPole-v1", n_steps=64, device="cpu")
agent.learn(192, callback=WandbCallback(model_save_path="models"))
wandb.finish()
"""


def test_an_agent_of_stable_baselines_logs_its_metrics(live: LiveServer, tmp_path: Path) -> None:
    # The official callback logs none of them: it relies on files of TensorBoard.
    run_framework(live, tmp_path, AGENT, over_weft=True)
    assert live.values("sb3", "global_step") == [64, 128, 192]
    assert len(live.values("sb3", "train/loss")) >= 2
    assert live.run("sb3").config["algo"] == "PPO"
    axes = {entry["name"]: entry["step_metric"] for entry in live.run("sb3").definitions}
    assert axes["train/loss"] == axes["time/fps"] == "global_step"
    assert [file.name for file in live.run("sb3").files() if file.name == "model.zip"]
