"""Counts tensors into histograms on their device. No I/O, but copies counts from a GPU.

On a GPU nothing waits: all counts of a device are copied to the host by one transfer, and
`Counts.read` waits for that one. On the CPU the values are counted at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib import import_module
from math import inf as INFINITY
from math import isfinite
from typing import Any, Final

from weft.sdk.values.histogram import LARGE, widened

N_BINS: Final = 64
"""As many as W&B uses for a watched model."""

_CHUNK_ITEMS: Final = 1 << 24
"""`histc` counts in float32, which has all integers up to this."""

_N_FIRST: Final = 4
"""Numbers before the counts: the least and the largest finite value, how many are NaN and +Inf."""


@dataclass(slots=True, frozen=True)
class _Tensor:
    """A tensor to be counted: real, flat, without gradient.

    `n_zeros` are further values that are 0, which a sparse tensor does not store.
    """

    name: str
    flat: Any
    n_zeros: int


class Counts:
    """Histograms that may still be on their way from a GPU."""

    def __init__(self, named: Iterable[tuple[str, Any]]) -> None:
        torch: Any = import_module("torch")
        self._read: dict[str, dict[str, Any]] = {}
        self._on_the_way: list[tuple[list[_Tensor], Any, Any]] = []
        with torch.no_grad(), _AnyAlgorithm(torch):
            by_device: dict[Any, list[_Tensor]] = {}
            for name, tensor in named:
                prepared = _prepared(torch, name, tensor)
                if prepared.flat.numel() or prepared.n_zeros:
                    by_device.setdefault(prepared.flat.device, []).append(prepared)
            for device, tensors in by_device.items():
                if device.type == "cpu":
                    for prepared in tensors:
                        numbers = _count_at_once(torch, prepared)
                        self._read[prepared.name] = _histogram(prepared, numbers)
                elif device.type != "meta":
                    rows = torch.stack(
                        [_count_without_waiting(torch, prepared) for prepared in tensors]
                    )
                    self._on_the_way.append((tensors, *_sent_to_host(torch, rows)))

    def read(self) -> dict[str, dict[str, Any]]:
        """Return the histograms by name: what `log()` stores for a large array, with 64 bins.

        Waits for a GPU, once for each device.
        """
        for tensors, rows, arrival in self._on_the_way:
            if arrival is not None:
                arrival.synchronize()
            for tensor, numbers in zip(tensors, rows.tolist(), strict=True):
                self._read[tensor.name] = _histogram(tensor, numbers)
        self._on_the_way = []
        return self._read


class _AnyAlgorithm:
    """Allows `histc` while a script asks for deterministic algorithms.

    Its counts are integers, whose sum does not depend on their order.
    """

    def __init__(self, torch: Any) -> None:
        self._torch = torch
        self._was_on: bool = torch.are_deterministic_algorithms_enabled()

    def __enter__(self) -> None:
        if self._was_on:
            self._only_warns = self._torch.is_deterministic_algorithms_warn_only_enabled()
            self._torch.use_deterministic_algorithms(False)

    def __exit__(self, *_: object) -> None:
        if self._was_on:
            self._torch.use_deterministic_algorithms(True, warn_only=self._only_warns)


def _prepared(torch: Any, name: str, tensor: Any) -> _Tensor:
    """Return a tensor's own values."""
    tensor = tensor.detach()
    if hasattr(tensor, "to_local"):  # of FSDP: this process's part
        tensor = tensor.to_local()
    n_zeros = 0
    if tensor.is_sparse:
        tensor = tensor.coalesce()
        n_zeros = tensor.numel()
        tensor = tensor.values()
        n_zeros -= tensor.numel()
    elif tensor.layout != torch.strided:
        tensor = tensor.to_dense()
    if tensor.is_complex():
        tensor = torch.view_as_real(tensor.resolve_conj())
    if tensor.dtype not in {torch.float64, torch.float32, torch.bfloat16, torch.float16}:
        tensor = tensor.float()
    return _Tensor(name, tensor.reshape(-1), n_zeros)


def _chunks(torch: Any, flat: Any) -> Iterable[Any]:
    """Yield the values in parts whose counts float32 can hold, as float32 or float64."""
    for start in range(0, flat.numel(), _CHUNK_ITEMS):
        part = flat[start : start + _CHUNK_ITEMS]
        yield part if part.dtype in {torch.float32, torch.float64} else part.float()


