"""Questions about metadata over HTTP: PostgreSQL beside SQLite, alone and with 8 clients at once.

    python bench/shared_metadata.py postgresql://user@host/empty_database

Both servers hold the same runs. Each question is asked of both in turn; times are medians. With 8
clients the figure is questions a second, and each client asks all of them in turn.
"""

from __future__ import annotations

import asyncio
import http.client
import json
import threading
import time
from collections.abc import Callable
from typing import Any, Final

from many_writers import Writer
from measure import Figure, Server, arguments, finish, median, running_server

N_RUNS: Final = 1000
N_REPEATS: Final = 60
N_CLIENTS: Final = 8
CLIENT_SECS: Final = 8.0
PATH: Final = "/api/v1/projects/local/bench"

Question = Callable[[int], tuple[str, str, Any]]


def run_path(nth: int) -> str:
    return f"{PATH}/runs/w{nth % N_RUNS:05}"


QUESTIONS: Final[dict[str, Question]] = {
    "a run": lambda nth: ("GET", run_path(nth), None),
    "a page of runs by a filter": lambda nth: (
        "POST",
        f"{PATH}/runs/query",
        {"filter": f"name contains '{nth % 10}'", "order": "name", "limit": 50},
    ),
    "projects": lambda _: ("GET", "/api/v1/projects", None),
    "views": lambda _: ("GET", f"{PATH}/views", None),
    "artifacts": lambda _: ("GET", f"{PATH}/artifacts", None),
    "activity": lambda _: ("GET", f"{PATH}/activity", None),
    "a note": lambda nth: ("PATCH", run_path(nth), {"notes": f"note {nth}"}),
    "the same tags of a hundred runs": lambda nth: (
        "POST",
        f"{PATH}/runs/bulk",
        {
            "runs": [f"w{run:05}" for run in range(nth % 10 * 100, nth % 10 * 100 + 100)],
            "action": {"kind": "edit", "add_tags": [f"tag{nth % 10}"]},
        },
    ),
}


class Client:
    """A connection kept open."""

    def __init__(self, server: Server) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", server.port)

    def ask(self, question: Question, nth: int) -> float:
        """Seconds until the whole answer is there."""
        method, path, body = question(nth)
        begin = time.perf_counter()
        headers = {"Content-Type": "application/json"} if body is not None else {}
        text = None if body is None else json.dumps(body)
        self._connection.request(method, path, text, headers)
        answer = self._connection.getresponse()
        content = answer.read()
        secs = time.perf_counter() - begin
        if answer.status >= 300:
            raise SystemExit(f"{method} {path}: {answer.status} {content[:300]!r}")
        return secs


def fill(server: Server) -> None:
    """Create the runs, one upload each."""

    async def create_all() -> None:
        for number in range(N_RUNS):
            writer = Writer(number, server)
            await writer.connection.open()
            await writer.send(writer.log.head)
            writer.connection.close()

    asyncio.run(create_all())


def questions_per_sec(server: Server) -> float:
    counts = [0] * N_CLIENTS
    end = time.perf_counter() + CLIENT_SECS

    def ask_all(number: int) -> None:
        client = Client(server)
        questions = list(QUESTIONS.values())
        while time.perf_counter() < end:
            nth = number * 1000 + counts[number]
            client.ask(questions[nth % len(questions)], nth)
            counts[number] += 1

    threads = [threading.Thread(target=ask_all, args=(number,)) for number in range(N_CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / CLIENT_SECS


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("url", help="address of an empty database")
    args = parser.parse_args()
    figures: list[Figure] = []
    with (
        running_server() as sqlite,
        running_server(options=["--metadata-url", args.url]) as postgres,
    ):
        for server in (sqlite, postgres):
            fill(server)
        clients = Client(sqlite), Client(postgres)
        for title, question in QUESTIONS.items():
            secs: tuple[list[float], list[float]] = [], []
            for nth in range(N_REPEATS):
                for client, times in zip(clients, secs, strict=True):
                    times.append(client.ask(question, nth))
            sqlite_secs, postgres_secs = (median(times[N_REPEATS // 10 :]) for times in secs)
            figures += [
                Figure(f"{title}: SQLite", sqlite_secs * 1e3, "ms"),
                Figure(f"{title}: PostgreSQL", postgres_secs * 1e3, "ms"),
                Figure(f"{title}: PostgreSQL to SQLite", postgres_secs / sqlite_secs, "×", 1.5),
            ]
        sqlite_rate, postgres_rate = questions_per_sec(sqlite), questions_per_sec(postgres)
        figures += [
            Figure(f"{N_CLIENTS} clients: SQLite", sqlite_rate, "questions/s"),
            Figure(f"{N_CLIENTS} clients: PostgreSQL", postgres_rate, "questions/s"),
            Figure(
                f"{N_CLIENTS} clients: SQLite to PostgreSQL", sqlite_rate / postgres_rate, "×", 1.0
            ),
        ]
    finish(figures, args.json)


if __name__ == "__main__":
    main()
