"""Metrics that other programs expose over HTTP, such as NVIDIA's DCGM exporter. Does I/O.

A key is `system.openmetrics.{endpoint}.{metric}.{number}`, as W&B's: the metric's sets of labels
are numbered in the order in which they appear.
"""

from __future__ import annotations

import http.client
import re
import time
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from weft.sync.messages import tell
from weft.sync.sampling.exposition import read_exposition
from weft.sync.sampling.source import Figures

TIMEOUT_SECS: Final = 5.0
MAX_BYTES: Final = 4 * 2**20
MAX_SERIES: Final = 1000
"""Most series that are recorded of one endpoint: each is a metric of the run."""

_CHUNK_BYTES: Final = 65536


class OpenMetrics:
    """One endpoint, by its name in the keys.

    `filters` are regular expressions that are searched in `name.metric`, each with one for each
    label that the metric must have. If empty, every metric counts.
    """

    is_shared = True

    def __init__(
        self,
        name: str,
        url: str,
        filters: Mapping[str, Mapping[str, str]],
        headers: Mapping[str, str],
    ) -> None:
        self.name = f"the endpoint {name}"
        self._prefix = name
        self._url = urlsplit(url)
        self._filters = [
            (re.compile(metric), {label: re.compile(value) for label, value in labels.items()})
            for metric, labels in filters.items()
        ]
        self._headers = {"User-Agent": "weft", **headers}
        self._keys: dict[tuple[str, tuple[tuple[str, str], ...]], str | None] = {}
        self._n_labels: dict[str, int] = {}
        self._n_keys = 0
        self._trouble = ""

    def is_there(self) -> bool:
        return True

    def figures(self) -> Figures:
        try:
            text = self._fetch()
        except (OSError, http.client.HTTPException, ValueError) as error:
            self._tell_once(f"{type(error).__name__}: {error}")
            return {}
        figures: Figures = {}
        for metric, labels, value in read_exposition(text):
            key = self._key(metric, labels)
            if key is not None:
                figures[key] = value
        if self._n_keys < MAX_SERIES:
            self._trouble = ""
        return figures

    def _fetch(self) -> str:
        deadline = time.monotonic() + TIMEOUT_SECS
        secure = self._url.scheme == "https"
        connect = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        connection = connect(self._url.hostname or "", self._url.port, timeout=TIMEOUT_SECS)
        path = self._url.path or "/"
        try:
            connection.request(
                "GET", f"{path}?{self._url.query}" if self._url.query else path,
                headers=self._headers,
            )  # fmt: skip
            answer = connection.getresponse()
            if answer.status != 200:
                raise ValueError(f"it answers {answer.status} {answer.reason}")
            body = b""
            while chunk := answer.read1(_CHUNK_BYTES):
                body += chunk
                if len(body) > MAX_BYTES:
                    raise ValueError(f"its answer is longer than {MAX_BYTES:,} bytes")
                if time.monotonic() > deadline:
                    raise TimeoutError(f"its answer takes longer than {TIMEOUT_SECS:g} s")
            return body.decode("utf-8", "replace")
        finally:
            connection.close()

    def _key(self, metric: str, labels: Mapping[str, str]) -> str | None:
        series = metric, tuple(sorted(labels.items()))
        if series not in self._keys:
            # Bounds the memory if an endpoint has a new set of labels in each answer.
            if len(self._keys) > 10 * MAX_SERIES:
                return None
            self._keys[series] = self._new_key(metric, labels)
        return self._keys[series]

    def _new_key(self, metric: str, labels: Mapping[str, str]) -> str | None:
        if not self._wants(metric, labels):
            return None
        if self._n_keys >= MAX_SERIES:
            self._tell_once(f"it has more than {MAX_SERIES:,} series: filter them")
            return None
        number = self._n_labels.get(metric, 0)
        self._n_labels[metric] = number + 1
        self._n_keys += 1
        key = f"system.openmetrics.{self._prefix}.{metric}.{number}"
        if labels:
            tell(f"{key} is {', '.join(f'{name}={value}' for name, value in labels.items())}")
        return key

    def _wants(self, metric: str, labels: Mapping[str, str]) -> bool:
        name = f"{self._prefix}.{metric}"
        return not self._filters or any(
            pattern.search(name)
            and all(
                label in labels and value.search(labels[label])
                for label, value in of_labels.items()
            )
            for pattern, of_labels in self._filters
        )

    def _tell_once(self, trouble: str) -> None:
        if trouble != self._trouble:
            self._trouble = trouble
            tell(f"{self.name}: {trouble}")