def _count_at_once(torch: Any, tensor: _Tensor) -> list[float]:
    """Count a tensor on the CPU, where reading a number costs nothing."""
    flat, n_nan, n_above = tensor.flat, 0, 0
    low, high = _range_of(torch, flat)
    if not (isfinite(low) and isfinite(high)):
        n_nan = int(torch.isnan(flat).sum())
        n_above = int((flat == INFINITY).sum())
        flat = flat[torch.isfinite(flat)]
        low, high = _range_of(torch, flat)
    if tensor.n_zeros:
        low, high = min(low, 0.0), max(high, 0.0)
    counts = torch.zeros(N_BINS, dtype=torch.float64)
    if low < high:
        # `histc` multiplies the width by the number of bins, which may overflow.
        is_wide = high - low > _largest(torch, flat) / (2 * N_BINS)
        scale = 1 / (4 * N_BINS) if is_wide else 1.0
        for part in _chunks(torch, flat):
            scaled = part if scale == 1.0 else part * scale
            counts += torch.histc(scaled, N_BINS, low * scale, high * scale)
    else:
        counts[0] = flat.numel()
    return [low, high, n_nan, n_above, *counts.tolist()]


def _range_of(torch: Any, flat: Any) -> tuple[float, float]:
    """Return the least and the largest value, or NaN; Inf and -Inf if there is no value."""
    if not flat.numel():
        return INFINITY, -INFINITY
    low, high = torch.aminmax(flat)
    return float(low), float(high)


def _largest(torch: Any, flat: Any) -> float:
    kind = torch.float64 if flat.dtype == torch.float64 else torch.float32
    return float(torch.finfo(kind).max)


def _count_without_waiting(torch: Any, tensor: _Tensor) -> Any:
    """Count a tensor on its device, without learning anything of it on the host.

    `histc` takes the range as numbers of the host, which would have to wait for them; so the
    values are scaled to 0 to 1 by tensors.
    """
    kind = torch.float32 if tensor.flat.device.type == "mps" else torch.float64
    lows: list[Any] = []
    highs: list[Any] = []
    n_nan: Any = 0
    n_above: Any = 0
    for part in _chunks(torch, tensor.flat):
        lows.append(torch.nan_to_num(part, INFINITY, INFINITY, INFINITY).amin())
        highs.append(torch.nan_to_num(part, -INFINITY, -INFINITY, -INFINITY).amax())
        n_nan = n_nan + torch.isnan(part).sum()
        n_above = n_above + (part == INFINITY).sum()
    low, high = torch.stack(lows).amin(), torch.stack(highs).amax()
    if tensor.n_zeros:
        low, high = low.clamp(max=0), high.clamp(min=0)
    # The difference of two floats may overflow.
    scale = torch.where(torch.isfinite(high - low), 1.0, 0.5).to(low.dtype)
    width = high * scale - low * scale
    width = torch.where(width > 0, width, torch.ones_like(width))
    counts: Any = 0
    for part in _chunks(torch, tensor.flat):
        scaled = part.mul(scale).sub_(low * scale).div_(width)  # `histc` leaves out NaN and Inf
        counts = counts + torch.histc(scaled, N_BINS, 0.0, 1.0).to(kind)
    first = torch.stack([low.to(kind), high.to(kind), n_nan.to(kind), n_above.to(kind)])
    return torch.cat([first, counts])


def _sent_to_host(torch: Any, rows: Any) -> tuple[Any, Any]:
    """Start the copy to the host. Return the copy, and what to wait for, None if it is there."""
    if rows.device.type != "cuda":
        return rows.cpu(), None
    host = torch.empty(rows.shape, dtype=rows.dtype, pin_memory=True)
    host.copy_(rows, non_blocking=True)
    arrival = torch.cuda.Event()
    arrival.record(torch.cuda.current_stream(rows.device))
    return host, arrival


def _histogram(tensor: _Tensor, numbers: Sequence[float]) -> dict[str, Any]:
    """Make the value of a row.

    `numbers` are the range, the counts of NaN and +Inf, and the bins' counts. If the range is one
    number, the first bin has all. Zeros that are not stored are in none.
    """
    low, high, n_nan, n_above = numbers[:_N_FIRST]
    counts = [int(count) for count in numbers[_N_FIRST:]]
    n_below = tensor.flat.numel() - sum(counts) - int(n_nan) - int(n_above)
    if low > high:  # none is finite
        low, high = 0.0, 1.0
    import numpy as np

    scale = 0.5 if max(abs(low), abs(high)) > LARGE else 1.0
    start, stop = widened(low * scale, high * scale, N_BINS)
    if start < low * scale:  # the values are the same, or as good as
        counts = [0] * N_BINS
        counts[N_BINS // 2] = sum(int(count) for count in numbers[_N_FIRST:])
    if tensor.n_zeros:
        bin_index = int(-start / (stop - start) * N_BINS)
        counts[min(max(bin_index, 0), N_BINS - 1)] += tensor.n_zeros
    with np.errstate(over="ignore"):
        edges = np.nan_to_num(np.linspace(start, stop, N_BINS + 1) / scale)
    value = {"_type": "histogram", "bins": edges.tolist(), "values": counts}
    others = {"nan": int(n_nan), "pos_inf": int(n_above), "neg_inf": n_below}
    return value | {name: count for name, count in others.items() if count}
