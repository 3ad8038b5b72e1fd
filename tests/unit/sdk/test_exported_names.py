"""The public API is what `docs/reference/public_api.txt` lists, and nothing else."""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import weft

ROOT = Path(__file__).parents[3]
COMMITTED = (ROOT / "docs" / "reference" / "public_api.txt").read_text().split()


def test_all_is_the_committed_list() -> None:
    assert weft.__all__ == COMMITTED
    assert set(COMMITTED) <= set(dir(weft))


@pytest.mark.parametrize("name", COMMITTED)
def test_every_name_can_be_had(name: str) -> None:
    getattr(weft, name)


def test_type_checkers_see_the_same_names() -> None:
    tree = ast.parse(inspect.getsource(weft))
    (branch,) = [
        node for node in tree.body
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
    ]  # fmt: skip
    typed: set[str] = set()
    for node in branch.body:
        if isinstance(node, ast.ImportFrom):
            typed |= {alias.asname for alias in node.names if alias.asname}
        elif isinstance(node, ast.AnnAssign):
            typed.add(ast.unparse(node.target))
    assert typed | {"__version__"} == set(weft.__all__)


def test_a_name_that_is_none_raises_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        weft.nonsense  # noqa: B018


def test_importing_weft_imports_nothing_of_others() -> None:
    code = (
        "import sys; before = set(sys.modules); import weft; print(*(set(sys.modules) - before))"
    )
    done = subprocess.run(
        [sys.executable, "-S", "-c", code],
        capture_output=True, text=True, check=True, env={"PYTHONPATH": str(ROOT / "src")},
    )  # fmt: skip
    foreign = {name.partition(".")[0] for name in done.stdout.split()} - sys.stdlib_module_names
    assert foreign == {"weft"}
