"""A lab at one server: 200 users with a live workspace each, and 20 sign-ins a second.

The users share a team's 20 projects. In each, five runs log a row a second; each user follows the
project's events and asks every two seconds for six charts of its runs, as a page does that is
open. Then 20 users a second sign in by password while charts are asked for. The peer is the same
server before, with one user and without sign-ins.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlencode

import zstandard

from busy_server import Connection
from logs import LogMaker, metric_name
from measure import Figure, Server, arguments, finish, percentile, running_server
from weft.server.services.access import LOCAL
from weft.server.services.opening import open_services
from weft.wire.server.teams import TeamAddition

N_PROJECTS = 20
N_RUNS = 5
N_KEYS = 6
PASSWORD = "correct horse battery"
SIGN_INS_PER_SEC = 20
_JSON = "Content-Type: application/json"
_FORM = "Content-Type: application/x-www-form-urlencoded"


def make_users(data: Path, n_users: int) -> list[str]:
    """The keys of the users of a new data directory, all members of the team `lab`."""
    services = open_services(data, jobs=False)
    names = [f"user{number:03}" for number in range(n_users)]
    keys = [services.users.add(LOCAL, name).api_key for name in names]
    members = dict.fromkeys(names, "member") | {names[0]: "admin"}
    services.teams.add(LOCAL, TeamAddition(name="lab", members=members))  # pyright: ignore[reportArgumentType]
    for name in names[:SIGN_INS_PER_SEC]:
        services.accounts.set_password(LOCAL, name, PASSWORD)
    services.close()
    return keys


class Lab:
    """The running server and its users."""

    def __init__(self, server: Server, keys: list[str]) -> None:
        self.server = server
        self.keys = keys
        self.logs = {
            (project, run): LogMaker(f"r{run}", N_KEYS, project=f"p{project:02}")
            for project in range(N_PROJECTS)
            for run in range(N_RUNS)
        }
        self.queries: list[float] = []

    async def log(self, secs: float) -> None:
        """Log a row a second to each run."""
        connection = Connection(self.server)
        await connection.open()
        positions = dict.fromkeys(self.logs, 0)
        begin = time.perf_counter()
        for second in itertools.count():
            for (project, run), maker in self.logs.items():
                data = maker.row() if second else maker.head
                path = f"{_path(project)}/runs/r{run}/log/{maker.writer_id}"
                answer = await connection.ask(
                    "POST", f"{path}?position={positions[project, run]}", zstandard.compress(data),
                    f"Authorization: Bearer {self.keys[0]}", "X-Weft-Live: 1",
                )  # fmt: skip
                positions[project, run] = json.loads(answer)["position"]
            pause = begin + second + 1 - time.perf_counter()
            if second + 1 >= secs:
                return
            await asyncio.sleep(max(pause, 0.0))

    async def watch(self, number: int, secs: float) -> None:
        """Follow a project and ask for its charts every two seconds."""
        project, key = number % N_PROJECTS, f"Authorization: Bearer {self.keys[number]}"
        reader, writer = await asyncio.open_connection("127.0.0.1", self.server.port)
        host = f"Host: 127.0.0.1:{self.server.port}"
        writer.write(f"GET {_path(project)}/events HTTP/1.1\r\n{host}\r\n{key}\r\n\r\n".encode())
        events = asyncio.create_task(_drain(reader))
        connection = Connection(self.server)
        await connection.open()
        end = time.perf_counter() + secs
        await asyncio.sleep(2.0 * number / len(self.keys))
        while (begin := time.perf_counter()) < end:
            body = _charts([f"r{run}" for run in range(N_RUNS)])
            await connection.ask("POST", f"{_path(project)}/series", body, key, _JSON)
            self.queries.append(time.perf_counter() - begin)
            await asyncio.sleep(max(0.0, begin + 2.0 - time.perf_counter()))
        events.cancel()
        writer.close()
        connection.close()

    async def chart(self, secs: float) -> list[float]:
        """Ask ten times a second for a chart."""
        connection = Connection(self.server)
        await connection.open()
        secs_each: list[float] = []
        end = time.perf_counter() + secs
        while (begin := time.perf_counter()) < end:
            await connection.ask(
                "POST", f"{_path(0)}/series", _charts(["r0"], 1),
                f"Authorization: Bearer {self.keys[0]}", _JSON,
            )  # fmt: skip
            secs_each.append(time.perf_counter() - begin)
            await asyncio.sleep(max(0.0, begin + 0.1 - time.perf_counter()))
        return secs_each

    async def sign_in(self, number: int, secs: float) -> int:
        """Sign a user in once a second; how often it succeeded."""
        n_done = 0
        end = time.perf_counter() + secs
        await asyncio.sleep(number / SIGN_INS_PER_SEC)
        while (begin := time.perf_counter()) < end:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.server.port)
            form = urlencode({"user": f"user{number:03}", "password": PASSWORD}).encode()
            host = f"127.0.0.1:{self.server.port}"
            head = (
                f"POST /sign-in HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\n{_FORM}\r\n"
                f"Content-Length: {len(form)}\r\nConnection: close\r\n\r\n"
            )
            writer.write(head.encode() + form)
            answer = await reader.read()
            n_done += answer.startswith(b"HTTP/1.1 303") and b"set-cookie" in answer.lower()
            writer.close()
            await asyncio.sleep(max(0.0, begin + 1.0 - time.perf_counter()))
        return n_done


async def _drain(reader: asyncio.StreamReader) -> None:
    while await reader.read(65536):
        pass


def _path(project: int) -> str:
    return f"/api/v1/projects/lab/p{project:02}"


def _charts(runs: list[str], n_charts: int = N_KEYS) -> bytes:
    panels = [
        {"runs": runs, "keys": [metric_name(key)], "axis": "step", "n_buckets": 400}
        for key in range(n_charts)
    ]
    return json.dumps({"panels": panels}).encode()


async def load(server: Server, keys: list[str], secs: float) -> list[Figure]:
    lab = Lab(server, keys)
    await lab.log(1)
    quiet = await lab.chart(secs)
    charts, *counts = await asyncio.gather(
        lab.chart(secs), *(lab.sign_in(number, secs) for number in range(SIGN_INS_PER_SEC))
    )
    alone = Lab(server, keys[:1])
    alone.logs = {key: maker for key, maker in lab.logs.items() if key[0] == 0}
    await alone.watch(0, secs / 2)
    lab.logs = {
        (project, run): LogMaker(f"r{run}", N_KEYS, project=f"p{project:02}")
        for project in range(N_PROJECTS)
        for run in range(N_RUNS)
    }
    begin, cpu = time.perf_counter(), server.cpu_secs()
    await asyncio.gather(lab.log(secs), *(lab.watch(number, secs) for number in range(len(keys))))
    cores = (server.cpu_secs() - cpu) / (time.perf_counter() - begin)
    extra = (percentile(charts, 99) - percentile(quiet, 99)) * 1e3
    name = f"{len(keys)} live workspaces"
    return [
        Figure(f"{SIGN_INS_PER_SEC} sign-ins a second: done", sum(counts) / secs, "1/s"),
        Figure("a chart meanwhile, p99 above quiet", extra, "ms", 100),
        Figure("a chart, quiet, p99", percentile(quiet, 99) * 1e3, "ms"),
        Figure("a page's query alone, p95", percentile(alone.queries, 95) * 1e3, "ms"),
        Figure(f"{name}: a page's query, p95", percentile(lab.queries, 95) * 1e3, "ms", 300),
        Figure(f"{name}: queries", len(lab.queries) / secs, "1/s"),
        Figure(f"{name}: server", cores, "cores"),
    ]


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--users", type=int, default=200)
    parser.add_argument("--secs", type=float, default=20)
    args = parser.parse_args()
    with TemporaryDirectory(prefix="weft-bench-") as folder:
        keys = make_users(Path(folder), args.users)
        with running_server(Path(folder), n_descriptors=4096) as server:
            finish(asyncio.run(load(server, keys, args.secs)), args.json)


if __name__ == "__main__":
    main()
