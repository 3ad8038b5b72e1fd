"""Answers of the last second, for equal queries of other pages.

A page that was told of a change asks for what shows it, and so do all others that follow the same
project: at about the same time, with equal queries. Each names the last change that it was told of
(`seen_micros`), and takes what was computed for another one since. The caller judges permissions
first, each time, and an answer has nothing that depends on the person.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Final, Generic, NamedTuple, TypeVar

import msgspec

from weft.server.services.access import ProjectPath
from weft.server.services.stores import now_micros

MAX_AGE_MICROS: Final = 1_000_000
"""Also bounds what a query misses if its page was told of changes by another server process."""

_T = TypeVar("_T")


class _Entry(NamedTuple, Generic[_T]):
    began_micros: Callable[[], int]
    answer: _T


class RecentAnswers(Generic[_T]):
    """A cache of answers, by project and query, that drops the oldest first. Thread-safe.

    `weigh` is an answer's size, now: it may still grow. Answers may weigh `most_of_one` each, and
    `most` together.
    """

    def __init__(self, weigh: Callable[[_T], int], *, most_of_one: int, most: int) -> None:
        self._weigh = weigh
        self._most_of_one = most_of_one
        self._most = most
        self._lock = threading.Lock()
        self._entries: OrderedDict[Hashable, _Entry[_T]] = OrderedDict()

    def find(self, path: ProjectPath, query: msgspec.Struct, seen_micros: int | None) -> _T | None:
        """The answer to an equal query that began after the change of that time; None if there is
        no such answer, or the asker names no change.
        """
        if seen_micros is None:
            return None
        with self._lock:
            entry = self._entries.get(_name(path, query))
        if entry is None or entry.began_micros() <= seen_micros or self._has_ended(entry):
            return None
        return entry.answer

    def add(
        self,
        path: ProjectPath,
        query: msgspec.Struct,
        began_micros: Callable[[], int],
        answer: _T,
    ) -> None:
        """Store an answer whose data were read after `began_micros`, by the time of changes: the
        present, for an answer that waits for its turn.
        """
        name = _name(path, query)
        with self._lock:
            self._entries.pop(name, None)
            self._entries[name] = _Entry(began_micros, answer)
            weight = sum(self._weigh(entry.answer) for entry in self._entries.values())
            while self._entries:
                oldest = next(iter(self._entries.values()))
                if weight <= self._most and not self._has_ended(oldest):
                    break
                weight -= self._weigh(oldest.answer)
                self._entries.popitem(last=False)

    def _has_ended(self, entry: _Entry[_T]) -> bool:
        is_old = entry.began_micros() + MAX_AGE_MICROS < now_micros()
        return is_old or self._weigh(entry.answer) > self._most_of_one


def _name(path: ProjectPath, query: msgspec.Struct) -> Hashable:
    return path, type(query), hashlib.blake2b(msgspec.json.encode(query), digest_size=16).digest()
