from __future__ import annotations

from pathlib import Path

import pytest

from live_runs import LiveServer
from wandb_client import KEY, WandbClient


@pytest.fixture
def client(live: LiveServer, tmp_path: Path) -> WandbClient:
    return WandbClient(live.url, KEY, tmp_path)
