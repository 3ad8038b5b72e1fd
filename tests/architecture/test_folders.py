"""Folders have few modules, and fixtures that many files of tests use are defined once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

PROJECT = Path(__file__).parents[2]

MOST_MODULES = 20
"""Modules of one level in a folder, `__init__` and `conftest` not counted."""

LARGER = {
    "bench": "each file is run by its path, imports `measure` from its own folder, and stands in "
    "docs/benchmarks.md under its name",
}
"""Folders with more modules, and the reason."""

SHARED_FIXTURES = ("live", "server", "services", "client")
"""One that differs has a name of its own that says how: `own_server`, `services_with_quota`."""

FIXTURE = re.compile(rf"^(?:async )?def ({'|'.join(SHARED_FIXTURES)})\(", re.MULTILINE)


def modules() -> Iterator[Path]:
    for folder in ("src", "tests", "bench"):
        for path in (PROJECT / folder).rglob("*.py"):
            if path.name not in {"__init__.py", "conftest.py"}:
                yield path.relative_to(PROJECT)


def test_folders_have_few_modules() -> None:
    counts: dict[str, int] = {}
    for path in modules():
        folder = path.parent.as_posix()
        counts[folder] = counts.get(folder, 0) + 1
    larger = {folder: n for folder, n in counts.items() if n > MOST_MODULES}
    assert larger.keys() == LARGER.keys(), f"split these by subject: {larger}"


def test_shared_fixtures_are_defined_in_a_conftest() -> None:
    copies = [
        f"{path.relative_to(PROJECT)}: {name}"
        for path in sorted((PROJECT / "tests").rglob("test_*.py"))
        for name in FIXTURE.findall(path.read_text())
    ]
    assert copies == []
