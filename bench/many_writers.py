"""1,000 writers, one row of ten metrics a second each, over HTTP: time to the ack, cost, losses.

Each keeps to the pauses that the server asks for, as `weft.sync` does, and sends the rows that
were logged meanwhile together. With `--check` it also fails where a row is missing or there twice,
and prints how many it counted. Options after `--` go to the server:

    python bench/many_writers.py --writers 10000 -- --metadata-url postgresql://… --metrics-url …
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
import tempfile
import time
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import uvloop
import zstandard

from busy_server import Connection
from logs import LogMaker
from measure import Figure, Server, arguments, finish, median, percentile, running_server
from weft.server.services.ingest.pace import UPLOADS_PER_SEC

BEGINS_PER_SEC: Final = 250


class Writer:
    """One client: a connection kept open, and its log."""

    def __init__(self, number: int, server: Server) -> None:
        self.log = LogMaker(f"w{number:05}", 10)
        self.connection = Connection(server)
        self.position = 0
        self.n_logged = 0
        self.next_send = 0.0
        self.acks: list[float] = []
        self.row_acks: list[float] = []

    async def send(self, data: bytes) -> None:
        path = (
            f"/api/v1/projects/local/bench/runs/{self.log.header.run_id}/log/{self.log.writer_id}"
            f"?position={self.position}"
        )
        body = zstandard.compress(data)
        begin = time.perf_counter()
        try:
            answer = await self.connection.ask("POST", path, body, "X-Weft-Live: 1")
        except (ConnectionError, asyncio.IncompleteReadError):
            await self.connection.open()  # the server has closed it, because it was idle
            answer = await self.connection.ask("POST", path, body, "X-Weft-Live: 1")
        ack = json.loads(answer)
        self.position = ack["position"]
        now = time.perf_counter()
        self.acks.append(now - begin)
        self.next_send = now + ack["pause_millis"] / 1e3

    async def work(self, begin: float, end: float) -> None:
        """Log a row a second, from `begin` until `end`."""
        while True:
            now = time.perf_counter()
            next_row = begin + self.n_logged
            if next_row >= end:
                return
            if (wait := max(next_row, self.next_send) - now) > 0:
                await asyncio.sleep(wait)
                continue
            n_due = int(min(now, end) - begin) + 1
            first, self.n_logged = self.n_logged, n_due
            await self.send(b"".join(self.log.row() for _ in range(first, n_due)))
            now = time.perf_counter()
            self.row_acks.extend(now - (begin + row) for row in range(first, n_due))


async def load(server: Server, writers: Sequence[Writer], n_secs: int) -> dict[str, float]:
    """Begin 250 writers a second, wait until each has sent twice, then measure for so long."""
    n_writers = len(writers)
    begins = [time.perf_counter() + number / BEGINS_PER_SEC for number in range(n_writers)]
    settled = begins[-1] + max(5.0, 2 * n_writers / UPLOADS_PER_SEC)
    end = settled + n_secs

    async def run(writer: Writer, begin: float) -> None:
        await asyncio.sleep(begin - time.perf_counter())
        await writer.connection.open()
        await writer.send(writer.log.head)
        await writer.work(begin, end)

    tasks = [
        asyncio.create_task(run(writer, begin))
        for writer, begin in zip(writers, begins, strict=True)
    ]
    await asyncio.sleep(settled - time.perf_counter())
    for writer in writers:
        writer.acks.clear()
        writer.row_acks.clear()
    cpu, own_cpu, disk = server.cpu_secs(), time.process_time(), server.written_bytes()
    await asyncio.sleep(end - time.perf_counter())
    cores = (server.cpu_secs() - cpu) / n_secs
    own_cores = (time.process_time() - own_cpu) / n_secs
    n_bytes = server.written_bytes() - disk
    acks = [ack for writer in writers for ack in writer.acks]
    row_acks = [ack for writer in writers for ack in writer.row_acks]
    await asyncio.gather(*tasks)
    for writer in writers:
        writer.connection.close()
    return {
        "p50": median(acks) * 1e3,
        "p99": percentile(acks, 99) * 1e3,
        "max": max(acks) * 1e3,
        "row": percentile(row_acks, 99),
        "uploads": len(acks) / n_secs,
        "cores": cores,
        "own_cores": own_cores,
        "written": n_bytes / len(row_acks),
    }


def n_rows_of(server: Server, writer: Writer) -> int:
    run = writer.log.header.run_id
    url = f"{server.url}/api/v1/projects/local/bench/runs/{run}/history?limit=10000"
    with urllib.request.urlopen(url) as answer:
        return len(json.load(answer)["rows"])


def sqlite_commit_bytes() -> float:
    """The peer: bytes a row when each row of ten is its own transaction in a row table."""
    with tempfile.TemporaryDirectory() as folder:
        db = sqlite3.connect(Path(folder) / "rows.db", isolation_level=None)
        db.executescript("pragma journal_mode=wal; create table m(run, step, key, value)")
        before = written()
        for step in range(500):
            db.execute("begin")
            db.executemany(
                "insert into m values (?, ?, ?, ?)",
                ((f"run {step % 50}", step, f"metric/{k}", 0.5) for k in range(10)),
            )
            db.execute("commit")
        db.close()
        return (written() - before) / 500


def written() -> int:
    return int(Path("/proc/self/io").read_text().split("write_bytes: ")[1].split()[0])


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--writers", type=int, default=1000)
    parser.add_argument("--secs", type=int, default=20, help="how long to measure")
    parser.add_argument("--check", action="store_true", help="count every row afterwards")
    parser.add_argument("options", nargs="*", help="options of weft server, after --")
    args = parser.parse_args()
    with running_server(options=args.options, n_descriptors=2 * args.writers + 1000) as server:
        writers = [Writer(number, server) for number in range(args.writers)]
        measured = uvloop.run(load(server, writers, args.secs))
        peer = sqlite_commit_bytes()
        name = f"{args.writers} writers × 1 row/s"
        figures = [
            Figure(f"{name}: ack p50", measured["p50"], "ms"),
            Figure(f"{name}: ack p99", measured["p99"], "ms", 250),
            Figure(f"{name}: ack max", measured["max"], "ms"),
            Figure(f"{name}: uploads", measured["uploads"], "uploads/s"),
            Figure(f"{name}: a row to its ack, p99", measured["row"], "s"),
            Figure(f"{name}: server", measured["cores"], "cores", 0.5),
            Figure(f"{name}: the writers themselves", measured["own_cores"], "cores"),
            Figure(
                f"{name}: written to disk a row",
                measured["written"],
                "bytes",
                4096,
                peer="SQLite rows",
                peer_figure=peer,
            ),
            Figure(f"{name}: server memory, peak", server.memory_mb("VmHWM"), "MB", 600),
        ]
        wrong: list[Writer] = []
        if args.check:
            wrong = [writer for writer in writers if n_rows_of(server, writer) != writer.n_logged]
            n_rows = sum(writer.n_logged for writer in writers)
            print(f"{n_rows} rows of {args.writers} writers counted, {len(wrong)} writers wrong")
    finish(figures, args.json)
    if wrong:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
