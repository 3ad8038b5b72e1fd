"""A whole session against a server on loopback: `finish()`, log to ack, cost of the sidecar.

The peer is the official client in mode offline where `bench/log_call.py` has installed it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile

from measure import ROOT, Figure, Server, arguments, finish, median, percentile, running_server

PREAMBLE = """
import json, os, sys, time
def rss_mb():
    return int(open("/proc/self/status").read().split("VmRSS:")[1].split()[0]) / 1024
bare = rss_mb()
import weft
"""

STEADY = (
    PREAMBLE
    + """
from weft.runlog.layout import ensure_runtime_directory, sidecar_status_path
from weft.runlog.platform import process_start_time
from weft.sync.status import StatusPage
n_rows, secs = int(sys.argv[1]), float(sys.argv[2])
run = weft.init(project="bench")
row = {f"metric/{k}": k / 7 for k in range(10)}
begin = time.perf_counter()
for i in range(n_rows):
    run.log(row)
    if i % 20 == 0:
        time.sleep(max(0.0, begin + secs * i / n_rows - time.perf_counter()))
pid = os.getpid()
page = StatusPage(sidecar_status_path(ensure_runtime_directory(), pid, process_start_time(pid)))
sidecar = page.read().pid
stat = open(f"/proc/{sidecar}/stat").read().rpartition(")")[2].split()
cpu = (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK")
memory = int(open(f"/proc/{sidecar}/status").read().split("VmHWM:")[1].split()[0]) / 1024
grown = rss_mb() - bare
end = time.perf_counter()
run.finish()
print(json.dumps({"finish": (time.perf_counter() - end) * 1e3, "sidecar_mb": memory,
                  "sidecar_cpu": cpu / (end - begin), "grown_mb": grown}))
"""
)

ACK = (
    PREAMBLE
    + """
import random
from weft.runlog.layout import ensure_runtime_directory, sidecar_status_path
from weft.runlog.platform import process_start_time
from weft.sync.status import StatusPage
run = weft.init(project="bench")
from pathlib import Path
pid = os.getpid()
path = sidecar_status_path(ensure_runtime_directory(), pid, process_start_time(pid))
log = next(Path(os.environ["WEFT_DIR"]).glob("weft/run-*/run-*.weft"))
while not path.exists():
    time.sleep(0.01)
page = StatusPage(path)
took = []
for i in range(int(sys.argv[1])):
    begin = time.perf_counter()
    run.log({"loss": 1 / (i + 1)})
    size = log.stat().st_size
    acked = 0
    while acked < size:
        time.sleep(0.002)
        status = page.read()
        logs = status.logs if status else []
        acked = max((one.acked for one in logs if one.name == log.name), default=0)
    took.append((time.perf_counter() - begin) * 1e3)
    time.sleep(random.random() * 0.3)
run.finish()
print(json.dumps(took[3:]))
"""
)

SHORT = (
    PREAMBLE
    + """
run = weft.init(project="bench")
run.log({"loss": 1.0})
begin = time.perf_counter()
run.finish()
print(json.dumps((time.perf_counter() - begin) * 1e3))
"""
)

WANDB = """
import json, sys, time, wandb
run = wandb.init(project="bench", mode="offline", settings=wandb.Settings(silent=True))
for i in range(int(sys.argv[1])):
    run.log({"loss": 1.0})
begin = time.perf_counter()
run.finish()
print(json.dumps((time.perf_counter() - begin) * 1e3))
"""


def script(code: str, *args: object, env: dict[str, str], python: str = sys.executable) -> object:
    """Run a script in a process of its own; what its last line says."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [python, "-c", code, *map(str, args)],
            env=os.environ
            | {"WEFT_DIR": folder, "WEFT_SILENT": "true", "WANDB_DIR": folder}
            | env,
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        raise SystemExit(done.stderr)
    return json.loads(done.stdout.splitlines()[-1])


def short_finish(url: str | None, n_times: int = 5) -> float:
    env = {"WEFT_BASE_URL": url} if url else {"XDG_STATE_HOME": "/nonexistent"}
    return median([float(str(script(SHORT, env=env))) for _ in range(n_times)])


def with_server(server: Server, n_rows: int, secs: float, n_acks: int) -> list[Figure]:
    env = {"WEFT_BASE_URL": server.url}
    cpu = server.cpu_secs()
    steady = script(STEADY, n_rows, secs, env=env)
    assert isinstance(steady, dict)
    rate = n_rows / secs
    server_cpu = (server.cpu_secs() - cpu) / secs
    acks = script(ACK, n_acks, env=env)
    assert isinstance(acks, list)
    return [
        Figure(f"finish() after {n_rows:,} rows over {secs:.0f} s", steady["finish"], "ms", 150),
        Figure(f"sidecar at {rate:,.0f} rows/s", steady["sidecar_cpu"] * 100, "% of a core", 1.0),
        Figure("sidecar memory", steady["sidecar_mb"], "MB", 40),
        Figure("training process above the bare script", steady["grown_mb"], "MB", 15),
        Figure(f"server at {rate:,.0f} rows/s of one run", server_cpu * 100, "% of a core", 20),
        Figure("log() to ack, p50", median(acks), "ms"),
        Figure("log() to ack, p99", percentile(acks, 99), "ms", 500),
        Figure("finish() of a one-row script", short_finish(server.url), "ms", 150),
    ]


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--secs", type=float, default=60.0)
    parser.add_argument("--acks", type=int, default=100)
    args = parser.parse_args()
    with running_server() as server:
        figures = with_server(server, args.rows, args.secs, args.acks)
    peer_python = ROOT / ".bench" / "wandb" / "bin" / "python"
    peer: float | None = None
    if peer_python.exists():
        peer = median(
            [float(str(script(WANDB, 1, env={}, python=str(peer_python)))) for _ in range(3)]
        )
    refused = short_finish("http://127.0.0.1:9")
    figures += [
        Figure("finish(), server refuses", refused, "ms", 150, False, "wandb offline", peer),
        Figure("finish(), no server known", short_finish(None), "ms", 150),
    ]
    finish(figures, args.json)


if __name__ == "__main__":
    main()
