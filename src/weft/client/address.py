"""Base addresses, `http://host:port/prefix`, and the proxy to reach one through. No I/O."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Final

import msgspec

from weft.errors import ConfigError

# The host is a bracketed IPv6 address or text without the characters that end a host. Not compiled
# here: every `init` would wait for it, also one without a server.
_ADDRESS: Final = (
    r"(?P<scheme>(?i:https?))://(?P<host>\[[0-9A-Fa-f:.]+\]|[^/:@?#\[\]\s]+)(?::(?P<port>\d{1,5}))?"
    r"(?P<prefix>/[^?#\s]*)?"
)
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}


class Address(msgspec.Struct, frozen=True):
    """The address of a server.

    `prefix` is the path before `/api/v1`, without a trailing slash; often ''.
    """

    scheme: str
    host: str
    port: int
    prefix: str = ""

    @property
    def is_default_port(self) -> bool:
        return self.port == _DEFAULT_PORTS[self.scheme]

    @property
    def url(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.is_default_port else f":{self.port}"
        return f"{self.scheme}://{host}{port}{self.prefix}"

    @property
    def is_loopback(self) -> bool:
        return self.host in {"localhost", "::1"} or self.host.startswith("127.")


def parse_address(url: str) -> Address:
    """Parse a base address.

    ConfigError if scheme or host are missing, or the port is out of range.

    >>> parse_address("https://weft.example.org/lab/")
    Address(scheme='https', host='weft.example.org', port=443, prefix='/lab')
    >>> parse_address("http://[::1]:8080").url
    'http://[::1]:8080'
    """
    match = re.fullmatch(_ADDRESS, url.strip())
    if match is None:
        raise ConfigError(
            f"not a server address: {url!r}; write it as http://host:port or https://host"
        )
    scheme = match["scheme"].lower()
    port = int(match["port"]) if match["port"] else _DEFAULT_PORTS[scheme]
    if not 0 < port < 65536:
        raise ConfigError(f"port of a server address must be 1 to 65535: {url!r}")
    host = match["host"].strip("[]").lower()
    return Address(scheme, host, port, (match["prefix"] or "").rstrip("/"))


class Proxy(msgspec.Struct, frozen=True):
    """A proxy, and the variable that names it."""

    address: Address
    variable: str


def proxy_for(address: Address, environment: Mapping[str, str] = os.environ) -> Proxy | None:
    """Return the proxy that the environment names for `address`, or None to connect directly.

    Reads `http_proxy`, `https_proxy`, `all_proxy`, and `no_proxy` (comma-separated host endings or
    `*`) as curl does: in either case, but `http_proxy` only in lower case. A loopback address is
    never reached through a proxy.

    >>> proxy_for(parse_address("http://a.b"), {"http_proxy": "http://p:3128", "no_proxy": "c"})
    Proxy(address=Address(scheme='http', host='p', port=3128, prefix=''), variable='http_proxy')
    >>> proxy_for(parse_address("http://a.b"), {"http_proxy": "http://p:3128", "no_proxy": ".b"})
    """
    if address.is_loopback:
        return None

    def variable_of(name: str) -> str:
        # Like curl, ignore upper-case HTTP_PROXY: a CGI request's header can set it.
        names = [name] if name == "http_proxy" else [name, name.upper()]
        return next((name for name in names if environment.get(name)), "")

    variable = variable_of(f"{address.scheme}_proxy") or variable_of("all_proxy")
    if not variable:
        return None
    proxy = environment[variable]
    excluded = environment.get(variable_of("no_proxy"), "")
    for ending in excluded.replace(" ", "").split(","):
        bare = ending.lower().lstrip(".")
        if ending == "*" or (bare and (address.host == bare or address.host.endswith(f".{bare}"))):
            return None
    return Proxy(parse_address(proxy if "://" in proxy else f"http://{proxy}"), variable)
