"""Points a second over HTTP to the ack with 1, 2 and 4 servers of one PostgreSQL and ClickHouse.

    python bench/shared_ingest.py --postgres-pid 123 --clickhouse-pid 456 -- \\
        --metadata-url postgresql://… --metrics-url clickhouse://…

Each server has one uploader, a process of its own, which sends rows of 100 metrics, 1 MB at once.
The peer of one server is the same server with an engine that drops what it is to store. Without
options, servers keep everything in a data directory. CPU is that of each part: on a machine with
fewer cores than parts, points a second and core tell how it grows, and wall time does not.
"""

from __future__ import annotations

import multiprocessing
import os
import time
from contextlib import ExitStack
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Final

import zstandard

from ingest import upload
from logs import LogMaker
from measure import Figure, Server, arguments, finish, running_server

N_KEYS: Final = 100
N_ROWS: Final = 60_000

INTO_NOTHING: Final = (
    "from weft.cli.main import main\n"
    "from weft.server.storage.clickhouse.append import Appender as Shared\n"
    "from weft.server.storage.metrics.append import Appender\n"
    "Shared.append = Appender.append = lambda self, batches: None\n"
    "main()\n"
)


def tree_cpu_secs(pid: int) -> float:
    """CPU seconds of a process and its children, those that have ended included."""
    total, pending = 0.0, [pid]
    while pending:
        folder = Path(f"/proc/{pending.pop()}")
        try:
            fields = (folder / "stat").read_text().rsplit(")", 1)[1].split()
            for task in (folder / "task").iterdir():
                pending += map(int, (task / "children").read_text().split())
        except OSError:
            continue
        total += sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
    return total


def send(server: Server, run: str, barrier: Barrier) -> None:
    log = LogMaker(run, N_KEYS)
    batches = [zstandard.compress(batch) for batch in log.batches(N_ROWS)]
    barrier.wait()
    upload(server, log, batches)


def measure(
    options: list[str], n_servers: int, stores: dict[str, int], *, into_nothing: bool = False
) -> dict[str, float]:
    """Points a second of all servers, and CPU seconds of each part for a million points."""
    script = INTO_NOTHING if into_nothing else None
    with ExitStack() as stack:
        servers = [
            stack.enter_context(running_server(options=options, script=script))
            for _ in range(n_servers)
        ]
        barrier = multiprocessing.Barrier(n_servers + 1)
        name = f"{os.getpid()}{n_servers}{into_nothing:d}{time.time_ns()}"[-12:]
        senders = [
            multiprocessing.Process(target=send, args=(server, f"r{nth}{name}", barrier))
            for nth, server in enumerate(servers)
        ]
        for sender in senders:
            sender.start()
        barrier.wait()
        begin = time.perf_counter()
        weft = sum(server.cpu_secs() for server in servers)
        before = {part: tree_cpu_secs(pid) for part, pid in stores.items()}
        for sender in senders:
            sender.join()
            if sender.exitcode:
                raise SystemExit("an uploader failed")
        secs = time.perf_counter() - begin
        millions = n_servers * N_KEYS * N_ROWS / 1e6
        figures = {"points": millions * 1e6 / secs}
        figures["weft"] = (sum(server.cpu_secs() for server in servers) - weft) / millions
        for part, pid in stores.items():
            figures[part] = (tree_cpu_secs(pid) - before[part]) / millions
        return figures


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--postgres-pid", type=int)
    parser.add_argument("--clickhouse-pid", type=int)
    parser.add_argument("options", nargs="*", help="options of weft server, after --")
    args = parser.parse_args()
    stores = {"PostgreSQL": args.postgres_pid, "ClickHouse": args.clickhouse_pid}
    stores = {part: pid for part, pid in stores.items() if pid is not None}
    figures: list[Figure] = []
    for n_servers in (1, 2, 4) if args.options else (1,):
        nothing = measure(args.options, n_servers, stores, into_nothing=True)
        stored = measure(args.options, n_servers, stores)
        name = f"{n_servers} servers" if n_servers > 1 else "1 server"
        figures.append(
            Figure(f"{name}: ingest to the ack", stored["points"], "points/s", 1e6, True,
                   "into nothing", nothing["points"])
        )  # fmt: skip
        for part in ("weft", *stores):
            figures.append(
                Figure(f"{name}: CPU of {part}, a million points", stored[part], "s",
                       peer="into nothing", peer_figure=nothing[part])
            )  # fmt: skip
    finish(figures, args.json)


if __name__ == "__main__":
    main()
