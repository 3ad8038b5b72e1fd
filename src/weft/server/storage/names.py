"""Searches for metrics by name, over all names of a project at once (up to 100,000). Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

KEPT_ANSWERS: Final = 16
_MAX_WORDS: Final = 8


@dataclass(frozen=True)
class NameSearch:
    """Tests whether a name contains each word of a text, ignoring case, or matches a pattern.

    `MetricStore.search_keys` takes it as `matches`; stores recognize it and search many names at
    once. With `pattern`, a search in a name, `text` is its source.

    >>> NameSearch("LOSS val")("val/loss")
    True
    """

    text: str
    pattern: Callable[[str], bool] | None = field(default=None, compare=False)
    is_pattern: bool = False

    def __call__(self, name: str) -> bool:
        if self.pattern is not None:
            return self.pattern(name)
        folded = name.casefold()
        return all(word in folded for word in self.words)

    @property
    def words(self) -> list[str]:
        """The words of the text, casefolded. Further ones are one text with the last of them."""
        return self.text.casefold().split(maxsplit=_MAX_WORDS - 1)


class NameTable:
    """Ascending names, with a cache of search results.

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
        """A mask of the names that match, as bool[n]."""
        cached = self._kept.get(search)
        if cached is None:
            # `_holding` joins names with line breaks, so none of them may contain one.
            if search.is_pattern or "\n" in search.text or self._has_breaks:
                cached = np.fromiter(map(search, self._names), np.bool_, len(self._names))
            else:
                cached = np.ones(len(self._names), np.bool_)
                for word in search.words:
                    cached &= self._holding(word)
            newest = dict(list(self._kept.items())[-KEPT_ANSWERS + 1 :])
            # The dict is replaced, not changed, because another thread may be reading it.
            self._kept = newest | {search: cached}
        return cached

    def _holding(self, part: str) -> NDArray[np.bool_]:
        """A mask of the names with a casefolded text: searches all names as one text of lines."""
        if self._folded is None:
            folded = [name.casefold() for name in self._names]
            lengths = np.fromiter(map(len, folded), np.int64, len(folded))
            starts = np.concatenate(([0], np.cumsum(lengths + 1)))
            self._folded = "\n".join(folded), starts
        text, starts = self._folded
        holding = np.zeros(len(self._names), np.bool_)
        ends: list[int] = starts.tolist()
        at = text.find(part)
        while at >= 0:
            nth = int(np.searchsorted(starts, at, "right")) - 1
            holding[nth] = True
            at = text.find(part, ends[nth + 1])
        return holding
