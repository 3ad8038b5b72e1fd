"""`weft.Api`: reads runs back from a server. The reading side of the SDK; does network I/O.

Receives paths such as `local/mnist/ab12cd34`, asks `weft.client`, hands back plain values. Numbers
come as they were logged: ints as ints, NaN as NaN.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from weft.client.endpoints import Client
from weft.errors import ConfigError, Unavailable
from weft.records.ids import DEFAULT_ENTITY
from weft.sdk.reading.stored_run import StoredRun
from weft.sdk.setup.known_server import known_server
from weft.sdk.setup.precedence import read_settings
from weft.sync.where import choose_server

PAGE_RUNS: Final = 200


class Api:
    """A server's runs, as Python values.

    The server is found as a run finds it: `weft.setup()`, `WEFT_BASE_URL`, `WANDB_BASE_URL`, a
    settings file, the local server of this user.

        api = weft.Api()
        run = api.run("local/mnist/ab12cd34")
        for row in run.scan_history(keys=["loss"]):
            print(row["_step"], row["loss"])
    """

    def __init__(self, base_url: str | None = None, *, api_key: str | None = None) -> None:
        """Choose the server; nothing is asked yet.

        Args:
            base_url: such as `http://127.0.0.1:8080`; None = find it.
            api_key: sent as a bearer token; None = the one that goes with the server found.

        Raises:
            ConfigError: `base_url` is no address.
            Unavailable: no server is known.
        """
        settings = read_settings({})
        if base_url is None:
            found = known_server(settings.replace(api_key=api_key) if api_key else settings)
        else:
            # The environment's key belongs to the environment's server.
            found = choose_server(base_url, api_key, policy=settings.policy)
        if found is None:
            raise Unavailable(
                "no server is known: start one with `weft server`, or set WEFT_BASE_URL"
            )
        self._client = Client(found.url, found.key, found.policy)

    @property
    def url(self) -> str:
        """The server's address."""
        return self._client.url

    def run(self, path: str) -> StoredRun:
        """One run.

        Args:
            path: `entity/project/id`, `project/id`, or `id` alone, where entity and project come
                from the settings.

        Raises:
            NotFound: there is no such run.
            Unavailable: the server can't be reached.
        """
        entity, project, run_id = _parts_of(path)
        return StoredRun(self._client, self._client.run(entity, project, run_id))

    def runs(self, path: str | None = None, *, search: str = "") -> Iterator[StoredRun]:
        """The runs of a project, newest first; they are asked for page by page.

        Args:
            path: `entity/project` or `project`; None = as the settings say.
            search: only runs that have it in their id, name, notes, tags or group.

        Raises:
            NotFound: there is no such project.
            Unavailable: the server can't be reached.
        """
        entity, project = _project_of(path)
        filters = {"search": search} if search else {}
        for fields in self._client.runs(entity, project, limit=PAGE_RUNS, **filters):
            yield StoredRun(self._client, fields)

    def close(self) -> None:
        """Close the connection; a later call makes a new one."""
        self._client.close()

    def __repr__(self) -> str:
        return f"<weft.Api {self.url}>"


def _parts_of(path: str) -> tuple[str, str, str]:
    parts = [part for part in path.strip("/").split("/") if part != "runs"]
    if not 1 <= len(parts) <= 3 or not all(parts):
        raise ConfigError(f"a run's path is entity/project/id, not {path!r}")
    entity, project, run_id = [*_defaults()[: 3 - len(parts)], *parts]
    return entity, project, run_id


def _project_of(path: str | None) -> tuple[str, str]:
    parts = [] if path is None else path.strip("/").split("/")
    if len(parts) > 2 or not all(parts):
        raise ConfigError(f"a project's path is entity/project, not {path!r}")
    entity, project = [*_defaults()[: 2 - len(parts)], *parts]
    return entity, project


def _defaults() -> list[str]:
    settings = read_settings({})
    return [settings.entity or DEFAULT_ENTITY, settings.project]
