"""Keras 3 and `tf.keras`: metrics, checkpoints as artifacts, tables of predictions.

With Keras 3 any backend serves: TensorFlow, JAX or PyTorch.
"""

from __future__ import annotations

import abc
from pathlib import Path
from typing import Any, Literal

import keras
from keras import callbacks

import weft
from weft.errors import UsageError, WrongType
from weft.integrations.shielding import active_run, shielded
from weft.integrations.sizes import add_model, check_table
from weft.integrations.versions import check_version
from weft.sdk.artifacts.recording.uses import log_input

check_version(keras)


class MetricsLogger(callbacks.Callback):
    """A callback that logs the metrics of each epoch, or of each so many batches.

    The keys are `epoch/<metric>` over `epoch/epoch` and, within epochs, `batch/<metric>` over
    `batch/batch_step`; the learning rate is logged with them. In a resumed run, `batch_step`
    continues after its last value.

    Args:
        log_freq: "epoch", "batch", or a number of batches.
        initial_global_step: batches trained before, for the learning rate of a schedule when a
            training continues.

    Raises:
        UsageError: no run is active, or `log_freq` is something else.
    """

    def __init__(
        self, log_freq: Literal["epoch", "batch"] | int = "epoch", initial_global_step: int = 0
    ) -> None:
        super().__init__()
        run = active_run("MetricsLogger")
        every = 1 if log_freq == "batch" else log_freq
        if every != "epoch" and not (isinstance(every, int) and every > 0):
            raise UsageError(f'log_freq is "epoch", "batch" or a number: {log_freq!r}')
        self._n_batches_a_row = every if isinstance(every, int) else None
        self._n_batches = 0
        self._global_step = initial_global_step
        axes = ["epoch/epoch"]
        if self._n_batches_a_row:
            axes.append("batch/batch_step")
            if run.resumed and "batch/batch_step" in run.summary:
                self._n_batches = run.summary["batch/batch_step"] + self._n_batches_a_row
        for axis in axes:
            run.define_metric(axis)
            run.define_metric(f"{axis.partition('/')[0]}/*", step_metric=axis)

    @shielded
    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self._log("epoch", {"epoch": epoch}, logs)

    @shielded
    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        self._global_step += 1
        if self._n_batches_a_row and batch % self._n_batches_a_row == 0:
            self._log("batch", {"batch_step": self._n_batches}, logs)
            self._n_batches += self._n_batches_a_row

    def _log(self, part: str, axis: dict[str, int], logs: dict[str, Any] | None) -> None:
        row = {**(logs or {}), **axis}
        rate = self._learning_rate()
        if rate is not None:
            row["learning_rate"] = rate
        weft.log({f"{part}/{key}": value for key, value in row.items()})

    def _learning_rate(self) -> float | None:
        optimizer: Any = getattr(self.model, "optimizer", None)
        if optimizer is None:  # the model trains by itself, without an optimizer of Keras
            return None
        rate = optimizer.learning_rate
        return float(rate(self._global_step) if callable(rate) else rate)


class ModelCheckpoint(callbacks.ModelCheckpoint):
    """Keras's callback of the same name, which also logs each checkpoint as an artifact.

    Versions of `run_<id>_model`, of type "model", have the aliases "latest" and `epoch_<n>`, with
    `_batch_<n>` for those between epochs. One above 2 GB is logged by reference. All arguments are
    those of Keras.

    Raises:
        UsageError: no run is active.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        active_run("ModelCheckpoint")

    def _save_model(self, epoch: int, batch: int | None = None, logs: Any = None) -> None:
        path = Path(self._get_file_path(epoch, batch, logs))
        before = _changed_at(path)
        super()._save_model(epoch, batch, logs)
        if _changed_at(path) != before:
            self._log_checkpoint(path, epoch, batch)

    @shielded
    def _log_checkpoint(self, path: Path, epoch: int, batch: int | None) -> None:
        run = active_run("ModelCheckpoint")
        artifact = weft.Artifact(f"run_{run.id}_model", type="model")
        add_model(artifact, path)
        alias = f"epoch_{epoch}" if batch is None else f"epoch_{epoch}_batch_{batch}"
        run.log_artifact(artifact, aliases=["latest", alias])


def _changed_at(path: Path) -> int | None:
    """When a checkpoint was written, in ns; None if it is not there."""
    return path.stat().st_mtime_ns if path.exists() else None


class EvalCallback(callbacks.Callback, abc.ABC):
    """A base class of callbacks that log a table of predictions after each epoch.

    A subclass fills `data_table` in `add_ground_truth` and `pred_table` in
    `add_model_predictions`. The first is logged as the artifact "val" when the training begins,
    and is `data_table_ref` from then on; the second as a version of `run_<id>_pred` each epoch.
    A table above 2 GB becomes a warning with its size.

    Args:
        data_table_columns: columns of the ground truth.
        pred_table_columns: columns of the predictions.

    Raises:
        UsageError: no run is active.
        WrongType: columns are not a list of names.
    """

    def __init__(self, data_table_columns: list[str], pred_table_columns: list[str]) -> None:
        super().__init__()
        active_run("EvalCallback")
        for columns in (data_table_columns, pred_table_columns):
            if not isinstance(columns, list | tuple) or not all(
                isinstance(name, str) for name in columns
            ):
                raise WrongType(f"columns of EvalCallback are a list of names, not {columns!r}")
        self.data_table_columns = data_table_columns
        self.pred_table_columns = pred_table_columns

    @abc.abstractmethod
    def add_ground_truth(self, logs: dict[str, float] | None = None) -> None:
        """Add the rows of `data_table`."""

    @abc.abstractmethod
    def add_model_predictions(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Add the rows of `pred_table`."""

    def on_train_begin(self, logs: dict[str, float] | None = None) -> None:
        self.init_data_table(self.data_table_columns)
        self.add_ground_truth(logs)
        self.log_data_table()

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        self.init_pred_table(self.pred_table_columns)
        self.add_model_predictions(epoch, logs)
        self.log_pred_table()

    def init_data_table(self, column_names: list[str]) -> None:
        """Begin `data_table`."""
        self.data_table = weft.Table(columns=column_names, allow_mixed_types=True)

    def init_pred_table(self, column_names: list[str]) -> None:
        """Begin the `pred_table` of an epoch."""
        self.pred_table = weft.Table(columns=column_names)

    @shielded
    def log_data_table(
        self,
        name: str = "val",
        type: str = "dataset",
        table_name: str = "val_data",
    ) -> None:
        """Log `data_table` as an input of the run; from then on, `data_table_ref` has its rows."""
        artifact = weft.Artifact(name, type=type)
        self.data_table_ref = self.data_table
        artifact.add(self.data_table, table_name)
        check_table(table_name, artifact)
        # `use_artifact` would wait for the server's answer before the first epoch
        log_input(active_run("EvalCallback")._recorder, artifact)

    @shielded
    def log_pred_table(
        self,
        type: str = "evaluation",
        table_name: str = "eval_data",
        aliases: list[str] | None = None,
    ) -> None:
        """Log `pred_table` as the next version."""
        run = active_run("EvalCallback")
        artifact = weft.Artifact(f"run_{run.id}_pred", type=type)
        artifact.add(self.pred_table, table_name)
        check_table(table_name, artifact)
        run.log_artifact(artifact, aliases=aliases or ["latest"])


# W&B's names
WandbMetricsLogger = MetricsLogger
WandbModelCheckpoint = ModelCheckpoint
WandbEvalCallback = EvalCallback
