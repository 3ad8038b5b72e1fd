"""Events of TensorBoard as rows of a run."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import RLock
from typing import Any, Final

import weft
from weft.integrations.shielding import shielded
from weft.integrations.tensorboard.folders import Namespaces
from weft.records.protobuf import MalformedMessage
from weft.sdk.session import session
from weft.tensorboard_format.decoding import Decoder
from weft.tensorboard_format.values import (
    Curve,
    Histogram,
    Hyperparameters,
    Images,
    Scalar,
    Sounds,
    Text,
    Value,
)

STEP: Final = "global_step"

_TEXT_SUFFIX: Final = "/text_summary"
"""The end of a text's tag, which PyTorch and tensorboardX add to the user's."""

_SUMMARY_OF_EVENT: Final = b"\x2a"
"""Field 5 of an event, as a message."""


class Settings:
    """The arguments of the last `patch()`.

    Attributes:
        flush: has the writers that are patched write and log what they hold back.
        is_on: whether every run is served, also those started without `sync_tensorboard`.
        saves: whether event files are saved with the run.
        root: the folder above the folders of all writers, or "".
    """

    def __init__(self) -> None:
        self.flush: Callable[[], None] = lambda: None
        self.reset()

    def reset(self) -> None:
        self.is_on = False
        self.saves = True
        self.root = ""


settings = Settings()


class RunRows:
    """The values of writers as rows of one run."""

    def __init__(self, run: weft.Run) -> None:
        self.run = run
        self._namespaces = Namespaces(settings.root)
        self._decoders: dict[str, Decoder] = {}
        self._lock = RLock()  # writers are used in several threads
        self._metrics: set[str] = set()
        self._keys: dict[tuple[str, str], str] = {}
        self._step: int | None = None
        self._in_row: set[str] = set()
        self._began = time.time()

    def register(self, folder: str) -> None:
        """Note the folder of a writer that has written nothing yet."""
        with self._lock:
            self._namespaces.register(folder)

    def add(self, folder: str, event: bytes) -> None:
        """Log an event of the writer in a folder."""
        with self._lock:
            self._add(folder, event, self._namespaces.of(folder))

    def add_scalar(self, folder: str, tag: str, value: float, step: int) -> None:
        """Log an event that holds one number: the same as `add`, at a fifth of its cost."""
        with self._lock:
            key = self._keys.get((folder, tag))
            if key is None:
                key = self._keys[folder, tag] = _key(self._namespaces.of(folder), tag)
            self._log({key: value}, step)

    def add_summary(self, data: bytes, step: int | None, namespace: str) -> None:
        """Log the bytes of a summary, or of an event, if there is no step."""
        if step is not None:
            data = b"\x10" + _varint(step) + _SUMMARY_OF_EVENT + _varint(len(data)) + data
        with self._lock:
            self._add(f"log() {namespace}", data, namespace)

    def _add(self, source: str, data: bytes, namespace: str) -> None:
        try:
            event = self._decoders.setdefault(source, Decoder()).decode(data)
        except MalformedMessage as error:
            weft.termwarn(f"an event of TensorBoard can't be read: {error}", repeat=False)
            return
        if event is None:
            return
        row: dict[str, Any] = {}
        for tag, value in event.values:
            if isinstance(value, Hyperparameters):
                self.run.config.setdefaults(value.values)
                continue
            tag = tag.removesuffix(_TEXT_SUFFIX) if isinstance(value, Text) else tag
            key = _key(namespace, tag)
            row[key] = _logged(key, value)
        if row:
            self._log(row, event.step)

    def _log(self, row: dict[str, Any], step: int) -> None:
        for key in row.keys() - self._metrics:
            self._define(key)
        if step == self._step and not self._in_row.isdisjoint(row):
            # A second value at a step, as of writers without steps, needs a row of its own.
            self.run.log({}, step=step, commit=True)
            self._step = None
        if step != self._step:
            self._step = step
            self._in_row.clear()
            row[STEP] = step
        self._in_row.update(row)
        self.run.log(row, step=step)

    def _define(self, key: str) -> None:
        definitions = self.run._recorder.definitions
        if not self._metrics and not definitions.defines(STEP):
            self.run.define_metric(STEP, hidden=True)
        self._metrics.add(key)
        if not definitions.defines(key):
            self.run.define_metric(key, step_metric=STEP)

    def end(self) -> None:
        """Log what writers hold back, and save the event files with the run, by their folders."""
        settings.flush()
        if settings.saves:
            self._save_files()

    @shielded
    def _save_files(self) -> None:
        for folder in self._namespaces.folders:
            name = self._namespaces.of(folder)
            base = Path(folder).parents[name.count("/")] if name else Path(folder)
            for path in Path(folder).glob("*tfevents*"):
                if path.stat().st_mtime >= self._began - 1:
                    self.run.save(str(path), base_path=str(base), policy="end")


def _key(namespace: str, tag: str) -> str:
    return f"{namespace}/{tag}" if namespace else tag


def _logged(key: str, value: Value) -> Any:
    match value:
        case Scalar():
            return value.value
        case Text():
            return value.text
        case Images():
            return [_image(content) for content in value.contents]
        case Sounds():
            sounds = [weft.Audio(content) for content in value.contents]
            return sounds[0] if len(sounds) == 1 else sounds
        case Histogram():
            return weft.Histogram(np_histogram=_merged(value.weights, value.edges))
        case Curve():
            return _curve(key, value)
        case Hyperparameters():
            raise AssertionError


def _image(content: bytes) -> weft.Image | weft.Video:
    if content.startswith(b"GIF"):
        return weft.Video(content, format="gif")
    return weft.Image(content)


def _merged(weights: Sequence[float], edges: Sequence[float]) -> tuple[list[float], list[float]]:
    """A histogram of at most as many bins as weft stores: neighbours become one bin."""
    n = -(-len(weights) // weft.Histogram.MAX_LENGTH)
    starts = range(0, len(weights), n)
    return [sum(weights[at : at + n]) for at in starts], [*(edges[at] for at in starts), edges[-1]]


def _curve(key: str, curve: Curve) -> Any:
    points = [[*point] for point in zip(curve.recall, curve.precision, strict=True)]
    table = weft.Table(data=points, columns=["recall", "precision"])
    return weft.plot_table(
        "weft/line/v0",
        table,
        {"x": "recall", "y": "precision"},
        {"title": f"{key} Precision v. Recall"},
    )


def _varint(value: int) -> bytes:
    bits = value & 0xFFFF_FFFF_FFFF_FFFF
    data = bytearray()
    while bits > 0x7F:
        data.append(bits & 0x7F | 0x80)
        bits >>= 7
    data.append(bits)
    return bytes(data)


_rows: list[RunRows] = []
"""Those of the newest run, if any."""


def rows_of(run: weft.Run) -> RunRows:
    """The rows of a run, begun if they are not yet."""
    if not _rows or _rows[0].run is not run:
        rows = RunRows(run)
        _rows[:] = [rows]
        run._recorder.before_end.append(rows.end)
    return _rows[0]


def rows_now() -> RunRows | None:
    """The rows of the active run, if it is served."""
    # Not `weft.run` and `run.settings`, which take longer than a row: this is read for each event.
    run = session.run
    if run is None:
        return None
    sync = run._settings.sync_tensorboard
    return rows_of(run) if settings.is_on or sync else None
