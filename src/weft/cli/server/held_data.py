"""Works on a server's data directory: through the server that holds it if it is running."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from weft.cli.reports import print_report
from weft.client.calls import Caller
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
        self.data = (data or default_data_directory()).absolute()
        self.metadata_url = metadata_url

    def do(
        self,
        ask: Callable[[Caller[Transport]], T],
        direct: Callable[[Services], T],
        *,
        create: bool = False,
    ) -> T:
        """Do something by requests to the running server, or directly; see `work_on`."""
        return work_on(
            self.data,
            self.metadata_url,
            ask=lambda server: ask(Caller(server)),
            direct=direct,
            create=create,
        )

    def report(self, report: Any, *lines: str) -> int:
        """Print a report, as JSON or as lines of text; return the exit code."""
        return print_report(report, *lines, as_json=self.as_json)


def _server_of(data: Path) -> Transport:
    holder = holder_of(data)
    if holder is None or not holder.url:
        raise Unavailable(f"a server starts or ends on {data}; try again")
    try:
        token = (data / TOKEN_NAME).read_text().strip()
    except OSError as error:
        raise Unavailable(f"the server's token can't be read: {error}") from error
    return Transport(holder.url, token)
