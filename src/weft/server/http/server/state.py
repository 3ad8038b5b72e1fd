"""The server's state that routes use: its version, settings, credentials and readiness."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request

from weft.server.http.admission.credentials import Credentials
from weft.server.http.sign_in.cookies import Cookies
from weft.server.settings import ServerSettings


@dataclass(slots=True)
class ServerState:
    """The state of the whole server.

    Its id changes with each start; it is not ready while starting or shutting down. `tls_url` is
    its address by TLS, for answers to programs of this machine that come without.
    """

    version: str
    server_id: str
    settings: ServerSettings
    credentials: Credentials
    tls_url: str | None = None
    is_ready: bool = False

    @property
    def cookies(self) -> Cookies:
        """The cookies of signing in."""
        settings = self.settings
        return Cookies(self.credentials, is_https=settings.is_https, port=settings.cookie_port)

    def url_of(self, request: Request) -> str:
        """The server's address for people, from the settings or else from a request."""
        if self.settings.public_url is not None:
            return self.settings.public_url
        if self.tls_url is not None and request.url.scheme == "http":
            return self.tls_url
        return str(request.base_url).rstrip("/")
