"""Activity of the units of an NVIDIA GPU (Hopper and later), by NVML's performance monitoring.

Structures and numbers are those of `nvml.h` (GPM, version 1). Each figure is a mean over the time
between two samples, so the first sample gives no figures. Calls the driver, which can hang.
"""

from __future__ import annotations

import ctypes
from typing import Final, NamedTuple

from weft.sync.sampling.nvml import NOT_SUPPORTED, Device, Nvml, NvmlError

_VERSION: Final = 1
_MIB: Final = 2**20
_PERCENT: Final = 1
_MOST_VALUES: Final = 333
"""`NVML_GPM_METRIC_MAX` of CUDA 13: a driver may write to all of its structure."""

Sample = ctypes.c_void_p


class _Metric(NamedTuple):
    number: int
    scale: int


METRICS: Final = {
    "smActive": _Metric(2, _PERCENT),
    "smOccupancy": _Metric(3, _PERCENT),
    "pipeTensorActive": _Metric(5, _PERCENT),
    "pipeTensorHmmaActive": _Metric(7, _PERCENT),
    "dramActive": _Metric(10, _PERCENT),
    "pipeFp64Active": _Metric(11, _PERCENT),
    "pipeFp32Active": _Metric(12, _PERCENT),
    "pipeFp16Active": _Metric(13, _PERCENT),
    "pcieTxBytes": _Metric(20, _MIB),
    "pcieRxBytes": _Metric(21, _MIB),
    "nvlinkRxBytes": _Metric(60, _MIB),
    "nvlinkTxBytes": _Metric(61, _MIB),
}
"""Numbers of `nvmlGpmMetricId_t` by W&B's names; traffic is a rate, which NVML gives in MiB/s."""


class _Support(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint), ("is_supported", ctypes.c_uint))


class _Value(ctypes.Structure):
    _fields_ = (
        ("number", ctypes.c_uint),
        ("code", ctypes.c_int),
        ("value", ctypes.c_double),
        ("short_name", ctypes.c_void_p),
        ("long_name", ctypes.c_void_p),
        ("unit", ctypes.c_void_p),
    )


class _Query(ctypes.Structure):
    _fields_ = (
        ("version", ctypes.c_uint),
        ("n_values", ctypes.c_uint),
        ("before", Sample),
        ("after", Sample),
        ("values", _Value * _MOST_VALUES),
    )


class Activity:
    """The activity of one GPU from sample to sample.

    NvmlError with `NOT_SUPPORTED` for a GPU before Hopper, `FUNCTION_NOT_FOUND` for an old driver.
    """

    def __init__(self, library: Nvml, device: Device) -> None:
        self._library = library
        self._device = device
        support = _Support(_VERSION, 0)
        library.call("nvmlGpmQueryDeviceSupport", device, ctypes.byref(support))
        if not support.is_supported:
            raise NvmlError("nvmlGpmQueryDeviceSupport", NOT_SUPPORTED)
        self._before, self._after = self._new_sample(), self._new_sample()
        self._has_before = False

    def measure(self) -> dict[str, float]:
        """Means since the last call by the names of `METRICS`, without what the GPU lacks."""
        self._library.call("nvmlGpmSampleGet", self._device, self._after)
        query = _Query(_VERSION, len(METRICS), self._before, self._after)
        for value, metric in zip(query.values, METRICS.values(), strict=False):
            value.number = metric.number
        self._before, self._after = self._after, self._before
        if not self._has_before:
            self._has_before = True
            return {}
        self._library.call("nvmlGpmMetricsGet", ctypes.byref(query))
        return {
            name: round(metric.scale * value.value, 3)
            for (name, metric), value in zip(METRICS.items(), query.values, strict=False)
            if not value.code
        }

    def _new_sample(self) -> Sample:
        sample = Sample()
        self._library.call("nvmlGpmSampleAlloc", ctypes.byref(sample))
        return sample
