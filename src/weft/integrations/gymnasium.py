"""Gymnasium: the videos that its wrappers record, and Stable-Baselines3's, in the active run.

weft.init(monitor_gym=True)  # or weft.integrations.gymnasium.monitor()
env = gymnasium.wrappers.RecordVideo(env, "videos")
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import weft
from weft.integrations.patching import Replacements
from weft.integrations.shielding import shielded
from weft.integrations.versions import warn_of_version

__all__ = ["monitor", "unmonitor"]

KEY: Final = "videos"
_OLD_KEY: Final = re.compile(r".+(video\.\d+).+")
"""The form of `gym`'s names of videos, with a process and a number: the key, as in W&B."""


def monitor() -> None:
    """Log each video to the active run, as `videos`, once it is recorded, from now on.

    Served are `RecordVideo` of gymnasium, for one environment and for vectors of them, the
    `VideoRecorder` of its versions before 1.0 and of gym, and `VecVideoRecorder` of
    Stable-Baselines3. Calling it again changes nothing.

    >>> monitor()
    >>> unmonitor()
    """
    _replacements.begin(
        {
            "gymnasium.wrappers.rendering": _change("RecordVideo", "stop_recording", _recorded),
            "gymnasium.wrappers.vector.rendering": _change(
                "RecordVideo", "stop_recording", _recorded
            ),
            "gymnasium.wrappers.monitoring.video_recorder": _change(
                "VideoRecorder", "close", _closed
            ),
            "gym.wrappers.monitoring.video_recorder": _change("VideoRecorder", "close", _closed),
            "stable_baselines3.common.vec_env.vec_video_recorder": _change(
                "VecVideoRecorder", "_stop_recording", _of_vector
            ),
        }
    )


def unmonitor() -> None:
    """Leave the videos alone from now on."""
    _replacements.end()


def begin(run: weft.Run) -> None:
    """Serve a run that was started with `monitor_gym=True`."""
    del run
    monitor()


def _change(
    cls: str, method: str, path_of: Callable[[Any], str | None]
) -> Callable[[ModuleType], None]:
    """A function that has a class's method log the video that it has written."""

    def wrap(original: Any) -> Any:
        def write_and_log(recorder: Any, *arguments: Any, **options: Any) -> Any:
            path = _path(recorder, path_of)
            answer = original(recorder, *arguments, **options)
            _log(path)
            return answer

        return write_and_log

    def change(module: ModuleType) -> None:
        owner = getattr(module, cls, None)
        if hasattr(owner, method):
            _replacements.replace(owner, method, wrap)
        else:
            distribution = module.__name__.partition(".")[0]
            warn_of_version("monitor_gym", distribution, _OLDEST[distribution])

    return change


_OLDEST: Final = {"gym": "0.26", "gymnasium": "0.26", "stable_baselines3": "2.0"}


@shielded
def _path(recorder: Any, path_of: Callable[[Any], str | None]) -> str | None:
    return path_of(recorder)


def _recorded(recorder: Any) -> str | None:
    name = recorder._video_name
    return os.path.join(recorder.video_folder, f"{name}.mp4") if name else None  # noqa: PTH118


def _closed(recorder: Any) -> str | None:
    return None if recorder.enabled is False else recorder.path


def _of_vector(recorder: Any) -> str | None:
    path: str = recorder.video_path
    return path


@shielded
def _log(path: str | None) -> None:
    if path is None or weft.run is None or not Path(path).is_file():
        return
    match = _OLD_KEY.match(path)
    name = Path(path).stem
    weft.log({match.group(1) if match else KEY: weft.Video(path, caption=name)})


_replacements = Replacements()
