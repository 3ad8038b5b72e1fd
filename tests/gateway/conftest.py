from __future__ import annotations

from pathlib import Path

import pytest

from live_runs import LiveServer
from wandb_client import KEY, WandbClient, parent_of_scripts


def pytest_collection_finish(session: pytest.Session) -> None:
    """Import the client of W&B once for all workers, before they are forked."""
    config = session.config
    is_forked = config.getoption("workers") > 1 and not config.option.collectonly
    if is_forked and any(item.path.parent == Path(__file__).parent for item in session.items):
        parent_of_scripts()


@pytest.fixture
def wandb_client(live: LiveServer, tmp_path: Path) -> WandbClient:
    return WandbClient(live.url, KEY, tmp_path)
