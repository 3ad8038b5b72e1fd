"""Steps as readers get them."""

from __future__ import annotations

_MAX_EXACT = 2**53


def plain_step(step: int | float) -> int | float:
    """A whole number as an int, even if other steps are fractions.

    Which steps are stored as floats depends on how a log was split into uploads, and this must
    not be visible to readers.
    """
    # pyrefly: ignore[missing-attribute]
    if isinstance(step, float) and step.is_integer() and abs(step) <= _MAX_EXACT:
        return int(step)
    return step
