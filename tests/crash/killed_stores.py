"""Where a process that is killed keeps points: in a directory, or in PostgreSQL and ClickHouse."""

from __future__ import annotations

from pathlib import Path
from typing import Final, NamedTuple

from weft.server.services.opening.services import Services, open_services

_NONE: Final = "-"


class Databases(NamedTuple):
    """The addresses of PostgreSQL and ClickHouse; empty for the data directory."""

    metadata_url: str = ""
    metrics_url: str = ""

    def words(self) -> list[str]:
        """As arguments of a process, or words of a line."""
        return [self.metadata_url or _NONE, self.metrics_url or _NONE]

    def open(self, data: Path, **options: bool) -> Services:
        """The services of a server with a data directory of its own."""
        return open_services(
            data, self.metadata_url or None, metrics_url=self.metrics_url or None, **options
        )


def databases_of(words: list[str]) -> Databases:
    """The inverse of `Databases.words`."""
    return Databases(*("" if word == _NONE else word for word in words))
