"""`weft.Api`: reads runs back from a server. The reading side of the SDK; does network I/O.

Receives paths such as `local/mnist/ab12cd34`, asks `weft.client`, hands back plain values. Numbers
come as they were logged: ints as ints, NaN as NaN.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from weft.client.endpoints import Client
from weft.errors import ConfigError, Unavailable
from weft.records.ids import DEFAULT_ENTITY
from weft.records.value import with_ints
from weft.sdk.precedence import read_settings
from weft.sync.where import find_server, read_policy

PAGE_ROWS = 10_000


class Api:
    """A server's runs, as Python values.

    The server is found as a run finds it: `WEFT_BASE_URL`, `WANDB_BASE_URL`, the local server of
    this user.

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
        found = find_server() if base_url is None else None
        if base_url is None and found is None:
            raise Unavailable(
                "no server is known: start one with `weft server`, or set WEFT_BASE_URL"
            )
        if found is not None:
            base_url, api_key = found.url, api_key or found.key
        assert base_url is not None
        self._client = Client(base_url, api_key, read_policy())

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

    def close(self) -> None:
        """Close the connection; a later call makes a new one."""
        self._client.close()

    def __repr__(self) -> str:
        return f"<weft.Api {self.url}>"


class StoredRun:
    """A run as the server has it.

    What `refresh` does not ask for again is as it was when the run was looked up.
    """

    def __init__(self, client: Client, fields: dict[str, Any]) -> None:
        self._client = client
        self._fields: dict[str, Any] = with_ints(fields)

    @property
    def id(self) -> str:
        return self._fields["id"]

    @property
    def name(self) -> str:
        return self._fields["name"]

    @property
    def entity(self) -> str:
        return self._fields["entity"]

    @property
    def project(self) -> str:
        return self._fields["project"]

    @property
    def path(self) -> str:
        """`entity/project/id`."""
        return f"{self.entity}/{self.project}/{self.id}"

    @property
    def state(self) -> str:
        """`pending`, `running`, `finished`, `failed`, `crashed`, `killed` or `preempted`."""
        return self._fields["state"]

    @property
    def exit_code(self) -> int | None:
        return self._fields["exit_code"]

    @property
    def config(self) -> dict[str, Any]:
        """The run's inputs, nested."""
        return self._fields["config"]

    @property
    def summary(self) -> dict[str, Any]:
        """One value per metric."""
        return self._fields["summary"]

    @property
    def url(self) -> str:
        """The run's page."""
        return f"{self._client.url}/{self.entity}/{self.project}/runs/{self.id}"

    def refresh(self) -> None:
        """Ask the server again how the run is."""
        self._fields = with_ints(self._client.run(self.entity, self.project, self.id))

    def scan_history(
        self, keys: Sequence[str] | None = None, *, page_size: int = PAGE_ROWS
    ) -> Iterator[dict[str, Any]]:
        """All rows, in order: `_step`, `_runtime`, `_timestamp` and what was logged.

        Args:
            keys: only rows that have one of these, and only these columns; None = all.
            page_size: rows asked for at once.

        Raises:
            Unavailable: the server can't be reached.
        """
        if isinstance(keys, str):
            raise ConfigError(f"keys must be a list of names, not the text {keys!r}: [{keys!r}]")
        names = None if keys is None else list(keys)
        rows = self._client.history(self.entity, self.project, self.id, names, page_size)
        return map(with_ints, rows)

    def __repr__(self) -> str:
        return f"<weft.StoredRun {self.path} {self.state}>"


def _parts_of(path: str) -> tuple[str, str, str]:
    parts = [part for part in path.strip("/").split("/") if part != "runs"]
    if not 1 <= len(parts) <= 3 or not all(parts):
        raise ConfigError(f"a run's path is entity/project/id, not {path!r}")
    settings = read_settings({})
    defaults = [settings.entity or DEFAULT_ENTITY, settings.project]
    entity, project, run_id = [*defaults[: 3 - len(parts)], *parts]
    return entity, project, run_id
