"""Reads the text that OpenMetrics and Prometheus endpoints answer. No I/O."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Final, NamedTuple

_TYPE: Final = re.compile(r"#\s+TYPE\s+(\S+)\s+(\S+)")
_SAMPLE: Final = re.compile(
    r"([a-zA-Z_:][a-zA-Z0-9_:]*)[ \t]*"
    r'(?:\{((?:[^"}]|"(?:[^"\\]|\\.)*")*)\})?[ \t]*'
    r"([^\s{}]+)(?:[ \t]+\S+)?(?:[ \t]+#.*)?$"
)
_LABEL: Final = re.compile(r'[\s,]*([a-zA-Z_][a-zA-Z0-9_]*)\s*=\s*"((?:[^"\\]|\\.)*)"')
_ESCAPE: Final = re.compile(r"\\(.)")


class Reading(NamedTuple):
    """One value of a metric."""

    metric: str
    labels: dict[str, str]
    value: float


def read_exposition(text: str) -> Iterator[Reading]:
    r"""Yield the finite values of all gauges and counters.

    Histograms, summaries and metrics without a type are left out, as are malformed lines.

    >>> list(read_exposition('# TYPE temp gauge\ntemp{gpu="0"} 41.5\n'))
    [Reading(metric='temp', labels={'gpu': '0'}, value=41.5)]
    """
    kinds: dict[str, str] = {}
    for line in text.splitlines():
        if line.startswith("#"):
            declared = _TYPE.match(line)
            if declared:
                kinds[declared[1]] = declared[2]
            continue
        sample = _SAMPLE.match(line.strip())
        if sample is None:
            continue
        metric, labels, number = sample.groups()
        # OpenMetrics declares a counter without the suffix that its samples have.
        kind = kinds.get(metric) or kinds.get(metric.removesuffix("_total"))
        if kind not in {"gauge", "counter"}:
            continue
        try:
            value = float(number)
        except ValueError:
            continue
        if math.isfinite(value):
            label_values = {name: _unescaped(text) for name, text in _LABEL.findall(labels or "")}
            yield Reading(metric, label_values, value)


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(lambda match: "\n" if match[1] == "n" else match[1], text)
