"""100 clients log at once for a minute while charts of them are asked: acks, charts, losses.

Each client logs 100 rows of ten metrics a second and sends them as the sidecar does, four times a
second. Every point is counted afterwards; a missing one, or one too many, fails the run.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import time
import urllib.request
from collections.abc import AsyncIterator

import zstandard

from logs import LogMaker, metric_name
from measure import Figure, Server, arguments, finish, median, percentile, running_server

N_KEYS = 10
ROWS_PER_SEC = 100
SENDS_PER_SEC = 4
PATH = "/api/v1/projects/local/bench"


class Connection:
    """One kept-open HTTP connection."""

    def __init__(self, server: Server) -> None:
        self._port = server.port

    async def open(self) -> None:
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)

    async def ask(self, method: str, path: str, body: bytes, *headers: str) -> bytes:
        """Send a request; its answer's body, whether it has a length or comes in chunks."""
        lines = [
            f"{method} {path} HTTP/1.1",
            f"Host: 127.0.0.1:{self._port}",
            f"Content-Length: {len(body)}",
            *headers,
        ]
        self._writer.write(("\r\n".join(lines) + "\r\n\r\n").encode() + body)
        head = (await self._reader.readuntil(b"\r\n\r\n")).lower()
        _, length_header, length = head.partition(b"content-length:")
        if length_header:
            answer = await self._reader.readexactly(int(length.split(b"\r\n")[0]))
        else:
            answer = b"".join([piece async for piece in self._chunks()])
        if b" 200 " not in head[:20]:
            raise SystemExit(f"refused: {head!r} {answer[:500]!r}")
        return answer

    async def _chunks(self) -> AsyncIterator[bytes]:
        while n_bytes := int(await self._reader.readuntil(b"\r\n"), 16):
            yield await self._reader.readexactly(n_bytes)
            await self._reader.readexactly(2)
        await self._reader.readexactly(2)

    def close(self) -> None:
        self._writer.close()


class Client:
    """A run that logs; its rows were made beforehand, the same for all."""

    def __init__(self, number: int, server: Server, parts: list[bytes]) -> None:
        self.log = LogMaker(f"c{number:03}", N_KEYS)
        self.connection = Connection(server)
        self.parts = parts
        self.position = 0
        self.acks: list[float] = []

    async def send(self, data: bytes) -> None:
        run, writer = self.log.header.run_id, self.log.writer_id
        path = f"{PATH}/runs/{run}/log/{writer}?position={self.position}"
        headers = ("X-Weft-Live: 1",)
        begin = time.perf_counter()
        answer = await self.connection.ask("POST", path, zstandard.compress(data), *headers)
        self.acks.append(time.perf_counter() - begin)
        self.position = json.loads(answer)["position"]

    async def work(self, begin: float) -> None:
        for number, part in enumerate(self.parts):
            due = begin + number / SENDS_PER_SEC
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            await self.send(part)


async def ask_charts(server: Server, n_clients: int, took: list[float]) -> None:
    """Ask for charts until cancelled: of one run, and of ten, ten a second in all."""
    connection = Connection(server)
    await connection.open()
    for number in itertools.count():
        runs = [f"c{(number + i) % n_clients:03}" for i in range(10 if number % 2 else 1)]
        keys = [metric_name(number % N_KEYS)]
        panel = {"runs": runs, "keys": keys, "axis": "step", "n_buckets": 400}
        body = json.dumps({"panels": [panel]}).encode()
        begin = time.perf_counter()
        await connection.ask("POST", f"{PATH}/series", body)
        took.append(time.perf_counter() - begin)
        await asyncio.sleep(max(0.0, 0.1 - took[-1]))


async def load(server: Server, n_clients: int, secs: int) -> dict[str, float]:
    parts = made_rows(secs)
    clients = [Client(number, server, parts) for number in range(n_clients)]
    for client in clients:
        await client.connection.open()
        await client.send(client.log.head)
        client.acks.clear()
    charts: list[float] = []
    asking = asyncio.create_task(ask_charts(server, n_clients, charts))
    cpu = server.cpu_secs()
    begin = time.perf_counter()
    spread = 1 / SENDS_PER_SEC / n_clients
    await asyncio.gather(*(client.work(begin + i * spread) for i, client in enumerate(clients)))
    took = time.perf_counter() - begin
    asking.cancel()
    for client in clients:
        client.connection.close()
    acks = [ack for client in clients for ack in client.acks]
    return {
        "ack p50": median(acks) * 1e3,
        "ack p99": percentile(acks, 99) * 1e3,
        "ack max": max(acks) * 1e3,
        "chart p50": median(charts) * 1e3,
        "chart p95": percentile(charts, 95) * 1e3,
        "cores": (server.cpu_secs() - cpu) / took,
    }


def made_rows(secs: int) -> list[bytes]:
    maker = LogMaker("made", N_KEYS)
    per_send = ROWS_PER_SEC // SENDS_PER_SEC
    return [b"".join(maker.row() for _ in range(per_send)) for _ in range(secs * SENDS_PER_SEC)]


def count_wrong(server: Server, n_clients: int, n_rows: int) -> int:
    """The number of metrics of a run whose number of points differs from what was logged."""
    n_wrong = 0
    for number in range(n_clients):
        url = f"{server.url}{PATH}/metrics?runs=c{number:03}"
        with urllib.request.urlopen(url) as answer:
            counts = [metric["n_points"] for metric in json.load(answer)["metrics"]]
        n_wrong += sum(count != n_rows for count in counts) + N_KEYS - len(counts)
    return n_wrong


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--clients", type=int, default=100)
    parser.add_argument("--secs", type=int, default=60)
    args = parser.parse_args()
    with running_server() as server:
        idle = server.memory_mb()
        got = asyncio.run(load(server, args.clients, args.secs))
        n_rows = args.secs * ROWS_PER_SEC
        n_wrong = count_wrong(server, args.clients, n_rows)
        name = f"{args.clients} clients, {args.secs} s"
        finish(
            [
                Figure(f"{name}: ack p50", got["ack p50"], "ms"),
                Figure(f"{name}: ack p99", got["ack p99"], "ms", 1000),
                Figure(f"{name}: ack max", got["ack max"], "ms"),
                Figure(f"{name}: chart p50 meanwhile", got["chart p50"], "ms"),
                Figure(f"{name}: chart p95 meanwhile", got["chart p95"], "ms", 100),
                Figure(f"{name}: server", got["cores"], "cores"),
                Figure(f"{name}: server memory, idle", idle, "MB", 150),
                Figure(f"{name}: server memory, peak", server.memory_mb("VmHWM"), "MB", 600),
                Figure(f"{name}: metrics with lost or doubled points", n_wrong, "", 0),
            ],
            args.json,
        )
    if n_wrong:
        raise SystemExit(f"{n_wrong} metrics have lost or doubled points")


if __name__ == "__main__":
    main()
