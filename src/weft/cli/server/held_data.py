"""Works on a server's data directory: through the server that holds it if it is running."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

import click
import msgspec

from weft.client.transport import Transport
from weft.errors import Conflict, NotFound, Unavailable
from weft.runlog.holder import TOKEN_NAME, holder_of
from weft.server.services.opening import Services, open_services
from weft.server.settings import default_data_directory
from weft.server.storage.directory import DataDirectory, is_data_directory

T = TypeVar("T")


def work_on(
    data: Path,
    metadata_url: str | None,
    *,
    ask: Callable[[Transport], T],
    direct: Callable[[Services], T],
    create: bool = False,
) -> T:
    """Do something with the data of a server, and return the result: `ask` by requests to the
    running server, `direct` on the directory, if no server holds it.

    NotFound if the directory holds no server's data, and is not to `create`. Unavailable if the
    server is starting or stopping.
    """
    if not create and not is_data_directory(data):
        raise NotFound(f"no server's data in {data}: name the folder with --data")
    try:
        directory = DataDirectory(data)
    except Conflict:
        return ask(_server_of(data))
    try:
        services = open_services(data, metadata_url, jobs=False)
        try:
            return direct(services)
        finally:
            services.close()
    finally:
        directory.close()


class HeldServer:
    """One server, by default the user's own, for a command that works while it runs or not."""

    def __init__(self, data: Path | None, metadata_url: str | None, *, as_json: bool) -> None:
        self.as_json = as_json
        self._data = (data or default_data_directory()).absolute()
        self._metadata_url = metadata_url

    def do(
        self,
        method: str,
        path: str,
        body: msgspec.Struct | None,
        answer: type[T] | None,
        direct: Callable[[Services], Any],
    ) -> T:
        """Send a request to the running server, or do it directly."""

        def ask(server: Transport) -> Any:
            content = None if body is None else msgspec.json.encode(body)
            headers = {} if body is None else {"Content-Type": "application/json"}
            reply = server.request(method, f"/api/v1{path}", body=content, headers=headers)
            return None if answer is None else server.decode(reply, answer)

        return work_on(self._data, self._metadata_url, ask=ask, direct=direct)

    def report(self, report: Any, text: str) -> int:
        """Print a report, as JSON or as text; return the exit code."""
        click.echo(json.dumps(report) if self.as_json else text)
        return 0


def path_part(name: str) -> str:
    """A name as a part of an address."""
    return quote(name, safe="")


def _server_of(data: Path) -> Transport:
    holder = holder_of(data)
    if holder is None or not holder.url:
        raise Unavailable(f"a server starts or ends on {data}; try again")
    try:
        token = (data / TOKEN_NAME).read_text().strip()
    except OSError as error:
        raise Unavailable(f"the server's token can't be read: {error}") from error
    return Transport(holder.url, token)
