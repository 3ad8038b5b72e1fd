"""W&B's warnings of names that will go. weft's names stay: these calls have no effect."""

from __future__ import annotations

from typing import Any


def deprecate(*args: Any, **kwargs: Any) -> None:
    pass


def warn_and_record_deprecation(*args: Any, **kwargs: Any) -> None:
    pass
