"""The form of keys that an administrator chooses: exact bounds."""

from __future__ import annotations

import pytest

from weft.errors import ConfigError
from weft.server.services.users.keys import check_key, is_well_formed


@pytest.mark.parametrize("key", ["a" * 40, "weft-" + "0" * 40, "-" * 40, "x" * 256])
def test_keys_within_the_bounds(key: str) -> None:
    assert check_key(key) == key


@pytest.mark.parametrize(
    "key",
    [
        "", "a" * 39, "weft-" + "0" * 33, "x" * 257, "a" * 40 + "\n", "a" * 39 + "é",
        "a" * 20 + " " + "a" * 20,
    ],
)  # fmt: skip
def test_keys_outside_the_bounds(key: str) -> None:
    assert not is_well_formed(key)
    with pytest.raises(ConfigError, match="40 to 256 characters"):
        check_key(key)
