"""Registries as `weft.Api` reads and makes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import UNSET

from weft.client.api_client import ApiClient
from weft.sdk.reading.stored.registries import Registry, visibility_of
from weft.wire.artifacts.registries import (
    RegistryEdit,
    get_registry,
    list_registries,
    put_registry,
)


class ApiRegistries:
    """Registries. A base of `Api`."""

    _client: ApiClient

    def registries(
        self,
        organization: str | None = None,  # noqa: ARG002  W&B's argument
        filter: Mapping[str, Any] | None = None,  # noqa: A002  W&B's name
        order: str | None = None,  # noqa: ARG002  W&B's argument
        per_page: int = 100,  # noqa: ARG002  W&B's argument
        start: str | None = None,  # noqa: ARG002  W&B's argument
    ) -> list[Registry]:
        """Return all registries, by name.

        Args:
            filter: `{"name": …}`: only the one of this name.
        """
        name = (filter or {}).get("name")
        registries = self._client.call(list_registries).registries
        return [
            Registry(self._client, registry)
            for registry in registries
            if name in {None, registry.name}
        ]

    def registry(
        self,
        name: str,
        organization: str | None = None,  # noqa: ARG002  W&B's argument
    ) -> Registry:
        """Return a registry by its name.

        Raises:
            NotFound: no such registry.
        """
        return Registry(self._client, self._client.call(get_registry, name))

    def create_registry(
        self,
        name: str,
        visibility: str | None = None,
        organization: str | None = None,  # noqa: ARG002  W&B's argument
        description: str | None = None,
        artifact_types: Sequence[str] | None = None,  # noqa: ARG002  W&B's argument
    ) -> Registry:
        """Create a registry, of which you are then an admin. One that exists is changed.

        Args:
            visibility: `organization`, for all users of the server (the default), or `restricted`,
                for its members and teams.
            description: a text for readers, in Markdown.

        Raises:
            ConfigError: the name is invalid.
            Conflict: it exists, and you can't see it.
            Forbidden: it exists, and you are no admin of it.
        """
        edit = RegistryEdit(
            description=UNSET if description is None else description,
            visibility=UNSET if visibility is None else visibility_of(visibility),
        )
        return Registry(self._client, self._client.call(put_registry, name, edit))
