"""The client imports only what it requires, and the rest where a package says that it needs it."""

from __future__ import annotations

import ast
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCES = ROOT / "src" / "weft"

OF_THE_SERVER = ("server", "wandb_gateway", "cli/server")
"""The folders of weft-server, as in `pyproject.toml`."""

MODULES = {"backports.zstd": "backports", "pyyaml": "yaml"}
"""Modules of packages that have another name."""

NEEDED = {
    "weft/sdk/media/tables": "numpy",
    "weft/sdk/plot": "numpy",
    "weft/sweeps/search": "optuna",
    "weft/sync/files/encoders": "numpy",
    "weft/tables": "numpy",
}
"""Packages whose modules import more, when a call needs them."""

OF_FRAMEWORKS = ("integrations", "compat/wandb/integration")
"""Folders whose modules are imported together with their frameworks."""


def test_modules_import_what_the_client_requires() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    names = {line.partition(">")[0].partition("=")[0] for line in project["dependencies"]}
    assert len(names) <= 10
    own = {
        "weft",
        "compression",
        "wandb",  # in `compat`, which is on the path as the folder of that package
        *sys.stdlib_module_names,
        *(MODULES.get(name, name) for name in names),
    }
    others = {
        (str(path.relative_to(SOURCES.parent)), module)
        for path in client_modules()
        for module in imported_at_load(ast.parse(path.read_text()).body)
        if module not in own
    }
    unsaid = {
        (path, module)
        for path, module in others
        if not any(
            path.startswith(f"{folder}/") and module in {library, "numpy"}
            for folder, library in NEEDED.items()
        )
    }
    assert unsaid == set()


def test_the_wheels_divide_the_sources() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    server = tomllib.loads((ROOT / "distributions/server/pyproject.toml").read_text())
    folders = {f"src/weft/{name}" for name in OF_THE_SERVER}
    assert set(project["tool"]["hatch"]["build"]["targets"]["wheel"]["exclude"]) == folders
    included = server["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    assert {name.removeprefix("../../") for name in included} == folders | {"LICENSE"}


def client_modules() -> Iterator[Path]:
    folders = tuple(f"{SOURCES / name}/" for name in OF_THE_SERVER + OF_FRAMEWORKS)
    return (path for path in SOURCES.rglob("*.py") if not str(path).startswith(folders))


def imported_at_load(statements: list[ast.stmt]) -> Iterator[str]:
    """The packages that a module imports when it is loaded, outside `if TYPE_CHECKING:`."""
    for statement in statements:
        if isinstance(statement, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in statement.names)
        elif isinstance(statement, ast.ImportFrom):
            yield (statement.module or "").partition(".")[0]
        elif isinstance(statement, ast.If) and "TYPE_CHECKING" not in ast.dump(statement.test):
            yield from imported_at_load(statement.body + statement.orelse)
        elif isinstance(statement, ast.Try):
            yield from imported_at_load(statement.body)
