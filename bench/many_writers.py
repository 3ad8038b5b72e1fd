"""1,000 writers, one row of ten metrics a second each, over HTTP: time to the ack, cost, losses.

With `--check` it also fails where a row is missing or there twice, and prints how many it counted.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
import tempfile
import time
import urllib.request
from pathlib import Path

import zstandard

from logs import LogMaker
from measure import Figure, Server, arguments, finish, median, percentile, running_server


class Writer:
    """One client: a connection kept open, and its log."""

    def __init__(self, number: int, server: Server) -> None:
        self.log = LogMaker(f"w{number:05}", 10)
        self.server = server
        self.position = 0
        self.acks: list[float] = []

    async def connect(self) -> None:
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.server.port)

    async def send(self, data: bytes) -> None:
        body = zstandard.compress(data)
        run = self.log.header.run_id
        head = (
            f"POST /api/v1/projects/local/bench/runs/{run}/log/{self.log.writer_id}"
            f"?position={self.position} HTTP/1.1\r\nHost: 127.0.0.1:{self.server.port}\r\n"
            "X-Weft-Live: 1\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        begin = time.perf_counter()
        self.writer.write(head.encode() + body)
        answer = await self.reader.readuntil(b"\r\n\r\n")
        n_bytes = int(answer.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        text = await self.reader.readexactly(n_bytes)
        if b" 200 " not in answer[:20]:
            raise SystemExit(f"upload refused: {answer!r} {text!r}")
        self.position = json.loads(text)["position"]
        self.acks.append(time.perf_counter() - begin)

    async def work(self, begin: float, n_rows: int) -> None:
        for i in range(n_rows):
            await asyncio.sleep(max(0.0, begin + i - time.perf_counter()))
            await self.send(self.log.row())


async def load(server: Server, n_writers: int, n_rows: int) -> dict[str, float]:
    writers = [Writer(number, server) for number in range(n_writers)]
    for start in range(0, n_writers, 50):
        part = writers[start : start + 50]
        await asyncio.gather(*(writer.connect() for writer in part))
        await asyncio.gather(*(writer.send(writer.log.head) for writer in part))
    for writer in writers:
        writer.acks.clear()
    cpu, disk = server.cpu_secs(), server.written_bytes()
    begin = time.perf_counter()
    await asyncio.gather(
        *(writer.work(begin + number / n_writers, n_rows) for number, writer in enumerate(writers))
    )
    took = time.perf_counter() - begin
    acks = [ack for writer in writers for ack in writer.acks]
    for writer in writers:
        writer.writer.close()
    return {
        "p50": median(acks) * 1e3,
        "p99": percentile(acks, 99) * 1e3,
        "max": max(acks) * 1e3,
        "cores": (server.cpu_secs() - cpu) / took,
        "written": (server.written_bytes() - disk) / (n_writers * n_rows),
    }


def count_rows(server: Server, n_writers: int) -> list[int]:
    counts: list[int] = []
    for number in range(n_writers):
        url = f"{server.url}/api/v1/projects/local/bench/runs/w{number:05}/history?limit=10000"
        with urllib.request.urlopen(url) as answer:
            counts.append(len(json.load(answer)["rows"]))
    return counts


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
    parser.add_argument("--rows", type=int, default=20)
    parser.add_argument("--check", action="store_true", help="count every row afterwards")
    args = parser.parse_args()
    with running_server() as server:
        measured = asyncio.run(load(server, args.writers, args.rows))
        peer = sqlite_commit_bytes()
        name = f"{args.writers} writers × 1 row/s"
        figures = [
            Figure(f"{name}: ack p50", measured["p50"], "ms"),
            Figure(f"{name}: ack p99", measured["p99"], "ms", 250),
            Figure(f"{name}: ack max", measured["max"], "ms"),
            Figure(f"{name}: server", measured["cores"], "cores", 0.5),
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
        wrong: list[int] = []
        if args.check:
            counts = count_rows(server, args.writers)
            wrong = [n for n in counts if n != args.rows]
            print(f"{sum(counts)} rows of {args.writers} writers counted, {len(wrong)} wrong")
    finish(figures, args.json)
    if wrong:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
