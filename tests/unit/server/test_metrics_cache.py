"""What charts keep in memory for the next one is bounded, and the least used goes first."""

from __future__ import annotations

from weft.server.storage.metrics.reading.cache import Cache


def test_the_least_used_goes_first() -> None:
    kept: Cache[str, str] = Cache(capacity=10, largest=6, size=len)
    for name in "abc":
        kept.put(name, name * 3)
    assert kept.get("a") == "aaa"
    kept.put("d", "dddd")
    assert [kept.get(name) for name in "abcd"] == ["aaa", None, "ccc", "dddd"]


def test_what_is_too_large_pushes_nothing_out() -> None:
    kept: Cache[str, str] = Cache(capacity=10, largest=6, size=len)
    kept.put("a", "a")
    kept.put("b", "b" * 7)
    assert (kept.get("a"), kept.get("b")) == ("a", None)


def test_a_value_put_twice_counts_once() -> None:
    kept: Cache[str, str] = Cache(capacity=10, largest=6, size=len)
    for _ in range(5):
        kept.put("a", "a" * 5)
    kept.put("b", "b" * 5)
    assert (kept.get("a"), kept.get("b")) == ("aaaaa", "bbbbb")
