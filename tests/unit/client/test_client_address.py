from __future__ import annotations

import pytest

from weft.client.address import Address, parse_address, proxy_for
from weft.errors import ConfigError


@pytest.mark.parametrize(
    ("url", "address", "again"),
    [
        ("http://a", Address("http", "a", 80), "http://a"),
        ("HTTPS://A.b:8443/x/", Address("https", "a.b", 8443, "/x"), "https://a.b:8443/x"),
        (" http://127.0.0.1:1 ", Address("http", "127.0.0.1", 1), "http://127.0.0.1:1"),
        ("http://[::1]:9", Address("http", "::1", 9), "http://[::1]:9"),
    ],
)
def test_address_is_read_and_written(url: str, address: Address, again: str) -> None:
    assert parse_address(url) == address
    assert address.url == again


@pytest.mark.parametrize(
    "url", ["", "a.b", "ftp://a", "http://", "http://a:0", "http://a:99999", "http://a b", "//a"]
)
def test_what_is_no_address_is_refused_by_name(url: str) -> None:
    with pytest.raises(ConfigError, match="server address"):
        parse_address(url)


def test_loopback_is_never_sent_through_a_proxy() -> None:
    environment = {"http_proxy": "http://proxy:3128"}
    for url in ("http://127.0.0.1:8080", "http://localhost", "http://[::1]"):
        assert proxy_for(parse_address(url), environment) is None


def test_no_proxy_names_host_endings() -> None:
    environment = {"https_proxy": "proxy:3128", "NO_PROXY": "lab.org, other"}
    assert proxy_for(parse_address("https://weft.lab.org"), environment) is None
    assert proxy_for(parse_address("https://notlab.org"), environment) is not None
    assert proxy_for(parse_address("http://notlab.org"), environment) is None
