"""The charts' cache is bounded, and the least used entry goes first."""

from __future__ import annotations

from weft.server.storage.metrics.reading.cache import Cache


def test_the_least_used_goes_first() -> None:
    cache: Cache[str, str] = Cache(capacity=10, largest=6, size=len)
    for name in "abc":
        cache.put(name, name * 3)
    assert cache.get("a") == "aaa"
    cache.put("d", "dddd")
    assert [cache.get(name) for name in "abcd"] == ["aaa", None, "ccc", "dddd"]


def test_what_is_too_large_pushes_nothing_out() -> None:
    cache: Cache[str, str] = Cache(capacity=10, largest=6, size=len)
    cache.put("a", "a")
    cache.put("b", "b" * 7)
    assert (cache.get("a"), cache.get("b")) == ("a", None)


def test_a_value_put_twice_counts_once() -> None:
    cache: Cache[str, str] = Cache(capacity=10, largest=6, size=len)
    for _ in range(5):
        cache.put("a", "a" * 5)
    cache.put("b", "b" * 5)
    assert (cache.get("a"), cache.get("b")) == ("aaaaa", "bbbbb")
