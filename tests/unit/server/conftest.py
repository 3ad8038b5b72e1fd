from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import compiled_statements as compiled_statements
import new_databases as new_databases
from service_uploads import Clock
from weft.server.services.opening.services import Services, open_services


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def services(tmp_path: Path, clock: Clock) -> Iterator[Services]:
    """The services of a server on SQLite, without background jobs."""
    services = open_services(tmp_path, now=clock, jobs=False)
    yield services
    services.close()
