"""Records what loggers of the standard library's `logging` say. Uses `logging`; no I/O."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping


class LoggerHandler(logging.Handler):
    r"""Passes the records of a logger on, formatted as `logging.basicConfig` does.

    >>> said = []
    >>> logger = logging.getLogger("doctest-of-weft")
    >>> stop = capture_loggers({"doctest-of-weft": "INFO"}, said.append)
    >>> logger.warning("slow: %d s", 3)
    >>> stop()
    >>> said
    ['WARNING:doctest-of-weft:slow: 3 s\n']
    """

    def __init__(self, level: str, write: Callable[[str], None]) -> None:
        super().__init__(level)
        self._write = write
        self.setFormatter(logging.Formatter(logging.BASIC_FORMAT))

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self._write(self.format(record) + "\n")
        except Exception:  # noqa: BLE001  as every handler: a message that can't be formatted
            self.handleError(record)


def capture_loggers(levels: Mapping[str, str], write: Callable[[str], None]) -> Callable[[], None]:
    """Listen to loggers, `root` for all, from their lowest levels on; returns a function that
    stops it.
    """
    added: list[tuple[logging.Logger, logging.Handler]] = []
    for name, level in levels.items():
        handler = LoggerHandler(level, write)
        logger = logging.getLogger(name)
        logger.addHandler(handler)
        added.append((logger, handler))

    def stop() -> None:
        for logger, handler in added:
            logger.removeHandler(handler)

    return stop
