"""A lab at one server: 200 users with a live workspace each, and 20 sign-ins a second.

The users share a team's 20 projects. In each, five runs log a row a second. 20 users a second sign
in by password while charts are asked for. Then each user follows a project's events, and asks
after each event for what the page shows, as `web/src/api/live` does: six charts in one query, and
lists of runs at most every two seconds, and with every second event of a busy server. First all
pages of a project show the same, as the default workspace does; then every fourth user has panels
of their own. All pages are opened in the same moment; the queries of these first seconds are a
figure of their own. The server decides how often pages are told of changes, so that figure is
told, too.

The pages share the processors with the server. Their own time is told as well, so that the figures
of a small machine can be judged.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import random
import time
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlencode

import zstandard

from busy_server import Connection
from logs import LogMaker, metric_name
from measure import Figure, Server, arguments, finish, percentile, running_server
from weft.server.services.access import LOCAL
from weft.server.services.opening import open_services
from weft.wire.server.teams import NewRole, TeamAddition

N_PROJECTS = 20
N_RUNS = 5
N_KEYS = 6
PASSWORD = "correct horse battery"
SIGN_INS_PER_SEC = 20
_JSON = "Content-Type: application/json"
_CODINGS = "Accept-Encoding: gzip, deflate, br, zstd"
_FORM = "Content-Type: application/x-www-form-urlencoded"


FLUSH_SECS = 0.5
LISTS_SECS = 2.0
OPENING_SECS = 5.0
ALL_LISTS: list[dict[str, Any]] = [
    {"columns": ["runtime", "created", "tags"], "limit": 100},
    {"filter": "state = running", "columns": ["runtime", "summary.step", "tags"], "limit": 200},
    {"columns": [], "limit": 1},
    {"filter": 'state = "running"', "columns": [], "limit": 10},
    {"filter": 'state = "running"', "columns": [], "limit": 1},
]
"""The lists of a default workspace; the first two have columns that move while runs log."""
MOVING_LISTS = ALL_LISTS[:2]


@dataclass
class User:
    """One who has signed in."""

    key: str
    token: str

    def cookie(self, server: Server) -> str:
        return f"Cookie: weft-{server.port}={self.token}"


def make_users(data: Path, n_users: int) -> list[User]:
    """The users of a new data directory, all members of the team `lab`."""
    services = open_services(data, jobs=False)
    names = [f"user{number:03}" for number in range(n_users)]
    keys = [services.users.add_user(LOCAL, name).api_key for name in names]
    members: dict[str, NewRole] = dict.fromkeys(names, "member")
    members[names[0]] = "admin"
    services.teams.add_team(LOCAL, TeamAddition(name="lab", members=members))
    for name in names[:SIGN_INS_PER_SEC]:
        services.accounts.set_password(LOCAL, name, PASSWORD)
    tokens = [
        services.sessions.begin(LOCAL, name, method="password", address="", agent="")
        for name in names
    ]
    services.close()
    return [User(key, token or "") for key, token in zip(keys, tokens, strict=True)]


@dataclass
class Page:
    """A live workspace in a user's browser."""

    lab: Lab
    number: int
    n_buckets: int
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    pace_secs: float = 0.0
    seen: str = ""
    has_new_lists: bool = False

    async def live(self, secs: float) -> None:
        """Follow the project, and ask for what has changed."""
        lab, server = self.lab, self.lab.server
        self.path = _path(self.number % N_PROJECTS)
        self.cookie = lab.users[self.number].cookie(server)
        self.connection = Connection(server)
        await self.connection.open()
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        host = f"Host: 127.0.0.1:{server.port}"
        writer.write(
            f"GET {self.path}/events HTTP/1.1\r\n{host}\r\n{self.cookie}\r\n\r\n".encode()
        )
        events = asyncio.create_task(self._hear(reader))
        lists_at = 0.0
        end = time.perf_counter() + secs
        while time.perf_counter() < end:
            try:
                await asyncio.wait_for(self.changed.wait(), 1)
            except TimeoutError:
                continue
            await asyncio.sleep(FLUSH_SECS * random.uniform(0.8, 1.2))
            self.changed.clear()
            await self._ask("series", self._charts())
            lists: list[dict[str, Any]] = []
            if self.has_new_lists:
                lists = ALL_LISTS
            elif time.perf_counter() > lists_at + max(LISTS_SECS, 2 * self.pace_secs):
                lists = MOVING_LISTS
            if lists:
                lists_at = time.perf_counter()
                self.has_new_lists = False
            for query in lists:
                await self._ask("runs/query", json.dumps(query).encode())
        events.cancel()
        writer.close()
        self.connection.close()

    async def _hear(self, reader: asyncio.StreamReader) -> None:
        while line := await reader.readline():
            if line.startswith(b"id: "):
                self.seen = line[4:].decode().strip()
                data = json.loads((await reader.readuntil(b"\n\n")).partition(b"data: ")[2])
                self.pace_secs = data["pace_secs"]
                self.lab.paces.append(self.pace_secs)
                self.has_new_lists |= any(run["meta"] for run in data["runs"].values())
                self.changed.set()

    def _charts(self) -> bytes:
        return _charts([f"r{run}" for run in range(N_RUNS)], n_buckets=self.n_buckets)

    async def _ask(self, name: str, body: bytes) -> None:
        path = f"{self.path}/{name}{self.lab.since(self.seen)}"
        begin = time.perf_counter()
        await self.connection.ask("POST", path, body, self.cookie, _JSON, _CODINGS)
        is_opening = begin < self.lab.live_from
        queries = self.lab.opening if is_opening else self.lab.queries
        queries.append(time.perf_counter() - begin)


