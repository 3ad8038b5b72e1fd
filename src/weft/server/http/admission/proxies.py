"""The client of a request that came through a proxy: its address, scheme and host.

`http.context` calls `resolve` before all else. From then on the scope is as if the client had
connected itself, so that cookies, the Origin check, the addresses in answers, limits and the log
need no rule of their own. The headers of any other peer are ignored.

Source: RFC 7239 for `Forwarded`; X-Forwarded-For, -Proto and -Host as proxies write them.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection, Sequence
from ipaddress import IPv4Address, IPv6Address
from typing import Final, NamedTuple

from starlette.types import Scope

from weft.errors import ConfigError
from weft.server.settings.kinds import Network

FORWARDED_HEADERS: Final = frozenset(
    {
        b"forwarded",
        b"via",
        b"x-forwarded-for",
        b"x-forwarded-host",
        b"x-forwarded-proto",
        b"x-real-ip",
    }
)
"""Headers that show that a proxy made the connection."""

_SCHEMES: Final = frozenset({"http", "https"})
_HOST: Final = re.compile(r"[A-Za-z0-9.-]{1,253}(:\d{1,5})?|\[[0-9A-Fa-f:.]{2,45}\](:\d{1,5})?")
_PAIR: Final = re.compile(r'\s*([A-Za-z]+)=("(?:[^"\\]|\\.)*"|[^";,\s]*)\s*')
_ELEMENT: Final = re.compile(r'((?:[^",]|"(?:[^"\\]|\\.)*")*)(?:,|$)')

_MAX_HOPS: Final = 32

_MAX_ADDRESSES: Final = 4096
"""Remembered answers of `trusts`; the addresses of clients may be any."""


class _Hop(NamedTuple):
    """One proxy's account of who connected to it; None where it gives none."""

    address: str | None = None
    scheme: str | None = None
    host: str | None = None


class TrustedProxies:
    """The proxies whose headers are believed.

    >>> proxies = TrustedProxies([ipaddress.ip_network("10.0.0.0/8")])
    >>> proxies.trusts("10.1.2.3"), proxies.trusts("::ffff:10.0.0.1"), proxies.trusts("192.0.2.1")
    (True, True, False)
    """

    def __init__(self, networks: Sequence[Network]) -> None:
        self._networks = tuple(networks)
        self._trusted: dict[str, bool] = {}

    def trusts(self, address: str) -> bool:
        """Whether an address is a proxy's."""
        if not self._networks:
            return False
        trusted = self._trusted.get(address)
        if trusted is None:
            if len(self._trusted) >= _MAX_ADDRESSES:
                self._trusted.clear()
            trusted = self._trusted[address] = self._is_in_networks(address)
        return trusted

    def _is_in_networks(self, address: str) -> bool:
        try:
            ip = _plain(ipaddress.ip_address(address.partition("%")[0]))
        except ValueError:
            return False
        return any(ip in network for network in self._networks)

    def resolve(self, scope: Scope) -> None:
        """Replace client, scheme and Host of a request by what a trusted proxy says of them.

        ConfigError if its two kinds of headers contradict each other: a proxy that sets one kind
        may pass the client's own headers of the other kind.
        """
        client = scope.get("client")
        if client is None or not self.trusts(client[0]):
            return
        by_name = _joined(scope["headers"])
        common = self._client_of(_x_forwarded_hops(by_name))
        standard = self._client_of(_forwarded_hops(by_name.get(b"forwarded", "")))
        if common.address and standard.address and _differ(common, standard):
            raise ConfigError(
                "Forwarded and X-Forwarded-* differ: let the proxy remove the kind of header that "
                "it does not set",
                field="Forwarded",
            )
        hop = common if common.address else standard
        if hop.address is not None and hop.address != client[0]:
            scope["client"] = (hop.address, 0)
        scheme = common.scheme or standard.scheme
        if scheme is not None:
            scope["scheme"] = scheme
        host = common.host or standard.host
        if host is not None:
            others = [(name, value) for name, value in scope["headers"] if name != b"host"]
            scope["headers"] = [(b"host", host.encode()), *others]

    def _client_of(self, hops: Sequence[_Hop]) -> _Hop:
        """The hop of the first address from the right that is not a proxy's.

        Whatever a client has put before it is ignored, and so is all before an unknown address.
        """
        address, last = None, _Hop()
        for hop in reversed(hops):
            last = _Hop(None, hop.scheme or last.scheme, hop.host or last.host)
            if hop.address is None:
                break
            address = hop.address
            if not self.trusts(address):
                break
        return last._replace(address=address if hops else None)


def client_address(scope: Scope) -> str:
    """The network address of a request's client; empty if it has none, as on a Unix socket."""
    client = scope.get("client")
    return "" if client is None else client[0]


def came_through_proxy(headers: Collection[bytes]) -> bool:
    """Whether the names of a request's headers show that a proxy has passed it on.

    >>> came_through_proxy({b"host": b"a", b"x-forwarded-for": b"192.0.2.1"})
    True
    """
    return not FORWARDED_HEADERS.isdisjoint(headers)


def _joined(headers: Sequence[tuple[bytes, bytes]]) -> dict[bytes, str]:
    """The values of forwarded headers. Several lines of one name are one list."""
    values: dict[bytes, str] = {}
    for name, value in headers:
        if name in FORWARDED_HEADERS:
            text = value.decode("latin-1")
            values[name] = f"{values[name]},{text}" if name in values else text
    return values


def _x_forwarded_hops(headers: dict[bytes, str]) -> list[_Hop]:
    # A proxy replaces scheme and host, so that one value of each is usual. Of several, the last
    # is the nearest proxy's own.
    scheme = _scheme(headers.get(b"x-forwarded-proto", "").rpartition(",")[2])
    host = _host(headers.get(b"x-forwarded-host", "").rpartition(",")[2])
    addresses = headers.get(b"x-forwarded-for", "").split(",")[-_MAX_HOPS:]
    hops = [_Hop(_address(address), scheme, host) for address in addresses]
    return hops if scheme or host or any(hop.address for hop in hops) else []


def _forwarded_hops(header: str) -> list[_Hop]:
    hops: list[_Hop] = []
    for element in _ELEMENT.finditer(header):
        if element[1].strip():
            pairs = {name.lower(): value.strip('"') for name, value in _PAIR.findall(element[1])}
            hops.append(
                _Hop(
                    _address(pairs.get("for", "")),
                    _scheme(pairs.get("proto", "")),
                    _host(pairs.get("host", "")),
                )
            )
    return hops


def _address(text: str) -> str | None:
    """A numeric address without its port; None for `unknown` and hidden names.

    >>> _address("192.0.2.1:443"), _address("[2001:db8::1]:1"), _address("2001:DB8::1")
    ('192.0.2.1', '2001:db8::1', '2001:db8::1')
    >>> _address("unknown") is None
    True
    """
    text = text.strip().strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        return str(_plain(ipaddress.ip_address(text)))
    except ValueError:
        return None


def _plain(ip: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """An address of IPv4 also where IPv6 carries it."""
    return (ip.ipv4_mapped or ip) if isinstance(ip, IPv6Address) else ip


def _scheme(text: str) -> str | None:
    scheme = text.strip().lower()
    return scheme if scheme in _SCHEMES else None


def _host(text: str) -> str | None:
    host = text.strip()
    return host if _HOST.fullmatch(host) else None


def _differ(common: _Hop, standard: _Hop) -> bool:
    schemes = {common.scheme, standard.scheme} - {None}
    return common.address != standard.address or len(schemes) > 1
