from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from weft.server.services.access.actors import LOCAL
from weft.server.services.access.paths import RunPath
from weft.server.services.ingest import Upload
from weft.server.services.opening.services import Services, open_services
from weft.server.services.stores import StorageLimits


@pytest.fixture
def services_with_quota(tmp_path: Path) -> Iterator[Services]:
    """Run `r` of project `p`, in the services of a server with room for 4 MB."""
    limits = StorageLimits(quota_bytes=4_000_000, reserve_bytes=0)
    services = open_services(tmp_path, limits=limits, jobs=False)
    services.ingest.apply_upload(
        LOCAL, RunPath("local", "p", "r"), Upload("w", "w", 0, 10, live=True)
    )
    yield services
    services.close()
