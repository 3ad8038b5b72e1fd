"""The wheels, built once for the tests of them."""

from __future__ import annotations

import pytest

from wheels import Wheels, prepare_wheels


@pytest.fixture(scope="session")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Wheels:
    return prepare_wheels(tmp_path_factory.mktemp("checkout"))
