from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from service_sweeps import PROJECT, create
from weft.server.services.opening.services import Services
from weft.server.services.sweeps.live_sweep import LiveSweep

OpenSweep = Callable[[dict[str, Any]], LiveSweep]


@pytest.fixture
def open_sweep(services: Services) -> OpenSweep:
    """Creates a sweep and opens it, as the first message of an agent does."""

    def open_sweep(config: dict[str, Any]) -> LiveSweep:
        sweep = create(services, config)
        stores = services.stores
        with stores.metadata.read() as tx:
            row = stores.metadata.sweeps.find_sweep(tx, stores.find_project(PROJECT), sweep)
        assert row is not None
        return LiveSweep(stores, row)

    return open_sweep
