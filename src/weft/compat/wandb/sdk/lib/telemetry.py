"""W&B's counting of features in use. weft counts nothing: these calls have no effect."""

from __future__ import annotations

from typing import Any


class _Record:
    """A record whose attributes can be set, and lead to nothing."""

    def __getattr__(self, name: str) -> _Record:
        return _Record()

    def __setattr__(self, name: str, value: Any) -> None:
        pass

    def __enter__(self) -> _Record:
        return self

    def __exit__(self, *exception: object) -> None:
        pass


def context(run: Any = None, obj: Any = None) -> _Record:
    return _Record()
