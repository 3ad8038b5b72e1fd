"""The requests about registries, one method per route, with typed answers.

Their collections and versions are artifacts of the project `registry/NAME`: see `ArtifactClient`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from weft.client.endpoints import API_PATH, quoted
from weft.client.shared import SharedTransport
from weft.client.transport import MSGPACK_MEDIA_TYPE
from weft.wire.artifacts.registries import Registry, RegistryList

_TYPED: Final = {"Accept": f"{MSGPACK_MEDIA_TYPE}, application/json"}


class RegistryClient:
    """The HTTP API of registries as methods, for any number of threads."""

    def __init__(self, transport: SharedTransport) -> None:
        self._transport = transport

    def list(self) -> list[Registry]:
        """Return all registries, by name."""
        reply = self._transport.request("GET", f"{API_PATH}/registries", headers=_TYPED)
        return self._transport.decode(reply, RegistryList).registries

    def get(self, name: str) -> Registry:
        """Return a registry.

        Raises:
            NotFound: no such registry.
        """
        reply = self._transport.request("GET", _path(name), headers=_TYPED)
        return self._transport.decode(reply, Registry)

    def put(self, name: str, edit: Mapping[str, Any]) -> Registry:
        """Create a registry if it does not exist, and change it; see `edit`."""
        return self._send("PUT", name, edit)

    def edit(self, name: str, edit: Mapping[str, Any]) -> Registry:
        """Change a registry.

        Args:
            edit: members of `wire.artifacts.registries.RegistryEdit`.

        Raises:
            NotFound: no such registry, or a member is no user.
            Forbidden: only its admins may.
        """
        return self._send("PATCH", name, edit)

    def delete(self, name: str) -> None:
        """Delete a registry.

        Raises:
            Conflict: it has collections.
        """
        self._transport.request("DELETE", _path(name))

    def _send(self, method: str, name: str, edit: Mapping[str, Any]) -> Registry:
        reply = self._transport.request(
            method,
            _path(name),
            body=msgspec.json.encode(edit),
            headers={**_TYPED, "Content-Type": "application/json"},
        )
        return self._transport.decode(reply, Registry)


def _path(name: str) -> str:
    return f"{API_PATH}/registries/{quoted(name)}"
