"""Forwarded headers: believed from trusted proxies alone, and from no one else in the chain."""

from __future__ import annotations

import ipaddress
from typing import Any

import pytest

from weft.errors import ConfigError
from weft.server.http.admission.proxies import TrustedProxies

_PROXIES = TrustedProxies([ipaddress.ip_network("10.0.0.0/8"), ipaddress.ip_network("fd00::/8")])


def _resolve(client: str, *headers: tuple[str, str]) -> tuple[str, str, str]:
    scope: dict[str, Any] = {
        "client": (client, 5), "scheme": "http",
        "headers": [(name.lower().encode(), text.encode()) for name, text in headers],
    }  # fmt: skip
    _PROXIES.resolve(scope)
    hosts = [value.decode() for name, value in scope["headers"] if name == b"host"]
    return scope["client"][0], scope["scheme"], ",".join(hosts)


@pytest.mark.parametrize(
    ("forwarded_for", "client"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("6.6.6.6, 192.0.2.1", "192.0.2.1"),  # the client invents what is left of its own
        ("6.6.6.6, 192.0.2.1, 10.0.0.9", "192.0.2.1"),
        ("10.0.0.7, 10.0.0.9", "10.0.0.7"),
        ("192.0.2.1, unknown", "10.0.0.1"),
        ("192.0.2.1, unknown, 10.0.0.9", "10.0.0.9"),
        ("192.0.2.1:4711", "192.0.2.1"),
        ("[2001:db8::1]:4711", "2001:db8::1"),
        ("192.0.2.1, ::ffff:10.0.0.3, fd00::1", "192.0.2.1"),
        ("", "10.0.0.1"),
        ("x" * 10_000, "10.0.0.1"),
        (",".join(["10.0.0.2"] * 5_000), "10.0.0.2"),
    ],
)
def test_the_client_is_the_last_address_that_is_not_a_proxy(
    forwarded_for: str, client: str
) -> None:
    assert _resolve("10.0.0.1", ("X-Forwarded-For", forwarded_for))[0] == client


def test_lines_of_one_header_are_one_list() -> None:
    lines = [("X-Forwarded-For", "6.6.6.6"), ("X-Forwarded-For", "192.0.2.1")]
    assert _resolve("10.0.0.1", *lines)[0] == "192.0.2.1"


def test_scheme_and_host() -> None:
    headers = [
        ("Host", "127.0.0.1:8080"),
        ("X-Forwarded-For", "192.0.2.1"),
        ("X-Forwarded-Proto", "HTTPS"),
        ("X-Forwarded-Host", "weft.example.org:8443"),
    ]
    assert _resolve("10.0.0.1", *headers) == ("192.0.2.1", "https", "weft.example.org:8443")
    # Another peer, and the same headers.
    assert _resolve("192.0.2.9", *headers) == ("192.0.2.9", "http", "127.0.0.1:8080")
    for host in ("evil/../", "a b", "a\r\nb", "", "a@b"):
        assert _resolve("10.0.0.1", ("Host", "h"), ("X-Forwarded-Host", host))[2] == "h"
    assert _resolve("10.0.0.1", ("Host", "h"), ("X-Forwarded-Proto", "ftp"))[1:] == ("http", "h")
    assert _resolve("10.0.0.1", ("Host", "h"), ("X-Forwarded-Proto", "https"))[1] == "https"


def test_the_standard_header() -> None:
    text = 'for=6.6.6.6;proto=http, for="[2001:db8::1]:47";proto=https;host="a.org", For=10.0.0.9'
    assert _resolve("10.0.0.1", ("Host", "h"), ("Forwarded", text)) == (
        "2001:db8::1", "https", "a.org",
    )  # fmt: skip
    assert _resolve("10.0.0.1", ("Host", "h"), ("Forwarded", 'for="_a,for=1.1.1.1"'))[0] == (
        "10.0.0.1"
    )


def test_two_kinds_of_headers_that_differ_are_refused() -> None:
    x_forwarded = [("X-Forwarded-For", "192.0.2.1"), ("X-Forwarded-Proto", "https")]
    same = ("Forwarded", "for=192.0.2.1;proto=https")
    assert _resolve("10.0.0.1", *x_forwarded, same)[0] == "192.0.2.1"
    for text in ("for=6.6.6.6;proto=https", "for=192.0.2.1;proto=http"):
        with pytest.raises(ConfigError, match="let the proxy remove the kind of header"):
            _resolve("10.0.0.1", *x_forwarded, ("Forwarded", text))
        assert _resolve("192.0.2.9", *x_forwarded, ("Forwarded", text))[0] == "192.0.2.9"


def test_no_proxy_is_trusted_by_default() -> None:
    assert not TrustedProxies(()).trusts("127.0.0.1")
