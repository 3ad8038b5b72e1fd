"""The source of an agent's runs: a sweep on a server, or one in the local directory."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, Protocol

from weft.client.api_client import ApiClient
from weft.client.shared import AlwaysAt, Server, SharedTransport
from weft.errors import NotFound, Unavailable
from weft.records.ids import DEFAULT_ENTITY, DEFAULT_PROJECT, check_name
from weft.runlog.layout import weft_directory
from weft.sdk.guard import guard_for
from weft.sdk.reading.paths import sweep_parts
from weft.sdk.setup.known_server import known_server
from weft.sdk.setup.settings import Settings
from weft.sync.addresses.server_address import ServerAddress
from weft.wire.sweeps import AgentBeat, AgentOrders, beat_agent, get_sweep


class SweepName(NamedTuple):
    """A sweep's name in full. `entity` is None for the server's default."""

    entity: str | None
    project: str | None
    sweep: str


created: Final[dict[str, SweepName]] = {}
"""The sweeps that this process has created, by id: `weft.agent(id)` finds them by it alone."""


class Handing(Protocol):
    """Hands out the runs of one sweep."""

    @property
    def shown(self) -> str:
        """The sweep, for people: its page, or its directory."""
        ...

    @property
    def config(self) -> dict[str, Any]:
        """The sweep's configuration, as it was given."""
        ...

    @property
    def settings(self) -> dict[str, Any]:
        """Settings of the runs: where they belong."""
        ...

    def send_beat(self, agent: str, beat: AgentBeat) -> AgentOrders:
        """Report what an agent does, and learn what to do next.

        NotFound if the sweep was deleted.
        """
        ...


def parse_sweep(
    sweep_id: str, entity: str | None, project: str | None, settings: Settings
) -> SweepName:
    """Read the name of a sweep: `id`, `project/id` or `entity/project/id`."""
    parts = sweep_parts(sweep_id)
    own_project = "project" in settings.given or project is not None
    if parts[-1] in created and len(parts) == 1:
        parts = [part for part in created[parts[0]] if part is not None]
    names = [None] * (3 - len(parts)) + list(parts)
    found_entity = names[0] or entity or settings.entity
    found_project = names[1] or project or (settings.project if own_project else None)
    return SweepName(
        None if found_entity is None else check_name("entity", found_entity),
        None if found_project is None else check_name("project", found_project),
        check_name("sweep", str(names[2])),
    )


def find_sweep(name: SweepName, settings: Settings) -> Handing:
    """The sweep in the local directory if it is there, else on the server.

    Unavailable if no server is known or can be reached.
    """
    from weft.sdk.sweeps.local import LocalSweep

    folder = weft_directory(settings.dir) / "sweeps" / name.sweep
    if (folder / "sweep.json").is_file():
        return LocalSweep(folder)
    address = known_server(settings) if settings.mode == "online" else None
    if address is None:
        where = f"not in {folder.parent}"
        raise Unavailable(
            f"no sweep {name.sweep}: it is {where}, and no server is known; start one with "
            "`weft server`, or go to the folder in which the sweep was created"
        )
    return ServerSweep.find_sweep(address, name, settings)


def client_of(address: ServerAddress, settings: Settings) -> ApiClient:
    """A client of the server that runs with these settings go to."""
    server = Server(address.url, address.key, settings.policy)
    return ApiClient(SharedTransport(AlwaysAt(server)))


@dataclass(slots=True)
class ServerSweep:
    """A sweep on a server."""

    _client: ApiClient
    entity: str
    project: str
    sweep: str
    config: dict[str, Any]

    @classmethod
    def find_sweep(
        cls, address: ServerAddress, name: SweepName, settings: Settings
    ) -> ServerSweep:
        """Find a sweep on a server.

        Unavailable if that could not be reached for as long as `init` would wait.
        """
        client = client_of(address, settings)
        entity = name.entity or DEFAULT_ENTITY
        project = name.project or DEFAULT_PROJECT
        until = time.monotonic() + settings.init_timeout_secs
        is_told = False
        while True:
            try:
                sweep = client.call(get_sweep, entity, project, name.sweep)
                break
            except NotFound as error:
                raise NotFound(
                    f"{error}; name it in full as entity/project/{name.sweep}"
                    if name.project is None
                    else str(error)
                ) from None
            except Unavailable as error:
                # The server may be restarting, as agents outlive it.
                if time.monotonic() > until:
                    raise
                if not is_told:
                    secs = f"{settings.init_timeout_secs:g}"
                    guard_for(settings).say(f"{error}; the agent tries for {secs} s")
                    is_told = True
                time.sleep(1)
        return cls(client, sweep.entity, sweep.project, sweep.id, sweep.config)

    @property
    def shown(self) -> str:
        return f"{self._client.url}/{self.entity}/{self.project}/sweeps/{self.sweep}"

    @property
    def settings(self) -> dict[str, Any]:
        return {"sweep_id": self.sweep, "entity": self.entity, "project": self.project}

    def send_beat(self, agent: str, beat: AgentBeat) -> AgentOrders:
        return self._client.call(beat_agent, self.entity, self.project, self.sweep, agent, beat)
