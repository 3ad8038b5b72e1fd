"""The interface of search engines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from weft.sweeps.space import Parameters
from weft.sweeps.trials import Trial


class Search(Protocol):
    """Chooses parameter sets. Not thread-safe."""

    def tell(self, trial: Trial) -> None:
        """Take note of a trial, new or changed."""
        ...

    def forget(self, number: int) -> None:
        """Forget a trial, as its run was deleted."""
        ...

    def ask(self, numbers: Sequence[int]) -> list[Parameters]:
        """Parameter sets for trials with these numbers, which the caller then tells of; fewer if
        no more are left.
        """
        ...

    def n_left(self) -> int | None:
        """The number of parameter sets that no trial has; None if there is no end."""
        ...
