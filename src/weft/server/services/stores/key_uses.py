"""The last use of each API key: in memory at first, so that no request waits for it."""

from __future__ import annotations

import threading
from typing import Final

from weft.server.storage.metadata import MetadataStore

_SPACING_MICROS: Final = 300_000_000
"""The time after a noted use in which further ones of the same key are not noted."""


class KeyUses:
    """Notes uses, and writes them when it is asked to. Thread-safe.

    A process that is killed loses those of its last seconds.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._noted: dict[int, int] = {}
        self._unwritten: dict[int, tuple[int, str]] = {}

    def note(self, key_id: int, address: str, now_micros: int) -> None:
        """Note a use of a key, unless one was noted in the last five minutes."""
        last = self._noted.get(key_id)
        if last is not None and 0 <= now_micros - last < _SPACING_MICROS:
            return
        with self._lock:
            self._noted[key_id] = now_micros
            self._unwritten[key_id] = now_micros, address

    def save(self, metadata: MetadataStore) -> None:
        """Write what was noted since the last call."""
        with self._lock:
            uses, self._unwritten = self._unwritten, {}
        if not uses:
            return
        try:
            with metadata.write() as tx:
                metadata.keys.set_used(tx, uses)
        except BaseException:
            with self._lock:
                self._unwritten = {**uses, **self._unwritten}
            raise
