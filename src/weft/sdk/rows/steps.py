"""Chooses the step of a row, and decides which call adds to the open row. No I/O.

A row without a step gets this writer's next step. A call adds to the open row after
`commit=False`, or if it repeats the explicit step of the call before it. `weft.sdk.rows.history`
holds the lock.
"""

from __future__ import annotations

import math
from operator import index
from typing import Any, Final

from weft.errors import UsageError, WrongType
from weft.records.value import INT64_MAX, INT64_MIN

LARGEST_AUTO_STEP: Final = 2**62
"""A larger explicit step does not change the automatic step, which has to fit in 64 bits."""

FloatOrInt = int | float


class Steps:
    """The steps of one writer.

    `next` is the step of the next new row that is logged without `step`; `open` the step of the
    row that the next call may add to, if any.

    >>> steps = Steps(0)
    >>> steps.assign_step(None, False), steps.assign_step(None, None), steps.assign_step(7, None)
    ((0, False), (0, True), (7, False))
    >>> steps.next
    8
    """

    __slots__ = ("next", "open")

    def __init__(self, first: int) -> None:
        self.next = first
        self.open: FloatOrInt | None = None

    @property
    def present(self) -> FloatOrInt:
        """The step that a row without `step` would get."""
        return self.next if self.open is None else self.open

    def assign_step(self, step: FloatOrInt | None, commit: bool | None) -> tuple[FloatOrInt, bool]:
        """Choose the step for a call, from the checked explicit one or None; and whether the call
        adds to the open row.
        """
        open_step = self.open
        if step is None and open_step is None:
            # No function call between these lines: a signal handler could log with the same step.
            row_step: FloatOrInt = self.next
            self.next += 1
            continues_row = False
        elif open_step is not None and (step is None or step == open_step):
            row_step = open_step  # keep the number's type: 5.0 adds to row 5
            continues_row = True
        else:
            assert step is not None
            row_step = step
            continues_row = False
            if row_step < LARGEST_AUTO_STEP:
                after = math.floor(row_step) + 1
                if after > self.next:
                    self.next = after
        is_last = commit is None or commit if step is None else commit
        self.open = None if is_last else row_step
        return row_step, continues_row


def checked_step(step: object) -> FloatOrInt:
    """Check a step and return it as an int64 or a finite float.

    >>> checked_step(2.5), checked_step(True)
    (2.5, 1)
    """
    if isinstance(step, float):
        if math.isfinite(step):
            return float(step)
        raise UsageError(f"step must be a finite number, not {step!r}: leave it out for the next")
    try:
        number = index(step)  # pyrefly: ignore[bad-argument-type]
    except TypeError:
        item: Any = getattr(step, "item", None)
        if item is not None and getattr(step, "shape", None) in ((), (1,)):
            return checked_step(item())
        if hasattr(step, "__float__") and not isinstance(step, str):
            return checked_step(float(step))  # pyrefly: ignore[bad-argument-type]
        raise WrongType(f"step must be a number, not {type(step).__name__}: {step!r}") from None
    if INT64_MIN <= number <= INT64_MAX:
        return number
    raise UsageError("step must fit in 64 bits: give a smaller one, or leave it out for the next")
