"""CPU cores, memory, swap and network of the machine or its container. Does I/O with psutil."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import psutil

from weft.sync.sampling.cgroup import Limits
from weft.sync.sampling.source import Figures
from weft.sync.system_files import read_system_file

_MB: Final = 2**20


class Machine:
    """The machine that a run is on.

    Percentages are averages since the previous sample; the constructor takes the first, unreported
    one. Network counters are bytes, and segments of TCP sent again, since then. The memory of a
    container takes the place of the machine's.
    """

    name = "machine"
    is_shared = True

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._network_start = psutil.net_io_counters()
        self._retransmits_start = tcp_retransmits()
        psutil.cpu_percent(percpu=True)

    def is_there(self) -> bool:
        return True

    def figures(self) -> Figures:
        figures: Figures = {
            f"system.cpu.{core}.cpu_percent": percent
            for core, percent in enumerate(psutil.cpu_percent(percpu=True))
        }
        return figures | self._memory() | _swap() | self._network() | self._tcp()

    def _memory(self) -> Figures:
        limit_bytes, used_bytes = self._limits.memory_bytes, self._limits.memory_used_bytes()
        if limit_bytes and used_bytes is not None:
            percent = round(100 * used_bytes / limit_bytes, 1)
            available_bytes = max(0, limit_bytes - used_bytes)
        else:
            memory = psutil.virtual_memory()
            percent, available_bytes = memory.percent, memory.available
        return {
            "system.memory_percent": percent,
            "system.proc.memory.availableMB": round(available_bytes / _MB, 3),
        }

    def _network(self) -> Figures:
        network, start = psutil.net_io_counters(), self._network_start
        # A machine without network interfaces has no counters.
        if not network or not start:
            return {}
        return {
            "system.network.sent": network.bytes_sent - start.bytes_sent,
            "system.network.recv": network.bytes_recv - start.bytes_recv,
        }

    def _tcp(self) -> Figures:
        retransmits, start = tcp_retransmits(), self._retransmits_start
        if retransmits is None or start is None:
            return {}
        return {"system.network.tcpRetransmits": retransmits - start}


def tcp_retransmits(root: Path = Path("/")) -> int | None:
    """Segments of TCP sent again since the start of the machine. None where Linux does not say.

    RFC 4022, `tcpRetransSegs`.
    """
    lines = [
        line.split()
        for line in read_system_file(root / "proc/net/snmp").splitlines()
        if line.startswith("Tcp:")
    ]
    if len(lines) != 2 or "RetransSegs" not in lines[0]:
        return None
    return int(dict(zip(*lines, strict=False))["RetransSegs"])


def _swap() -> Figures:
    try:
        swap = psutil.swap_memory()
    except (OSError, RuntimeError):
        return {}
    return {"system.swap_percent": swap.percent} if swap.total else {}
