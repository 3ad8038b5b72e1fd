"""The classes of TensorBoard's writers, with methods of them replaced.

Those in Python (of TensorBoard, which PyTorch uses, of tensorboardX, and TensorFlow's older one)
have a method that takes each event: it is logged at once, in the thread of the script. The newer
writer of TensorFlow is in C++: its files are read.
"""

from __future__ import annotations

import os
from types import ModuleType
from typing import Any, Final
from weakref import WeakSet

from weft.integrations.patching import Replacements
from weft.integrations.shielding import shielded
from weft.integrations.tensorboard.rows import rows_now, settings
from weft.integrations.tensorboard.tailing import Tail
from weft.integrations.versions import warn_of_version

_CLASSES: Final = {
    "tensorboard.summary.writer.event_file_writer": ("tensorboard", "1.15"),
    "tensorboardX.event_file_writer": ("tensorboardX", "2.0"),
    "tensorflow.python.summary.writer.event_file_writer": ("tensorflow", "2.0"),
}
"""Modules with a class `EventFileWriter` -> their distribution, and its first version that has
the methods which are replaced."""

_TENSORFLOW: Final = "tensorflow.python.ops.gen_summary_ops"
_CREATE: Final = "create_summary_file_writer"
_FEATURE: Final = "sync_tensorboard"


class Patches:
    """The replaced methods of this process, and the writers that have written."""

    def __init__(self) -> None:
        self._replacements = Replacements()
        self._writers: WeakSet[Any] = WeakSet()
        self._tail = Tail()

    def begin(self) -> None:
        """Replace the methods, in modules that are imported later as well."""
        settings.flush = self.flush
        changes = dict.fromkeys(_CLASSES, self._change_class)
        self._replacements.begin({**changes, _TENSORFLOW: self._change_tensorflow})

    def end(self) -> None:
        """Put the original methods back."""
        self._replacements.end()
        self._tail.end()

    def flush(self) -> None:
        """Have writers write what they hold back, and log the rest of TensorFlow's files."""
        for writer in list(self._writers):
            _flush(writer)
        self._tail.finish()

    def _change_class(self, module: ModuleType) -> None:
        cls = getattr(module, "EventFileWriter", None)
        if not all(hasattr(cls, name) for name in ("add_event", "get_logdir")):
            warn_of_version(_FEATURE, *_CLASSES[module.__name__])
            return
        self._replacements.replace(cls, "__init__", self._registering)
        self._replacements.replace(cls, "add_event", self._logging)

    def _change_tensorflow(self, module: ModuleType) -> None:
        if hasattr(module, _CREATE):
            self._replacements.replace(module, _CREATE, self._tailing)
        else:
            warn_of_version(_FEATURE, "tensorflow", "2.0")

    def _registering(self, original: Any) -> Any:
        def __init__(writer: Any, *arguments: Any, **options: Any) -> None:
            original(writer, *arguments, **options)
            _register(writer)

        return __init__

    def _logging(self, original: Any) -> Any:
        def add_event(writer: Any, event: Any, *arguments: Any, **options: Any) -> Any:
            answer = original(writer, event, *arguments, **options)
            _log(writer, event, self._writers)
            return answer

        return add_event

    def _tailing(self, original: Any) -> Any:
        def create_summary_file_writer(*arguments: Any, **options: Any) -> Any:
            _begin_tail(self._tail, *arguments, **options)
            return original(*arguments, **options)

        return create_summary_file_writer


@shielded
def _register(writer: Any) -> None:
    rows = rows_now()
    if rows is not None:
        rows.register(_folder(writer))


@shielded
def _log(writer: Any, event: Any, writers: WeakSet[Any]) -> None:
    rows = rows_now()
    if rows is None:
        return
    values = event.summary.value
    if not values:  # the version of the file, a graph
        return
    writers.add(writer)
    folder = _folder(writer)
    first = values[0]
    if len(values) == 1 and first.HasField("simple_value"):
        rows.add_scalar(folder, first.tag, first.simple_value, event.step)
    else:
        rows.add(folder, event.SerializeToString())


def _folder(writer: Any) -> str:
    return os.fspath(writer.get_logdir())


@shielded
def _flush(writer: Any) -> None:
    writer.flush()


@shielded
def _begin_tail(tail: Tail, writer: Any, logdir: Any, *_: Any, **__: Any) -> None:
    tail.add(logdir.numpy().decode() if hasattr(logdir, "numpy") else os.fspath(logdir), writer)


patches = Patches()