class Lab:
    """The running server and its users."""

    def __init__(self, server: Server, users: list[User]) -> None:
        self.server = server
        self.users = users
        self.logs = _new_logs(N_PROJECTS)
        self.opening: list[float] = []
        self.queries: list[float] = []
        self.live_from = 0.0
        self.paces: list[float] = []
        self.own_cpu_secs = 0.0

    def since(self, seen: str) -> str:
        """The part of a query's address that names the last change the page was told of."""
        return f"?seen_micros={seen}"

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
                    f"Authorization: Bearer {self.users[0].key}", "X-Weft-Live: 1",
                )  # fmt: skip
                positions[project, run] = json.loads(answer)["position"]
            pause = begin + second + 1 - time.perf_counter()
            if second + 1 >= secs:
                return
            await asyncio.sleep(max(pause, 0.0))

    async def live(self, secs: float, *, n_users: int, every_own: int = 0) -> float:
        """Have the first users look at their pages while the runs log; the server's CPU seconds.

        Each `every_own`th of them has panels of their own.
        """
        self.opening, self.queries, self.paces = [], [], []
        self.live_from = time.perf_counter() + min(OPENING_SECS, secs / 2)
        pages = [
            Page(self, number, 300 + (number if every_own and number % every_own == 0 else 0))
            for number in range(n_users)
        ]
        cpu, own_cpu = self.server.cpu_secs(), time.process_time()
        await asyncio.gather(self.log(secs), *(page.live(secs) for page in pages))
        self.own_cpu_secs = time.process_time() - own_cpu
        return self.server.cpu_secs() - cpu

    async def chart(self, secs: float) -> list[float]:
        """Ask ten times a second for a chart."""
        connection = Connection(self.server)
        await connection.open()
        secs_each: list[float] = []
        end = time.perf_counter() + secs
        while (begin := time.perf_counter()) < end:
            await connection.ask(
                "POST", f"{_path(0)}/series", _charts(["r0"], 1),
                f"Authorization: Bearer {self.users[0].key}", _JSON,
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


def _new_logs(n_projects: int) -> dict[tuple[int, int], LogMaker]:
    return {
        (project, run): LogMaker(f"r{run}", N_KEYS, project=f"p{project:02}")
        for project in range(n_projects)
        for run in range(N_RUNS)
    }


def _path(project: int) -> str:
    return f"/api/v1/projects/lab/p{project:02}"


def _charts(runs: list[str], n_charts: int = N_KEYS, n_buckets: int = 400) -> bytes:
    panels = [
        {"runs": runs, "keys": [metric_name(key)], "axis": "step", "n_buckets": n_buckets}
        for key in range(n_charts)
    ]
    return json.dumps({"panels": panels}).encode()


async def load(server: Server, users: list[User], secs: float) -> list[Figure]:
    lab = Lab(server, users)
    await lab.log(1)
    quiet = await lab.chart(secs)
    signing_in = asyncio.gather(*(lab.sign_in(number, secs) for number in range(SIGN_INS_PER_SEC)))
    charts = await lab.chart(secs)
    counts = await signing_in
    extra = (percentile(charts, 99) - percentile(quiet, 99)) * 1e3
    lab.logs = _new_logs(1)
    await lab.live(secs / 2, n_users=1)
    figures = [
        Figure(f"{SIGN_INS_PER_SEC} sign-ins a second: done", sum(counts) / secs, "1/s"),
        Figure("a chart meanwhile, p99 above quiet", extra, "ms", 100),
        Figure("a chart, quiet, p99", percentile(quiet, 99) * 1e3, "ms"),
        Figure("a page's query alone, p95", percentile(lab.queries, 95) * 1e3, "ms"),
    ]
    for every_own, name in ((0, ""), (4, ", 1 in 4 with own panels")):
        lab.logs = _new_logs(N_PROJECTS)
        cpu = await lab.live(secs, n_users=len(users), every_own=every_own)
        n_queries = len(lab.opening) + len(lab.queries)
        name = f"{len(users)} live workspaces{name}"
        figures += [
            Figure(f"{name}: query, p95", percentile(lab.queries, 95) * 1e3, "ms", 300),
            Figure(f"{name}: as all are opened, p95", percentile(lab.opening, 95) * 1e3, "ms"),
            Figure(f"{name}: queries", n_queries / secs, "1/s"),
            Figure(f"{name}: server", cpu / secs, "cores"),
            Figure(f"{name}: pages, besides", lab.own_cpu_secs / secs, "cores"),
            Figure(f"{name}: between events", sum(lab.paces) / len(lab.paces), "s"),
            Figure(f"{name}: all, by query", cpu / n_queries * 1e3, "ms of CPU"),
        ]
    return figures


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--users", type=int, default=200)
    parser.add_argument("--secs", type=float, default=20)
    args = parser.parse_args()
    with TemporaryDirectory(prefix="weft-bench-") as folder:
        users = make_users(Path(folder), args.users)
        with running_server(Path(folder), n_descriptors=4096) as server:
            finish(asyncio.run(load(server, users, args.secs)), args.json)


if __name__ == "__main__":
    main()
