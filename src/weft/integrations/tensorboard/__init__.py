"""TensorBoard: the values of its writers, in the active run as well.

    weft.init(sync_tensorboard=True)  # or weft.sync_tensorboard()
    SummaryWriter("runs/a").add_scalar("loss", 0.5, global_step=10)

Writers of PyTorch, tensorboardX, TensorBoard itself and TensorFlow are served, also those that
exist already and those of libraries. Each `global_step` of them is a row's step, and its
`global_step`. Scalars, images, GIFs, sounds, histograms, texts and precision-recall curves become
metrics of the same names; hyperparameters items of the config; the event files are saved with the
run when it ends.

    folders     the part of a metric's name that comes from the folder of its writer
    rows        events as rows of the run
    tailing     reads the files of TensorFlow, whose writers are not Python
    writers     the classes of writers, and the functions put in their place
"""

from __future__ import annotations

import os
from typing import Any

import weft
from weft.errors import UsageError
from weft.integrations.tensorboard import rows, writers

__all__ = ["log", "patch", "sync_tensorboard", "unpatch"]


def patch(
    save: bool = True,
    tensorboard_x: bool | None = None,
    pytorch: bool | None = None,
    root_logdir: str | os.PathLike[str] = "",
) -> None:
    """Send what TensorBoard's writers write to the active run, too, from now on.

    Args:
        save: whether the event files are saved with the run when it ends.
        tensorboard_x, pytorch: accepted for scripts of W&B; every kind of writer is served.
        root_logdir: the folder above the folders of all writers. A metric's name begins with the
            folder of its writer below that one: with "logs", `loss` in `logs/train` is
            `train/loss`. Without it, it is the folder that all writers have in common when the
            first event comes; a writer alone adds nothing to its names, unless its folder has
            the name of a split, such as `train`.

    Raises:
        UsageError: the writers are patched already.
    """
    del tensorboard_x, pytorch
    if rows.settings.is_on:
        raise UsageError("TensorBoard is patched already: call weft.tensorboard.unpatch() first")
    rows.settings.is_on = True
    rows.settings.saves = save
    rows.settings.root = os.fspath(root_logdir)
    writers.patches.begin()


def sync_tensorboard() -> None:
    """Send what TensorBoard's writers write to the active run, too: `patch` without arguments.

    Calling it again changes nothing.

    >>> import weft
    >>> weft.sync_tensorboard()
    >>> weft.tensorboard.unpatch()
    """
    if not rows.settings.is_on:
        patch()


def unpatch() -> None:
    """Leave TensorBoard's writers alone from now on."""
    rows.settings.reset()
    writers.patches.end()


def log(summary: Any, step: int = 0, namespace: str = "") -> None:
    """Log a summary or an event of TensorBoard to the active run.

    Args:
        summary: a `Summary` or an `Event`: the protobuf message, or the bytes of a `Summary`.
        step: the `global_step` of a summary; events have their own.
        namespace: what the metrics' names begin with, as in `train/loss`.

    Raises:
        UsageError: no run is active.
        TypeError: `summary` is something else.
    """
    run = weft.run
    if run is None:
        raise UsageError("tensorboard.log() logs to the active run: call weft.init() first")
    data = summary if isinstance(summary, (bytes, bytearray)) else _serialized(summary)
    is_event = hasattr(summary, "wall_time")
    rows.rows_of(run).add_summary(bytes(data), None if is_event else step, namespace)


def _serialized(summary: Any) -> bytes:
    if not hasattr(summary, "SerializeToString"):
        raise TypeError(
            f"tensorboard.log() takes a Summary, an Event or bytes, not {type(summary).__name__}"
        )
    data: bytes = summary.SerializeToString()
    return data


def begin(run: weft.Run) -> None:
    """Serve a run that was started with `sync_tensorboard=True`."""
    writers.patches.begin()
    rows.rows_of(run)
