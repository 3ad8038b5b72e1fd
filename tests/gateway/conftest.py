from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from live_runs import LiveServer
from wandb_client import KEY, WandbClient


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    with LiveServer(tmp_path_factory.mktemp("server")) as server:
        yield server


@pytest.fixture
def client(live: LiveServer, tmp_path: Path) -> WandbClient:
    return WandbClient(live.url, KEY, tmp_path)
