"""Shared parts of all benchmarks: figures and budgets, percentiles, a server to measure.

A benchmark is a script with `--json FILE`; `bench/run.py` runs them all and prints one table.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


@dataclass
class Figure:
    """One measured number beside its budget and, where there is one, a peer's.

    Attributes:
        budget: the most (or, with `at_least`, the least) that is allowed; None = only told.
        ratio: how many times better than the peer.
    """

    name: str
    figure: float
    unit: str
    budget: float | None = None
    at_least: bool = False
    peer: str | None = None
    peer_figure: float | None = None

    @property
    def ok(self) -> bool | None:
        if self.budget is None:
            return None
        return self.figure >= self.budget if self.at_least else self.figure <= self.budget

    @property
    def ratio(self) -> float | None:
        if not self.peer_figure or not self.figure:
            return None
        better = self.figure / self.peer_figure
        return better if self.at_least else 1 / better


def number(value: float | None) -> str:
    if value is None:
        return ""
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def print_table(figures: Sequence[Figure]) -> None:
    print(f"{'what':58} {'budget':>12} {'figure':>12} {'unit':10} {'peer':>32}")
    for f in figures:
        bound = "" if f.budget is None else ("≥ " if f.at_least else "≤ ") + number(f.budget)
        peer = ""
        if f.peer:
            ratio = f" ({f.ratio:.1f}×)" if f.ratio else ""
            peer = f"{f.peer} {number(f.peer_figure)}{ratio}"
        mark = {True: "ok", False: "MISSED", None: ""}[f.ok]
        print(f"{f.name:58} {bound:>12} {number(f.figure):>12} {f.unit:10} {peer:>32}  {mark}")


def finish(figures: Sequence[Figure], json_path: str | None) -> None:
    """Print the table, and write the JSON that `bench/run.py` gathers."""
    print_table(figures)
    if json_path:
        rows = [asdict(f) | {"ok": f.ok, "ratio": f.ratio} for f in figures]
        Path(json_path).write_text(json.dumps(rows, indent=1))


def arguments(description: str | None) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--json", help="write the figures to this file")
    return parser


def percentile(values: Sequence[float], percent: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]


def median(values: Iterable[float]) -> float:
    return statistics.median(values)


@dataclass
class Server:
    """A weft server process on loopback, and what it costs."""

    url: str
    process: subprocess.Popen[str]
    data: Path
    start_secs: float

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    def cpu_secs(self) -> float:
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def written_bytes(self) -> int:
        text = Path(f"/proc/{self.process.pid}/io").read_text()
        return int(text.split("write_bytes: ")[1].split()[0])

    def memory_mb(self, field: str = "VmRSS") -> float:
        text = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(text.split(f"{field}:")[1].split()[0]) / 1024


@contextmanager
def running_server(
    data: Path | None = None,
    *,
    options: Sequence[str] = (),
    script: str | None = None,
    n_descriptors: int | None = None,
) -> Generator[Server]:
    """Start `weft server` on a free port with a data directory of its own; stop it afterwards.

    Args:
        options: more options of `weft server`.
        script: Python that is run in place of `weft`, with its arguments.
        n_descriptors: how many it may have open (`ulimit -n`).
    """

    def limit() -> None:
        if n_descriptors is not None:
            most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
            resource.setrlimit(resource.RLIMIT_NOFILE, (min(n_descriptors, most), most))

    with tempfile.TemporaryDirectory(prefix="weft-bench-") as folder:
        where = data or Path(folder)
        begin = time.perf_counter()
        process = subprocess.Popen(
            [
                *(
                    sys.executable,
                    *(("-c", script) if script else ("-m", "weft.cli.main")),
                    "server",
                ),
                *("--port", "0", "--data", str(where), *options),
            ],
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
            preexec_fn=limit,
        )
        assert process.stderr is not None
        url, printed = "", list[str]()
        for line in process.stderr:
            printed.append(line)
            if "serving http" in line:
                url = line.split("serving ")[1].split()[0]
                break
        if not url:
            raise SystemExit("the server did not start:\n" + "".join(printed))
        # A full pipe would stop the server.
        threading.Thread(target=process.stderr.read, daemon=True).start()
        try:
            yield Server(url, process, where, time.perf_counter() - begin)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=30)
