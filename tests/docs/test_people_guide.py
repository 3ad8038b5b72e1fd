"""The table of rights in `docs/guide/people.md` says what `permissions` decides."""

from __future__ import annotations

import re
from pathlib import Path

from weft.server.services.access.permissions import LEAST_ROLE
from weft.server.services.access.roles import Role

GUIDE = Path(__file__).parents[2] / "docs" / "guide" / "people.md"


def test_the_table_of_rights_is_that_of_permissions() -> None:
    rows = re.findall(r"^\| \*(\w+)\*: [^|]*\|(.*)\|$", GUIDE.read_text(), re.MULTILINE)
    stated = {
        action: [role for role, cell in zip(Role, cells.split("|"), strict=True) if cell.strip()]
        for action, cells in rows
    }
    assert stated == {
        action.value: [role for role in Role if role >= least]
        for action, least in LEAST_ROLE.items()
    }
