"""The providers of a server, and their flows, in threads of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from typing import Any, Final

from weft.errors import Forbidden, NotFound
from weft.server.services.access.actors import Actor
from weft.server.services.access.permissions import SERVER, Action, require
from weft.server.services.stores.stores import Stores
from weft.server.services.users.bounded_threads import BoundedThreads
from weft.server.services.users.oidc.person import Person
from weft.server.services.users.oidc.provider import BEGUN_SECS, Begun, Provider
from weft.server.services.users.one_time import hash_code
from weft.server.settings import OidcProvider

_FINISHED: Final = "this sign-in was finished before; start again from the sign-in page"


class OidcService:
    """The providers by name. Thread-safe.

    A provider that hangs delays other sign-ins by providers, and nothing else.
    """

    def __init__(self, stores: Stores, settings: Sequence[OidcProvider]) -> None:
        self._stores = stores
        self._providers = {provider.name: Provider(provider) for provider in settings}
        self._threads = BoundedThreads(
            "providers",
            n_threads=4,
            max_calls=64,
            busy="too many people are signing in at this moment",
        )

    def titles(self, actor: Actor) -> list[tuple[str, str]]:
        """Name and title of each provider, as in the settings."""
        require(actor, Action.READ, SERVER)
        return [(name, provider.title) for name, provider in self._providers.items()]

    def title_of(self, actor: Actor, issuer: str) -> str:
        """The title of the provider with an issuer; the issuer if it is no longer in use."""
        require(actor, Action.READ, SERVER)
        for provider in self._providers.values():
            if provider.settings.issuer.rstrip("/") == issuer.rstrip("/"):
                return provider.title
        return issuer

    def settings(self, actor: Actor, name: str) -> OidcProvider:
        require(actor, Action.READ, SERVER)
        return self._provider(name).settings

    def begin(
        self,
        actor: Actor,
        name: str,
        redirect_uri: str,
        *,
        path: str,
        link_user: str | None = None,
        invitation: str | None = None,
    ) -> Future[tuple[str, Begun]]:
        """See `Provider.begin`."""
        require(actor, Action.READ, SERVER)
        return self._threads.submit(
            self._provider(name).begin,
            redirect_uri,
            path=path,
            link_user=link_user,
            invitation=invitation,
        )

    def finish(
        self, actor: Actor, begun: Begun, redirect_uri: str, query: Mapping[str, str]
    ) -> Future[Person]:
        """See `Provider.finish`. A sign-in finishes once."""
        require(actor, Action.READ, SERVER)
        return self._threads.submit(self._finish, begun, redirect_uri, query)

    def _finish(self, begun: Begun, redirect_uri: str, query: Mapping[str, str]) -> Person:
        provider, sign_in = self._provider(begun.provider), self._stores.metadata.sign_in
        state_hash = hash_code(begun.state)
        with self._stores.metadata.read() as tx:
            if sign_in.is_state_used(tx, state_hash):
                raise Forbidden(_FINISHED)
        person = provider.finish(begun, redirect_uri, query)
        # Noted once the provider has confirmed it: nothing else makes anyone's request a write.
        expires_micros = int((begun.expires_secs + BEGUN_SECS) * 1_000_000)
        with self._stores.metadata.write() as tx:
            if not sign_in.use_state(tx, state_hash, expires_micros, self._stores.now()):
                raise Forbidden(_FINISHED)
        return person

    def lacks_groups(self, actor: Actor, name: str) -> bool:
        """Whether the last person of a provider came without the claim of groups."""
        require(actor, Action.ADMIN, SERVER)
        return self._provider(name).lacks_groups

    def check(self, actor: Actor, name: str) -> Future[dict[str, Any]]:
        """See `Provider.check`."""
        require(actor, Action.ADMIN, SERVER)
        return self._threads.submit(self._provider(name).check)

    def close(self) -> None:
        """End the threads."""
        self._threads.close()

    def _provider(self, name: str) -> Provider:
        provider = self._providers.get(name)
        if provider is None:
            raise NotFound(f"this server has no provider {name!r}; sign in another way")
        return provider
