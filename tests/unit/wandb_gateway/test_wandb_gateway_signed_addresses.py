"""Signed addresses of the gateway: for one method, with one key, of one server, for a day."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from weft.errors import Forbidden
from weft.server.services.access import LOCAL, Actor
from weft.wandb_gateway.signed_addresses import PREFIX, SignedAddresses

HOST = "http://host"
DAY_SECS = 24 * 3600


def key_of_ada(key: str) -> Callable[[str, int | None], str | None]:
    return lambda user, _: {"ada": key}.get(user)


def make(addresses: SignedAddresses, method: str = "GET", *, user: str | None = None) -> str:
    actor = LOCAL if user is None else Actor("user", user)
    return addresses.make(actor, HOST, method, "run", "a.txt").removeprefix(HOST)


@pytest.mark.parametrize(("method", "allowed"), [("GET", {"GET", "HEAD"}), ("PUT", {"PUT"})])
def test_an_address_is_for_its_method(method: str, allowed: set[str]) -> None:
    addresses = SignedAddresses("secret")
    address = make(addresses, method)
    for other in ("GET", "HEAD", "PUT", "DELETE", "POST"):
        if other in allowed:
            assert addresses.read(other, address).method == method
        else:
            with pytest.raises(Forbidden, match=f"is for {method}, not for {other}"):
                addresses.read(other, address)


def test_an_address_lasts_a_day() -> None:
    now = 1000
    addresses = SignedAddresses("secret", now_secs=lambda: now)
    address = make(addresses)
    now += DAY_SECS
    assert addresses.read("GET", address).names == ["a.txt"]
    now += 1
    with pytest.raises(Forbidden, match="has ended"):
        addresses.read("GET", address)


def test_an_address_ends_with_its_users_key() -> None:
    address = make(SignedAddresses("secret", key_of_ada("1")), user="ada")
    assert SignedAddresses("secret", key_of_ada("1")).read("GET", address).user == "ada"
    others = (
        SignedAddresses("secret", key_of_ada("2")),
        SignedAddresses("secret"),
        SignedAddresses("other", key_of_ada("1")),
    )
    for addresses in others:
        with pytest.raises(Forbidden, match="not one that this server made"):
            addresses.read("GET", address)


def test_an_address_is_for_someone_who_is_signed_in() -> None:
    with pytest.raises(Forbidden, match="sign in"):
        SignedAddresses("secret").make(Actor("anyone"), HOST, "GET", "run", "a.txt")


def test_a_changed_address_is_refused() -> None:
    addresses = SignedAddresses("secret")
    code, _, name = make(addresses).removeprefix(PREFIX).partition("/")
    first = "B" if code[0] == "A" else "A"
    for changed in (code[:-1], first + code[1:], "", "*", code + "AAAA"):
        with pytest.raises(Forbidden, match="not one that this server made"):
            addresses.read("GET", f"{PREFIX}{changed}/{name}")
