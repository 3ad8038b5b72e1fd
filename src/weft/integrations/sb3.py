"""Stable-Baselines3: the agent's settings, its metrics by step, gradients, the model."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import stable_baselines3
from stable_baselines3.common.callbacks import BaseCallback
from stable_baselines3.common.logger import KVWriter, TensorBoardOutputFormat

import weft
from weft.errors import UsageError
from weft.integrations.shielding import active_run, shielded
from weft.integrations.sizes import add_model, is_large
from weft.integrations.tensorboard.rows import rows_now
from weft.integrations.versions import check_version

check_version(stable_baselines3)


class WeftCallback(BaseCallback):
    """A callback for `learn`: everything that the agent's logger prints, over `global_step`.

    `sync_tensorboard` is not needed. Where it is on and the agent writes for TensorBoard, the
    metrics come from there.

    Args:
        verbose: 2 prints a line for each model that is saved.
        model_save_path: a folder for `model.zip`, which is also saved with the run; above 2 GB, it
            is logged as an artifact by reference. None: no model is saved.
        model_save_freq: calls of `step` between two models; 0: the last one alone.
        gradient_save_freq: steps of the optimizer between two histograms of gradients; 0: none.
        log: what `watch` logs: "gradients", "parameters", "all" or None.

    Raises:
        UsageError: no run is active, or an argument is something else.
    """

    def __init__(
        self,
        verbose: int = 0,
        model_save_path: str | None = None,
        model_save_freq: int = 0,
        gradient_save_freq: int = 0,
        log: Literal["gradients", "parameters", "all"] | None = "all",
    ) -> None:
        super().__init__(verbose)
        active_run("sb3's callback")
        if log not in {"gradients", "parameters", "all", None}:
            raise UsageError(f'log is "gradients", "parameters", "all" or None: {log!r}')
        if model_save_freq and model_save_path is None:
            raise UsageError("model_save_freq needs model_save_path, a folder for the models")
        self._folder = None if model_save_path is None else Path(model_save_path)
        self._save_every = model_save_freq
        self._watch_every = gradient_save_freq
        self._watches: Any = log

    @shielded
    def _init_callback(self) -> None:
        settings = {
            key: value if isinstance(value, bool | int | float | str) else str(value)
            for key, value in vars(self.model).items()
        }
        weft.config.setdefaults({"algo": type(self.model).__name__, **settings})
        if self._watch_every:
            weft.watch(self.model.policy, log=self._watches, log_freq=self._watch_every)
        if rows_now() is None or not _writes_tensorboard(self.logger.output_formats):
            self.logger.output_formats.append(_Rows())

    def _on_step(self) -> bool:
        if self._save_every and self.n_calls % self._save_every == 0:
            self._save_model()
        return True

    def _on_training_end(self) -> None:
        if self._folder is not None:
            self._save_model()

    @shielded
    def _save_model(self) -> None:
        assert self._folder is not None
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / "model.zip"
        self.model.save(path)
        if is_large(path):
            artifact = weft.Artifact(f"run_{active_run('sb3').id}_model", type="model")
            add_model(artifact, path)
            weft.log_artifact(artifact)
        else:
            weft.save(str(path), base_path=str(self._folder))
        if self.verbose > 1:
            weft.termlog(f"saved {path}")


def _writes_tensorboard(outputs: list[KVWriter]) -> bool:
    return any(isinstance(output, TensorBoardOutputFormat) for output in outputs)


class _Rows(KVWriter):
    """An output of the agent's logger: one row for each of its dumps, over `global_step`."""

    def __init__(self) -> None:
        self._defined: set[str] = set()

    @shielded
    def write(
        self,
        key_values: dict[str, Any],
        key_excluded: dict[str, tuple[str, ...]],
        step: int = 0,
    ) -> None:
        row = {
            key: value
            for key, value in key_values.items()
            if "weft" not in (key_excluded.get(key) or ()) and not isinstance(value, str)
        }
        for key in row.keys() - self._defined:
            weft.define_metric(key, step_metric="global_step")
            self._defined.add(key)
        weft.log({**row, "global_step": step})

    def close(self) -> None:
        pass
