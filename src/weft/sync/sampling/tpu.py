"""Google's TPUs, through the monitoring library that comes with `libtpu`, which can hang.

See https://cloud.google.com/tpu/docs/tpu-monitoring-library; the keys are those that W&B has.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from weft.sync.sampling.source import Figures
from weft.sync.system_files import read_system_file

_VENDOR: Final = "0x1ae0"

NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "tensorcore_util": "tensorcoreUtilization",
        "duty_cycle_pct": "dutyCycle",
        "hbm_capacity_total": "hbmCapacityTotal",
        "hbm_capacity_usage": "hbmCapacityUsage",
    }
)
"""Our names of the library's metrics. Each has one value for each chip or core."""


def may_be_there(root: Path = Path("/")) -> bool:
    """Whether the machine has a device of Google's. Calls no library."""
    vendors = (root / "sys/bus/pci/devices").glob("*/vendor")
    return any(read_system_file(vendor) == _VENDOR for vendor in vendors)


class Tpus:
    """All TPUs of the machine."""

    name = "the TPU"
    is_shared = True

    def __init__(self) -> None:
        self._library: Any = None

    def is_there(self) -> bool:
        try:
            self._library = importlib.import_module("libtpu.sdk").tpumonitoring
        except (ImportError, AttributeError):
            return False
        return True

    def figures(self) -> Figures:
        supported = self._library.list_supported_metrics()
        return {
            f"system.tpu.{index}.{name}": value
            for metric, name in NAMES.items()
            if metric in supported
            for index, text in enumerate(self._library.get_metric(metric).data())
            if (value := _number(text)) is not None
        }


def _number(text: object) -> float | None:
    try:
        return float(str(text))
    except ValueError:
        return None
