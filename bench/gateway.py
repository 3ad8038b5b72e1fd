"""The official client of W&B against weft: its `finish()`, many clients at once, lines a second.

The peer of `finish()` is its own in mode offline, which only writes its log. The client is
that of `make .make/wandb`.
"""

from __future__ import annotations

import base64
import http.client
import json
import os
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

from measure import ROOT, Figure, Server, arguments, finish, median, running_server

PYTHON = ROOT / ".wandb" / "0.31.0" / "bin" / "python"
KEY = "local-" + "0" * 43

FINISH = """
import json, sys, time
import wandb
run = wandb.init(project="bench")
for i in range(int(sys.argv[1])):
    run.log({f"metric/{k}": i * k / 7 for k in range(10)})
begin = time.perf_counter()
run.finish()
print("SAID", time.perf_counter() - begin)
"""

MANY = """
import sys, time
import wandb
run = wandb.init(project="many", id=sys.argv[1])
for i in range(int(sys.argv[2])):
    run.log({"v": i, "w": i / 3})
    time.sleep(0.002)
run.finish()
"""


def environment(url: str, folder: str, mode: str = "online") -> dict[str, str]:
    others = {name: value for name, value in os.environ.items() if not name.startswith("WANDB_")}
    return others | {
        "HOME": folder,
        "WANDB_BASE_URL": url,
        "WANDB_API_KEY": KEY,
        "WANDB_DIR": folder,
        "WANDB_MODE": mode,
        "WANDB_SILENT": "true",
    }


def finish_secs(url: str, mode: str, n_rows: int) -> float:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        done = subprocess.run(
            [PYTHON, "-c", FINISH, str(n_rows)],
            env=environment(url, folder, mode),
            cwd=folder,
            capture_output=True,
            text=True,
            check=True,
        )
    line = next(line for line in done.stdout.splitlines() if line.startswith("SAID"))
    return float(line.split()[1])


def many_clients(server: Server, n_clients: int, n_rows: int) -> tuple[float, int]:
    """Seconds until the last client has ended, and the number of missing rows."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        begin = time.perf_counter()
        processes = [
            subprocess.Popen(
                [PYTHON, "-c", MANY, f"r{nth}", str(n_rows)],
                env=environment(server.url, folder),
                cwd=folder,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            for nth in range(n_clients)
        ]
        failed = sum(process.wait() != 0 for process in processes)
        secs = time.perf_counter() - begin
    n_missing = failed * n_rows
    for nth in range(n_clients):
        values = [row["v"] for row in history(server, f"r{nth}")]
        n_missing += n_rows - len(set(values)) + len(values) - len(set(values))
    return secs, n_missing


def history(server: Server, run: str) -> list[dict[str, Any]]:
    path = f"/api/v1/projects/local/many/runs/{run}/history?limit=100000"
    answer: dict[str, Any] = ask(server, "GET", path)
    return answer.get("rows", [])


def ask(server: Server, method: str, path: str, body: bytes | None = None) -> Any:
    connection = http.client.HTTPConnection("127.0.0.1", server.port)
    code = base64.b64encode(f"api:{KEY}".encode()).decode()
    headers = {"Authorization": f"Basic {code}", "Content-Type": "application/json"}
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    answer_body = json.loads(answer.read())
    connection.close()
    if answer.status != 200:
        raise SystemExit(f"{path}: {answer.status} {answer_body}")
    return answer_body


def lines_per_core(server: Server, n_rows: int, n_keys: int) -> float:
    """Points a second of the server's CPU time, of parts as large as the client sends."""
    query = """mutation UpsertBucket { upsertBucket(input: {name: "lines", modelName: "lines",
        config: "{}", host: "h"}) { inserted } }"""
    ask(server, "POST", "/graphql", json.dumps({"query": query}).encode())
    bodies: list[bytes] = []
    for start in range(0, n_rows, 10_000):
        lines = [
            json.dumps(
                {f"metric/{k}": step * k / 7 for k in range(n_keys)}
                | {"_step": step, "_runtime": step / 10, "_timestamp": 1.7e9 + step}
            )
            for step in range(start, start + 10_000)
        ]
        files = {"wandb-history.jsonl": {"offset": start, "content": lines}}
        bodies.append(json.dumps({"files": files}).encode())
    before = server.cpu_secs()
    for body in bodies:
        ask(server, "POST", "/files/local/lines/lines/file_stream", body)
    return n_rows * n_keys / (server.cpu_secs() - before)


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--clients", type=int, default=50)
    args = parser.parse_args()
    if not Path(PYTHON).exists():
        raise SystemExit("the official client is missing: make .make/wandb")
    figures: list[Figure] = []
    with running_server() as server:
        pairs = [
            (finish_secs(server.url, "online", 10_000), finish_secs(server.url, "offline", 10_000))
            for _ in range(args.rounds)
        ]
        ours, own = (
            median([weft_secs for weft_secs, _ in pairs]),
            median([other for _, other in pairs]),
        )
        figures.append(
            Figure(
                "finish() of wandb, 10,000 rows × 10 metrics", ours, "s", own + 2,
                peer="its own offline", peer_figure=own,
            )
        )  # fmt: skip
        secs, n_missing = many_clients(server, args.clients, 500)
        many = f"{args.clients} clients at once"
        figures.append(Figure(f"{many}: rows missing", n_missing, "rows", 0))
        figures.append(Figure(f"{many}: until the last ended", secs, "s"))
        rate = lines_per_core(server, 200_000, 10)
        figures.append(
            Figure("file_stream, rows of 10, per core", rate, "points/s", 200_000, True)
        )
        figures.append(Figure("server memory, peak", server.memory_mb("VmHWM"), "MB", 600))
    finish(figures, args.json)


if __name__ == "__main__":
    main()
