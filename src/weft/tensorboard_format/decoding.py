"""Events of TensorBoard as Python values. Pure.

Source: TensorFlow's `event.proto`, `summary.proto` and `histogram.proto`, and the `plugin_data`
of TensorBoard's plug-ins.
"""

from __future__ import annotations

from struct import Struct
from typing import Any, Final

from weft.records.protobuf import MalformedMessage, double, fields, message, number, signed, text
from weft.records.protobuf import Value as Field
from weft.tensorboard_format.tensors import Tensor, tensor
from weft.tensorboard_format.values import (
    Curve,
    Event,
    Histogram,
    Hyperparameters,
    Images,
    Scalar,
    Sounds,
    Text,
    Value,
)

_FLOAT: Final = Struct("<f")
_LARGEST: Final = 1e308
"""TensorBoard's last bin ends at the largest double."""

_HYPERPARAMETERS: Final = "_hparams_/session_start_info"


class Decoder:
    """Decodes the events of one writer, in order.

    The first value of a tag alone may state the plug-in that it is for.
    """

    def __init__(self) -> None:
        self._plugins: dict[str, str] = {}

    def decode(self, data: bytes) -> Event | None:
        """Decode an event; None if it holds no values.

        Values that are for no reader, such as graphs, are left out. MalformedMessage if the bytes
        are no event.
        """
        wall_time, step = 0.0, 0
        values: list[tuple[str, Value]] = []
        for field, value in fields(data):
            if field == 1:
                wall_time = double(value)
            elif field == 2:
                step = signed(value)
            elif field == 5:
                for name, summary_value in fields(message(value)):
                    if name == 1:
                        self._add(message(summary_value), values)
        return Event(wall_time, step, values) if values else None

    def _add(self, data: bytes, values: list[tuple[str, Value]]) -> None:
        tag, content, kind, plugin, settings = "", b"", 0, "", b""
        for field, value in fields(data):
            if field == 1:
                tag = text(value)
            elif field == 9:
                plugin, settings = _plugin(message(value))
            elif field in _READERS:
                kind, content = field, message(value)
        if plugin:
            self._plugins[tag] = plugin
        elif tag in self._plugins:
            plugin = self._plugins[tag]
        if tag == _HYPERPARAMETERS:
            values.append((tag, _hyperparameters(settings)))
        elif kind == _TENSOR:
            decoded = _of_tensor(content, plugin)
            if decoded is not None:
                values.append((tag, decoded))
        elif kind:
            values.append((tag, _READERS[kind](content)))


def _plugin(metadata: bytes) -> tuple[str, bytes]:
    name, content = "", b""
    for field, value in fields(metadata):
        if field == 1:
            for part, plugin in fields(message(value)):
                if part == 1:
                    name = text(plugin)
                elif part == 2:
                    content = message(plugin)
    return name, content


def _scalar(data: bytes) -> Scalar:
    if len(data) != _FLOAT.size:
        raise MalformedMessage("a float has 4 bytes")
    return Scalar(_FLOAT.unpack(data)[0])


def _image(data: bytes) -> Images:
    return Images([message(value) for field, value in fields(data) if field == 4])


def _sound(data: bytes) -> Sounds:
    return Sounds([message(value) for field, value in fields(data) if field == 4])


def _histogram(data: bytes) -> Histogram:
    least = most = 0.0
    limits, weights = b"", b""
    for field, value in fields(data):
        if field == 1:
            least = double(value)
        elif field == 2:
            most = double(value)
        elif field == 6:
            limits += message(value)
        elif field == 7:
            weights += message(value)
    return _binned(_doubles(limits), _doubles(weights), least, most)


def _binned(limits: list[float], weights: list[float], least: float, most: float) -> Histogram:
    """A histogram from the upper limits of its bins; the first bin begins at minus infinity."""
    if len(limits) != len(weights) or not limits:
        raise MalformedMessage("a histogram whose weights do not fit its limits")
    if limits[-1] > _LARGEST:
        limits[-1] = max([most, *limits[-2:-1]])
    if not weights[0] and len(weights) > 1:
        return Histogram(weights[1:], limits)
    return Histogram(weights, [min(least, limits[0]), *limits])


def _doubles(data: bytes) -> list[float]:
    if len(data) % 8:
        raise MalformedMessage("packed doubles end within one")
    return [*Struct(f"<{len(data) // 8}d").unpack(data)]


def _of_tensor(data: bytes, plugin: str) -> Value | None:
    if plugin not in _TENSOR_READERS:
        return None
    return _TENSOR_READERS[plugin](tensor(data))


def _scalar_tensor(content: Tensor) -> Scalar | None:
    return Scalar(float(content.numbers[0])) if len(content.numbers) == 1 else None


def _image_tensor(content: Tensor) -> Images:
    return Images(content.texts[2:])  # after width and height


def _sound_tensor(content: Tensor) -> Sounds:
    n_columns = content.shape[1] if len(content.shape) == 2 else 1
    return Sounds(content.texts[:: max(1, n_columns)])  # each with its label


def _text_tensor(content: Tensor) -> Text:
    return Text("\n\n".join(line.decode(errors="replace") for line in content.texts))


def _histogram_tensor(content: Tensor) -> Histogram | None:
    bins = content.rows(3)
    if not bins:
        return None
    return Histogram([weight for _, _, weight in bins], [bins[0][0], *(row[1] for row in bins)])


def _curve_tensor(content: Tensor) -> Curve:
    rows = content.rows()
    if len(rows) < 2:
        raise MalformedMessage("a precision-recall curve without precision and recall")
    return Curve(rows[-2], rows[-1])


def _hyperparameters(content: bytes) -> Hyperparameters:
    values: dict[str, Any] = {}
    for field, start in fields(content):
        if field == 3:
            for part, item in fields(message(start)):
                if part == 1:
                    entry = dict(fields(message(item)))
                    values[text(entry.get(1, b""))] = _plain(entry.get(2, b""))
    return Hyperparameters(values)


def _plain(data: Field) -> Any:
    """A `google.protobuf.Value` that is a number, a text, a bool or null."""
    for field, value in fields(message(data)):
        if field == 2:
            return double(value)
        if field == 3:
            return text(value)
        if field == 4:
            return bool(number(value))
    return None


_TENSOR: Final = 8
_READERS: Final[dict[int, Any]] = {
    2: _scalar,
    4: _image,
    5: _histogram,
    6: _sound,
    _TENSOR: tensor,
}
"""Fields of a value that hold its content -> their decoders. A tensor is read by its plug-in."""

_TENSOR_READERS: Final[dict[str, Any]] = {
    "": _scalar_tensor,
    "audio": _sound_tensor,
    "histograms": _histogram_tensor,
    "images": _image_tensor,
    "pr_curves": _curve_tensor,
    "scalars": _scalar_tensor,
    "text": _text_tensor,
}
