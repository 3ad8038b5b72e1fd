"""`weft verify`: sends a small run to the server, reads it back and deletes it."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import click

import weft
from weft.cli.connect import connect
from weft.cli.reports import print_json
from weft.errors import CommError, WeftError
from weft.records.ids import new_run_id
from weft.sync.addresses.server_address import ServerAddress, require_server
from weft.wire.server.server import get_server

PROJECT: Final = "weft-verify"

_ROWS: Final[list[dict[str, Any]]] = [
    {"loss": 1 / (step + 1), "large": math.inf if step == 5 else -(2.0**step)}
    for step in range(10)
]
_FILE: Final = "verify.txt"
_CONTENT: Final = b"weft verify\n" * 10_000


def verify(base_url: str | None, *, as_json: bool) -> int:
    """Try a server with a run of its own; the exit code is 0 if all steps succeed, else 1."""
    server = require_server(base_url)
    failure: str | None = None
    held: list[str] = []
    with tempfile.TemporaryDirectory(prefix="weft-verify-") as folder:
        for step, check in _Trial(server, Path(folder)).steps().items():
            try:
                check()
            except WeftError as error:
                failure = f"{step}: {error}"
                break
            held.append(step)
            if not as_json:
                click.echo(f"ok      {step}")
    if as_json:
        report = {"url": server.url, "ok": failure is None, "holds": held, "failure": failure}
        print_json(report)
    elif failure is not None:
        click.echo(f"FAILED  {failure}")
    return 0 if failure is None else 1


class _Trial:
    """A run on a server, in steps that each need the ones before."""

    def __init__(self, server: ServerAddress, folder: Path) -> None:
        self._server = server
        self._folder = folder
        self._run_id = new_run_id()
        self._api = weft.Api(server.url, api_key=server.key)

    def steps(self) -> dict[str, Callable[[], None]]:
        return {
            "the server answers and accepts you": self._answers,
            "a run is recorded and sent": self._sends,
            "its rows come back as they were logged": self._has_rows,
            "its file comes back byte for byte": self._has_file,
            "the run is deleted": self._deletes,
        }

    def _answers(self) -> None:
        client = connect(self._server)
        try:
            client.call(get_server)
        finally:
            client.close()

    def _sends(self) -> None:
        settings = weft.Settings(
            base_url=self._server.url, api_key=self._server.key, mode="online", silent=True
        )
        with weft.init(
            project=PROJECT, id=self._run_id, dir=str(self._folder), settings=settings
        ) as run:
            for row in _ROWS:
                run.log(row)
            Path(run.dir, _FILE).write_bytes(_CONTENT)
        state = self._run().state
        if state != "finished":
            raise CommError(f"its state is {state}, not finished")

    def _has_rows(self) -> None:
        keys = list(_ROWS[0])
        rows = [{key: row[key] for key in keys} for row in self._run().scan_history(keys)]
        if rows != _ROWS:
            raise CommError(f"{rows} came back, not {_ROWS}")

    def _has_file(self) -> None:
        if self._run().file(_FILE).read() != _CONTENT:
            raise CommError("another content came back")

    def _deletes(self) -> None:
        self._run().delete(permanently=True)

    def _run(self) -> Any:
        return self._api.run(f"{PROJECT}/{self._run_id}")
