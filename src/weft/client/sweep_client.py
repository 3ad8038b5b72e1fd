"""The requests about sweeps, one method per route, with typed answers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final, TypeVar
from urllib.parse import quote

import msgspec

from weft.client.endpoints import project_path, quoted
from weft.client.shared import SharedTransport
from weft.client.transport import MSGPACK_MEDIA_TYPE
from weft.wire.sweeps import (
    AgentBeat,
    AgentOrders,
    Sweep,
    SweepAgent,
    SweepAgentList,
    SweepList,
    SweepRun,
    SweepRunList,
)

_TYPED: Final = {"Accept": f"{MSGPACK_MEDIA_TYPE}, application/json"}
_T = TypeVar("_T")


class SweepClient:
    """The HTTP API of sweeps as methods, for any number of threads."""

    def __init__(self, transport: SharedTransport) -> None:
        self._transport = transport

    def create(
        self,
        entity: str,
        project: str,
        config: str,
        *,
        sweep: str | None = None,
        prior_runs: Sequence[str] = (),
    ) -> Sweep:
        """Create a sweep.

        Args:
            config: the configuration, as YAML or JSON.
            sweep: its id. Defaults to one that the server makes.

        Raises:
            ConfigError: the configuration is invalid.
            Conflict: there is a sweep with this id.
        """
        new = {"config": config, "id": sweep, "prior_runs": list(prior_runs)}
        return self._send("POST", f"{project_path(entity, project)}/sweeps", new, Sweep)

    def list(self, entity: str, project: str) -> Iterator[Sweep]:
        """Yield the sweeps of a project, newest first."""
        for page in self._pages(f"{project_path(entity, project)}/sweeps", SweepList):
            yield from page.sweeps

    def get(self, entity: str, project: str, sweep: str) -> Sweep:
        """Return a sweep.

        Raises:
            NotFound: no such sweep.
        """
        return self._get(_path(entity, project, sweep), Sweep)

    def edit(self, entity: str, project: str, sweep: str, **edit: Any) -> Sweep:
        """Change a sweep: members of `wire.sweeps.SweepEdit`."""
        return self._send("PATCH", _path(entity, project, sweep), edit, Sweep)

    def delete(self, entity: str, project: str, sweep: str) -> None:
        """Delete a sweep; its runs stay."""
        self._transport.request("DELETE", _path(entity, project, sweep))

    def runs(self, entity: str, project: str, sweep: str) -> Iterator[SweepRun]:
        """Yield the runs of a sweep, by number."""
        for page in self._pages(f"{_path(entity, project, sweep)}/runs", SweepRunList):
            yield from page.runs

    def agents(self, entity: str, project: str, sweep: str) -> Sequence[SweepAgent]:
        """Return the agents of a sweep."""
        return self._get(f"{_path(entity, project, sweep)}/agents", SweepAgentList).agents

    def beat(
        self, entity: str, project: str, sweep: str, agent: str, beat: AgentBeat
    ) -> AgentOrders:
        """Report an agent's state, and return its orders.

        Raises:
            NotFound: no such sweep.
        """
        path = f"{_path(entity, project, sweep)}/agents/{quoted(agent)}"
        return self._send("POST", path, msgspec.to_builtins(beat), AgentOrders)

    def _get(self, path: str, answer: type[_T]) -> _T:
        return self._transport.decode(self._transport.request("GET", path, headers=_TYPED), answer)

    def _send(self, method: str, path: str, body: dict[str, Any], answer: type[_T]) -> _T:
        reply = self._transport.request(
            method,
            path,
            body=msgspec.json.encode(body),
            headers={**_TYPED, "Content-Type": "application/json"},
        )
        return self._transport.decode(reply, answer)

    def _pages(self, path: str, answer: type[_T]) -> Iterator[_T]:
        cursor: str | None = ""
        while cursor is not None:
            behind = f"?cursor={quote(cursor, safe='')}" if cursor else ""
            page: Any = self._get(path + behind, answer)
            yield page
            cursor = page.cursor


def _path(entity: str, project: str, sweep: str) -> str:
    return f"{project_path(entity, project)}/sweeps/{quoted(sweep)}"
