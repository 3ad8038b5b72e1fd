"""The fit of a column's name to a search: its tier, less is better. Pure.

`web/src/data/table/find-columns.ts` has the same tiers, for projects whose columns are all there.
"""

from __future__ import annotations

from collections.abc import Callable

from weft.records.definition import AGGREGATES
from weft.server.services.selecting.patterns import compile_pattern
from weft.server.services.selecting.types import ColumnSelection

_EQUAL, _LAST, _WHOLE, _START, _INSIDE = range(5)
"""The search is the name; it is the part after the last `/`; its words are words of the name; they
begin some; they are inside of some.
"""


def tier_of_search(prefix: str, selection: ColumnSelection) -> Callable[[str], int | None]:
    """The tier of a name after `prefix`, None if it does not match.

    Columns of helpers (`is_helper`) come last, unless the search is their name.
    """
    of_name = _tier_of_words(prefix, selection)

    def tier_of(name: str) -> int | None:
        tier = of_name(name)
        if tier and is_helper(prefix, name):
            return tier + _INSIDE
        return tier

    return tier_of


def is_helper(prefix: str, name: str) -> bool:
    """Whether a column serves weft or a logged chart: facts of processes, tables behind curves.

    >>> is_helper("summary.", "roc_table"), is_helper("summary.", "roc_auc")
    (True, False)
    """
    return prefix == "writer." or bool(prefix and name.startswith("_")) or name.endswith("_table")


def _tier_of_words(prefix: str, selection: ColumnSelection) -> Callable[[str], int | None]:
    if not selection.search:
        return lambda _: _WHOLE
    if selection.regex:
        test = compile_pattern(selection.search, folded=True, field="search")
        return lambda name: _WHOLE if test(f"{prefix}{name}") else None
    # The app shows an escaped dot as `a.b`, so users search for it that way.
    phrase = " ".join(selection.search.casefold().replace("\\.", ".").split())
    first, *others = phrase.split() or [""]
    label = phrase.removeprefix(prefix)

    # Called for up to 100,000 names in each search; most fail at the first word.
    def tier_of(name: str) -> int | None:
        text = prefix + name.casefold()
        if "\\" in text:
            text = text.replace("\\.", ".")
        if first not in text or not all(word in text for word in others):
            return None
        labels = _labels(text[len(prefix) :])
        if label in labels:
            return _EQUAL
        if any(name.endswith(f"/{label}") for name in labels):
            return _LAST
        return max(_tier_of_word(text, word) for word in (first, *others))

    return tier_of


def _labels(name: str) -> tuple[str, ...]:
    """The names by which people know a column: `loss.max`, `loss max` and `loss`."""
    path, _, last = name.rpartition(".")
    return (name, f"{path} {last}", path) if path and last in AGGREGATES else (name,)


def _tier_of_word(text: str, word: str) -> int:
    """The best tier of the occurrences of a word that is in a text.

    >>> [_tier_of_word(text, "roc") for text in ("val/roc_auc", "rocket", "process")]
    [2, 3, 4]
    """
    tier = _INSIDE
    at = text.find(word)
    while at >= 0:
        end = at + len(word)
        if at == 0 or not (text[at - 1].isalnum() and text[at].isalnum()):
            if end == len(text) or not (text[end - 1].isalnum() and text[end].isalnum()):
                return _WHOLE
            tier = _START
        at = text.find(word, at + 1)
    return tier
