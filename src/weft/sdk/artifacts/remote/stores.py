"""The store of an address."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec

from weft.sdk.artifacts.remote.contract import Store


@cache
def store_of(address_kind: str) -> Store | None:
    """The store of a kind of address; None if weft knows no such kind. MissingLibrary if the
    library that reads it is not installed.

    >>> store_of("hf") is None
    True
    """
    if address_kind in {"http", "https"}:
        from weft.sdk.artifacts.remote.web import WebStore

        return WebStore()
    if address_kind in {"s3", "gs"}:
        from weft.sdk.artifacts.remote.buckets import BucketStore

        return BucketStore(address_kind)
    return None


def kind_of(address: str) -> str:
    """The kind of an address.

    >>> kind_of("s3://bucket/key"), kind_of("/data/a.csv")
    ('s3', '')
    """
    kind, mark, _ = address.partition("://")
    return kind.lower() if mark else ""


def is_known(address: str) -> bool:
    """Whether a file at an address can be read with what is installed."""
    kind = kind_of(address)
    if kind in {"s3", "gs"}:
        return find_spec("obstore") is not None
    return kind in {"http", "https"}
