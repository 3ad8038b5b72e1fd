"""1,500 small offline runs: `weft sync` to a server, and `weft ui` until it lists them all.

The peer is TensorBoard on event files of the same points, until it lists all runs: both from the
start of their process.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

sys.path.append(str(Path(__file__).parents[1] / "tests/support/servers"))

from free_port import free_port
from measure import Figure, arguments, finish, running_server
from peers import environment, python_of
from weft.records.record import Config, Exit, Key, Row, Run, Schema
from weft.runlog.format import encode_frame, encode_header, encode_payload
from weft.runlog.header import make_header
from weft.runlog.layout import log_path, run_directory
from workspace_curves import curves, run_id

WORKER = Path(__file__).parent / "tensorboard_page_worker.py"
NAMES = ["loss", "accuracy", "lr"]
PROJECT = "bench"
NO_PROCESS = 2**22 + 7
"""Above the largest pid that Linux gives."""

LISTED_SECS = 300.0


def make_runs(folder: Path, n_runs: int, n_rows: int) -> None:
    """Run directories as `mode="offline"` leaves them, below `folder/weft`."""
    for number in range(n_runs):
        run = run_id(number)
        header = msgspec.structs.replace(make_header(run, mode="offline"), pid=NO_PROCESS)
        rows = curves(number, n_runs, len(NAMES), n_rows).tolist()
        records = [
            Run(run, PROJECT, start_micros=header.wall_micros, user="ann"),
            Config(1, [(["seed"], number), (["opt"], "adam"), (["model"], {"width": 64})]),
            *(Key(key, name) for key, name in enumerate(NAMES)),
            Schema(0, list(range(len(NAMES)))),
            *(Row(0, 10_000 * step, step, row) for step, row in enumerate(rows)),
            Exit(10_000 * n_rows, 0),
        ]
        directory = run_directory(folder, run, header.wall_micros / 1e6)
        (directory / "files").mkdir(parents=True)
        frames = [
            encode_header(header),
            *(encode_frame(encode_payload(record)) for record in records),
        ]
        log_path(directory, run, header.writer_id).write_bytes(b"".join(frames))
        note = {"host": "box", "program": "train.py", "args": ["--seed", number], "cpu_count": 2}
        (directory / "files" / "metadata.json").write_text(json.dumps(note, indent=2))


def sync(folder: Path, n_runs: int) -> tuple[float, float]:
    """Send the runs to a new server: seconds, and ms of CPU a run at both ends."""
    with running_server() as server:
        before = server.cpu_secs() + _children_cpu_secs()
        begin = time.perf_counter()
        command = [sys.executable, "-m", "weft.cli.main", "sync", "--base-url", server.url, folder]
        subprocess.run(command, check=True, capture_output=True, env=_user(folder))
        took = time.perf_counter() - begin
        spent = server.cpu_secs() + _children_cpu_secs() - before
        if _count_in_weft(server.url) != n_runs:
            raise SystemExit("weft sync did not send all runs")
    return took, spent / n_runs * 1e3


def open_weft(folder: Path, n_runs: int) -> float:
    """Seconds from the start of `weft ui` until it lists all runs."""
    port = free_port()
    command = [sys.executable, "-m", "weft.cli.main", "ui", "--no-browser", "--port", str(port)]
    with _listing([*command, folder], _user(folder)) as begin:
        return _until_listed(lambda: _count_in_weft(f"http://127.0.0.1:{port}"), n_runs, begin)


def open_tensorboard(folder: Path, n_runs: int, n_rows: int) -> float:
    """The same of TensorBoard, on event files of the same points."""
    python = python_of("tensorboard")
    sizes = [str(n_runs), str(len(NAMES)), str(n_rows)]
    subprocess.run([python, WORKER, folder, *sizes, *NAMES], check=True, env=environment(folder))
    port = free_port()
    command = [python, "-m", "tensorboard.main", "--logdir", folder, "--port", str(port)]
    tags = f"http://127.0.0.1:{port}/data/plugin/timeseries/tags"
    with _listing(command, environment(folder)) as begin:
        return _until_listed(lambda: len(_json(tags)["scalars"]["runTagInfo"]), n_runs, begin)


@contextmanager
def _listing(command: list[Any], env: dict[str, str]) -> Generator[float]:
    begin = time.perf_counter()
    process = subprocess.Popen(
        command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield begin
    finally:
        process.terminate()
        process.wait(30)


def _until_listed(count: Callable[[], int], n_runs: int, begin: float) -> float:
    while time.perf_counter() - begin < LISTED_SECS:
        try:
            if count() == n_runs:
                return time.perf_counter() - begin
        except (OSError, KeyError):
            pass  # it is starting
        time.sleep(0.05)
    raise SystemExit("not all runs were listed in time")


def _count_in_weft(url: str) -> int:
    projects = _json(f"{url}/api/v1/projects")["projects"]
    return sum(project["n_runs"] for project in projects if project["project"] == PROJECT)


def _json(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return json.load(answer)


def _user(folder: Path) -> dict[str, str]:
    """An environment whose caches and locks are the benchmark's own."""
    own = folder.parent / "user"
    own.mkdir(exist_ok=True)
    return os.environ | {
        "XDG_CACHE_HOME": str(own), "XDG_STATE_HOME": str(own), "XDG_RUNTIME_DIR": str(own),
    }  # fmt: skip


def _children_cpu_secs() -> float:
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--runs", type=int, default=1500)
    parser.add_argument("--rows", type=int, default=20)
    args = parser.parse_args()
    n_runs = args.runs
    with tempfile.TemporaryDirectory(prefix="weft-bench-") as name:
        folder = Path(name) / "runs"
        make_runs(folder, n_runs, args.rows)
        opened = open_weft(folder, n_runs)
        sent, cpu_millis = sync(folder, n_runs)
        peer: float | None = None
        try:
            peer = open_tensorboard(Path(name) / "events", n_runs, args.rows)
        except (OSError, subprocess.CalledProcessError) as error:
            print(f"TensorBoard can't be measured: {error}", flush=True)
    title = f"{n_runs:,} offline runs of {args.rows} rows"
    finish(
        [
            Figure(f"{title}: weft sync", n_runs / sent, "runs/s", 500, at_least=True),
            Figure(f"{title}: CPU a run, both ends", cpu_millis, "ms", 2),
            Figure(
                f"{title}: weft ui, from its start until all are listed",
                n_runs / opened,
                "runs/s",
                500,
                at_least=True,
                peer="TensorBoard",
                peer_figure=None if peer is None else n_runs / peer,
            ),
        ],
        args.json,
    )


if __name__ == "__main__":
    main()
