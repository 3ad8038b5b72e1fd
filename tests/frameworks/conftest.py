"""Starts the parents of scripts before workers, which share them, are forked."""

from __future__ import annotations

import pytest

from framework_script import parent_of_frameworks
from sdk_script import IMPORTED_WITH_TORCH
from server_forks import forks


def pytest_collection_finish(session: pytest.Session) -> None:
    if session.config.getoption("workers") > 1 and not session.config.option.collectonly:
        parent_of_frameworks()
        forks(imported=IMPORTED_WITH_TORCH)
