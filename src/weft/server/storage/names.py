"""Searches of metrics by name: all names of a project at once, which may be 100,000. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

KEPT_ANSWERS: Final = 16


@dataclass(frozen=True)
class NameSearch:
    """Which names hold a text, in small letters or capitals; or have a match of a pattern.

    A test as `MetricStore.search_keys` takes it; stores that know it search many names at once.

    Attributes:
        pattern: says whether it is found in a name; `text` is then the pattern it stands for.

    >>> NameSearch("LOSS")("val/loss")
    True
    """

    text: str
    pattern: Callable[[str], bool] | None = field(default=None, compare=False)
    is_pattern: bool = False

    def __call__(self, name: str) -> bool:
        if self.pattern is not None:
            return self.pattern(name)
        return self.text.casefold() in name.casefold()


class NameTable:
    """Names, ascending, and what searches found among them.

    >>> table = NameTable(["acc", "Loss", "val/loss"])
    >>> table.search(NameSearch("loss")).tolist()
    [False, True, True]
    """

    def __init__(self, names: Sequence[str]) -> None:
        self._names = names
        self._has_breaks = any("\n" in name for name in names)
        self._folded: tuple[str, NDArray[np.int64]] | None = None
        self._kept: dict[NameSearch, NDArray[np.bool_]] = {}

    def search(self, search: NameSearch) -> NDArray[np.bool_]:
        """bool[n]: which names are found."""
        found = self._kept.get(search)
        if found is None:
            # A line break within a name would make two lines of it.
            if search.is_pattern or "\n" in search.text or self._has_breaks:
                found = np.fromiter(map(search, self._names), np.bool_, len(self._names))
            else:
                found = self._holding(search.text.casefold())
            kept = dict(list(self._kept.items())[-KEPT_ANSWERS + 1 :])
            # Replaced, not changed: another thread may be looking.
            self._kept = kept | {search: found}
        return found

    def _holding(self, part: str) -> NDArray[np.bool_]:
        """Which names hold a folded text: found in all of them as one text of lines."""
        if self._folded is None:
            folded = [name.casefold() for name in self._names]
            lengths = np.fromiter(map(len, folded), np.int64, len(folded))
            starts = np.concatenate(([0], np.cumsum(lengths + 1)))
            self._folded = "\n".join(folded), starts
        text, starts = self._folded
        found = np.full(len(self._names), not part)
        ends: list[int] = starts.tolist()
        at = text.find(part)
        while part and at >= 0:
            nth = int(np.searchsorted(starts, at, "right")) - 1
            found[nth] = True
            at = text.find(part, ends[nth + 1])
        return found
