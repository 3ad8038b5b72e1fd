"""Which step a row gets, and which call goes on with the row before. No I/O.

A row without a step gets the next one of this writer. `commit=False`, and an explicit step given
again with no other between, go on with the open row. `weft.sdk.rows.history` holds the lock.
"""

from __future__ import annotations

import math
from operator import index
from typing import Any, Final

from weft.errors import UsageError, WrongType
from weft.records.value import INT64_MAX, INT64_MIN

LARGEST_AUTO_STEP: Final = 2**62
"""An explicit step beyond it does not move the automatic one, which has to stay within 64 bits."""

FloatOrInt = int | float


class Steps:
    """The steps of one writer.

    Attributes:
        next: the step of the next row that names none and opens.
        open: the step of the row that the next call may go on with; None = there is none.

    >>> steps = Steps(0)
    >>> steps.place(None, False), steps.place(None, None), steps.place(7, None), steps.next
    ((0, False), (0, True), (7, False), 8)
    """

    __slots__ = ("next", "open")

    def __init__(self, first: int) -> None:
        self.next = first
        self.open: FloatOrInt | None = None

    @property
    def present(self) -> FloatOrInt:
        """The step that a row without one would get."""
        return self.next if self.open is None else self.open

    def place(self, step: FloatOrInt | None, commit: bool | None) -> tuple[FloatOrInt, bool]:
        """Take a step for a call.

        Args:
            step: checked, or None.

        Returns:
            The step, and whether the call goes on with the open row.
        """
        open_step = self.open
        if step is None and open_step is None:
            # No call between the two: a signal handler that logs would get the same step.
            row_step: FloatOrInt = self.next
            self.next += 1
            goes_on = False
        elif open_step is not None and (step is None or step == open_step):
            row_step = open_step  # the very same number: 5.0 goes on with 5
            goes_on = True
        else:
            assert step is not None
            row_step = step
            goes_on = False
            if row_step < LARGEST_AUTO_STEP:
                after = math.floor(row_step) + 1
                if after > self.next:
                    self.next = after
        is_last = commit is None or commit if step is None else commit
        self.open = None if is_last else row_step
        return row_step, goes_on


def checked_step(step: object) -> FloatOrInt:
    """A step as it is written: int64 or a finite float.

    Raises:
        UsageError: it is no finite number; WrongType: it is no number at all.

    >>> checked_step(2.5), checked_step(True)
    (2.5, 1)
    """
    if isinstance(step, float):
        if math.isfinite(step):
            return float(step)
        raise UsageError(f"step must be a finite number, not {step!r}: leave it out for the next")
    try:
        number = index(step)  # pyright: ignore[reportArgumentType]
    except TypeError:
        item: Any = getattr(step, "item", None)
        if item is not None and getattr(step, "shape", None) in ((), (1,)):
            return checked_step(item())
        if hasattr(step, "__float__") and not isinstance(step, str):
            return checked_step(float(step))  # pyright: ignore[reportArgumentType]
        raise WrongType(f"step must be a number, not {type(step).__name__}: {step!r}") from None
    if INT64_MIN <= number <= INT64_MAX:
        return number
    raise UsageError("step must fit in 64 bits: give a smaller one, or leave it out for the next")
