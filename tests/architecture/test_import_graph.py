"""Imports have no circle. Those in functions and for types alone count, too."""

from __future__ import annotations

import subprocess
import sys
from functools import cache
from graphlib import CycleError, TopologicalSorter

import grimp
import pytest


@cache
def graph() -> dict[str, set[str]]:
    built = grimp.build_graph("weft", exclude_type_checking_imports=False, cache_dir=None)
    return {name: built.find_modules_directly_imported_by(name) for name in built.modules}


def test_imports_have_no_circle() -> None:
    imports = graph()
    assert len(imports) > 400
    assert "weft.sdk.rows.history" in imports["weft.sdk.dicts.summary"], "that is for types alone"
    TopologicalSorter(imports).prepare()


def test_a_circle_is_found() -> None:
    with pytest.raises(CycleError):
        TopologicalSorter({**graph(), "weft.errors": {"weft.cli.main"}}).prepare()


def test_the_tables_load_nothing_of_postgresql() -> None:
    # Its dialect would take a twelfth of each server's start.
    code = (
        "import sys, weft.server.storage.metadata.database.schema;"
        "print('sqlalchemy.dialects.postgresql' in sys.modules)"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert loaded.stdout.strip() == b"False"
