"""The interface of sources of system metrics. No I/O."""

from __future__ import annotations

from typing import Protocol

Figures = dict[str, float | int]
"""Values by key, such as `system.cpu`. The keys are W&B's, so that its charts and scripts work."""


class Source(Protocol):
    """Something that can be measured.

    Attributes:
        is_shared: whether all its figures are about the machine, and none about the process. One
            process per machine and run measures it then.
    """

    name: str
    is_shared: bool

    def is_there(self) -> bool:
        """Whether this machine has it. Called once, before the first `figures`."""
        ...

    def figures(self) -> Figures:
        """One sample. A value that can't be measured at present is left out."""
        ...
