"""The work for hidden projects and teams is that for missing ones: as many statements, and as many
rows. So the time of an answer tells nothing of them, on a machine of any speed.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from typing import Any, Final, NamedTuple

import httpx
import pytest
from sqlalchemy import Engine, event

from at_length import case_at_length
from lab_requests import Operation, ask_graphql, describe_operations, fields_of
from lab_server import RUN, Lab, start_lab
from weft.server.app import create_app
from weft.server.http.admission.credentials import Credentials
from weft.server.services.opening import open_services
from weft.server.settings import ServerSettings
from weft.wandb_gateway import Gateway

WITHOUT_WORK: Final = ("BEGIN", "COMMIT", "ROLLBACK")
CREATING: Final = {"put_project", "follow_project", "check_sweep"}
"""They also take the name of a project that is to be made: that of a hidden one is refused."""


class Work(NamedTuple):
    """The numbers of statements that a database ran, and of the rows that they gave."""

    n_statements: int
    n_rows: int


class CountedLab:
    """The server of a lab in this process, without background jobs, whose statements count."""

    def __init__(self, lab: Lab, app: httpx.BaseTransport) -> None:
        self.people = {
            name: httpx.Client(
                transport=app,
                base_url="http://localhost",
                headers={"Authorization": f"Bearer {key}", "Accept-Encoding": "identity"},
            )
            for name, key in lab.keys.items()
        }
        self.n_rows = 0
        self.statements: list[str] = []

    def work_for(self, send: Callable[[], object]) -> Work:
        send()  # keys, people and counts of requests are read and noted once in a while
        self.n_rows, self.statements = 0, []
        send()
        return Work(len(self.statements), self.n_rows)


class _AppTransport(httpx.BaseTransport):
    """Sends requests to an app in an event loop of this process."""

    def __init__(self, app: Any, loop: asyncio.AbstractEventLoop) -> None:
        async def with_state(scope: Any, receive: Any, send: Any) -> None:
            await app({**scope, "state": {}}, receive, send)

        self._app = httpx.ASGITransport(with_state)
        self._loop = loop

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return asyncio.run_coroutine_threadsafe(self._answer(request), self._loop).result()

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        answer = await self._app.handle_async_request(request)
        return httpx.Response(
            answer.status_code, headers=answer.headers, content=await answer.aread()
        )


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CountedLab]:
    folder = tmp_path_factory.mktemp("lab")
    with start_lab(folder) as filled:
        pass
    counted: CountedLab | None = None

    def count_row(_cursor: sqlite3.Cursor, row: tuple[Any, ...]) -> tuple[Any, ...]:
        if counted is not None:
            counted.n_rows += 1
        return row

    def connect(connection: Any, _record: object) -> None:
        connection.row_factory = count_row

    def execute(_connection: object, _cursor: object, sql: str, *_: object) -> None:
        if counted is not None and not sql.startswith(WITHOUT_WORK):
            counted.statements.append(sql)

    with listening("connect", connect), listening("before_cursor_execute", execute):
        services = open_services(folder / "data", jobs=False)
        credentials = Credentials("t" * 32)
        gateway = Gateway(services, secret=credentials.token, folder=folder / "data", version="1")
        settings = ServerSettings(folder / "data")
        app = create_app(settings, services, credentials, version="1", mounts=[gateway])
        loop = asyncio.new_event_loop()
        thread = threading.Thread(target=loop.run_forever)
        thread.start()
        counted = CountedLab(filled, _AppTransport(app, loop))
        yield counted
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
        services.close()


@contextmanager
def listening(name: str, call: Callable[..., None]) -> Generator[None]:
    event.listen(Engine, name, call)
    try:
        yield
    finally:
        event.remove(Engine, name, call)


def unlike(lab: CountedLab, kinds: dict[str, Callable[[str], object]], *names: str) -> list[str]:
    """Requests whose work differs between the names of things."""
    faults: list[str] = []
    for kind, send in kinds.items():
        works = [lab.work_for(lambda name=name, send=send: send(name)) for name in names]
        if len(set(works)) > 1:
            faults.append(f"{kind}: {dict(zip(names, works, strict=True))}")
    return faults


def operations_of(lab: CountedLab, part: str, without: str) -> list[Operation]:
    described: Any = _Described({"root": lab.people["root"]})
    return [
        operation
        for operation in describe_operations(described)
        if part in operation.path and without not in operation.path
        if operation.name not in CREATING
    ]


class _Described(NamedTuple):
    clients: dict[str, httpx.Client]


@pytest.mark.parametrize("name", ["vic", case_at_length("olga")])
def test_a_hidden_project_takes_the_work_of_a_missing_one(lab: CountedLab, name: str) -> None:
    """For a viewer of its team, whom it is hidden from, and for someone of another."""
    client = lab.people[name]
    kinds: dict[str, Callable[[str], object]] = {
        operation.name: lambda project, operation=operation: operation.try_as(
            client, entity="lab", project=project, run=RUN, artifact="digits", user="eve"
        )
        for operation in operations_of(lab, "{project}", "{registry}")
    }
    assert len(kinds) > 90
    faults = unlike(lab, kinds, "secret", "absent")
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("name", ["vic", case_at_length("olga")])
def test_a_hidden_project_takes_the_work_of_a_missing_one_in_graphql(
    lab: CountedLab, name: str
) -> None:
    client = lab.people[name]
    kinds: dict[str, Callable[[str], object]] = {
        field: lambda project, kind=kind, field=field: ask_graphql(client, kind, field, project)
        for kind in ("query", "mutation")
        for field in fields_of(kind)
        if field not in {"createTeam", "createUser", "generateApiKey"}
    }
    faults = unlike(lab, kinds, "secret", "absent")
    assert not faults, "\n".join(faults)


def test_another_team_takes_the_work_of_a_missing_one(lab: CountedLab) -> None:
    client = lab.people["vic"]
    for part, without in (("{team}", "{project}"), ("{entity}", "{project}")):
        kinds: dict[str, Callable[[str], object]] = {
            operation.name: lambda team, operation=operation: operation.try_as(
                client, entity=team, team=team, user="eve"
            )
            for operation in operations_of(lab, part, without)
        }
        faults = unlike(lab, kinds, "other", "absent")
        assert not faults, "\n".join(faults)
