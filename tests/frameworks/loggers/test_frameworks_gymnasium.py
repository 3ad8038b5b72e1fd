"""Videos that Gymnasium and Stable-Baselines3 record."""

from __future__ import annotations

from pathlib import Path

from framework_script import run_framework
from live_runs import LiveServer

VIDEOS = """
import gymnasium
with wandb.init(project="tests", id="videos", monitor_gym=True):
    env = gymnasium.make("CartPole-v1", render_mode="rgb_array")
    env = gymnasium.wrappers.RecordVideo(env, "videos", episode_trigger=lambda n: n % 2 == 0)
    for episode in range(4):
        env.reset(seed=episode)
        while not any(env.step(env.action_space.sample())[2:4]):
            pass
    env.close()
"""

AGENT = """
from stable_baselines3 import PPO
from stable_baselines3.common.env_util import make_vec_env
from stable_baselines3.common.vec_env import VecVideoRecorder
from wandb.integration.sb3 import WandbCallback
with wandb.init(project="tests", id="agent", monitor_gym=True, sync_tensorboard=True):
    env = make_vec_env("CartPole-v1", 1)
    env = VecVideoRecorder(
        env, "videos", record_video_trigger=lambda step: step == 0, video_length=20
    )
    agent = PPO("MlpPolicy", env, n_steps=64, device="cpu", tensorboard_log="runs")
    agent.learn(128, callback=WandbCallback())
"""


def test_recorded_episodes_are_videos_of_the_run(live: LiveServer, tmp_path: Path) -> None:
    run_framework(live, tmp_path, VIDEOS, over_weft=True)
    videos = live.values("videos", "videos")
    assert [video["_type"] for video in videos] == ["video-file"] * 2
    assert [video["caption"] for video in videos] == ["rl-video-episode-0", "rl-video-episode-2"]


def test_metrics_of_an_agent_that_writes_for_tensorboard_come_once(
    live: LiveServer, tmp_path: Path
) -> None:
    run_framework(live, tmp_path, AGENT, over_weft=True)
    assert len(live.values("agent", "time/fps")) == 2
    assert live.values("agent", "videos")[0]["_type"] == "video-file"
    assert live.run("agent").config["algo"] == "PPO"
