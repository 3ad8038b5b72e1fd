"""The distinct texts of a column, numbered, so that a test runs once per text and not per run.

Pure. Texts are only added, so that codes stay valid for concurrent readers.
"""

from __future__ import annotations

import json
import threading
from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable
from typing import Any, Final, cast

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.int32]
Bools = NDArray[np.bool_]

NO_TEXT: Final = -1
"""The code for a missing text."""

_MAX_ANSWERS: Final = 16
_BYTES_PER_TEXT: Final = 160
"""A str object and its slots in list and dict."""


class Texts:
    """Numbers texts in the order in which they came. Thread-safe.

    >>> texts = Texts()
    >>> texts.codes_of(["b", "a", None, "b"]).tolist(), texts.ranks().tolist()
    ([0, 1, -1, 0], [1.0, 0.0])
    """

    def __init__(self, texts: Iterable[str] = ()) -> None:
        """`texts` are distinct; they get the first codes, in their order."""
        self._lock = threading.Lock()
        self._texts = list(texts)
        self._codes = {text: code for code, text in enumerate(self._texts)}
        self._n_chars = sum(map(len, self._texts))
        self._sorted: list[str] = []
        self._ranks = np.zeros(0, np.float64)
        self._answers: OrderedDict[Hashable, Bools] = OrderedDict()

    def __len__(self) -> int:
        return len(self._texts)

    def __getitem__(self, code: int) -> str:
        return self._texts[code]

    @property
    def n_bytes(self) -> int:
        """Approximate memory of the texts."""
        with self._lock:
            answers = sum(answer.nbytes for answer in self._answers.values())
        return self._n_chars + len(self._texts) * _BYTES_PER_TEXT + answers

    def listed(self) -> list[str]:
        """The texts in the order of their codes."""
        return self._texts[:]

    def code_of(self, text: str) -> int:
        """The code of a text; `NO_TEXT` if the text is unknown."""
        return self._codes.get(text, NO_TEXT)

    def codes_of(self, texts: Iterable[str | None]) -> Codes:
        """Codes of some texts; new texts are added. None gets `NO_TEXT`."""
        codes: list[int] = []
        with self._lock:
            code_of = self._codes
            for text in texts:
                if text is None:
                    codes.append(NO_TEXT)
                    continue
                code = code_of.get(text)
                if code is None:
                    code = len(self._texts)
                    # Append the text before its code is visible, so that every code has a text.
                    self._texts.append(text)
                    code_of[text] = code
                    self._n_chars += len(text)
                codes.append(code)
        return np.array(codes, np.int32)

    def ranks(self) -> NDArray[np.float64]:
        """By code, the rank of each text in the order by code point."""
        with self._lock:
            n = len(self._texts)
            if len(self._ranks) != n:
                order = sorted(range(n), key=self._texts.__getitem__)
                ranks = np.empty(n, np.float64)
                ranks[np.array(order, np.int64)] = np.arange(n)
                self._sorted = [self._texts[code] for code in order]
                self._ranks = ranks
            return self._ranks

    def rank_of(self, text: str) -> float:
        """The rank of a text; for an unknown text, a value between two ranks."""
        self.ranks()
        with self._lock:
            rank = bisect_left(self._sorted, text)
            if rank < len(self._sorted) and self._sorted[rank] == text:
                return float(rank)
        return rank - 0.5

    def parts(self) -> list[tuple[str, ...]]:
        """By code, the texts that the entry consists of: here only the text itself."""
        return [(text,) for text in self._texts]

    def answer(self, key: Hashable, test: Callable[[str], bool]) -> Bools:
        """By code, whether `test` holds. Cached by `key`, so only new texts are tested."""
        with self._lock:
            texts = self._texts[:]
            cached = self._answers.get(key)
        n_cached = 0 if cached is None else len(cached)
        more = np.fromiter(map(test, texts[n_cached:]), np.bool_, len(texts) - n_cached)
        answer = more if cached is None else np.concatenate([cached, more])
        with self._lock:
            self._answers[key] = answer
            self._answers.move_to_end(key)
            if len(self._answers) > _MAX_ANSWERS:
                self._answers.popitem(last=False)
        return answer


class Lists(Texts):
    """Lists of texts, each stored as JSON: tags, and the labels of a run's writers."""

    def __init__(self, texts: Iterable[str] = ()) -> None:
        super().__init__(texts)
        self._parsed: list[tuple[str, ...]] = []

    def parts(self) -> list[tuple[str, ...]]:
        """By code, the texts of each list."""
        with self._lock:
            for text in self._texts[len(self._parsed) :]:
                values = cast("list[Any]", json.loads(text))
                self._parsed.append(tuple(str(value) for value in values))
            return self._parsed

    def answer(self, key: Hashable, test: Callable[[str], bool]) -> Bools:
        """By code, whether `test` holds for any of the list's texts."""
        parts = self.parts()
        by_part: dict[str, bool] = {}

        def holds(text: str) -> bool:
            for part in parts[self._codes[text]]:
                passes = by_part.get(part)
                if passes is None:
                    passes = by_part[part] = test(part)
                if passes:
                    return True
            return False

        return super().answer(key, holds)
