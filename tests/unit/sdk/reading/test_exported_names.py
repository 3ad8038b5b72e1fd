"""The public API is what `docs/reference/public_api.txt` lists, and nothing else."""

from __future__ import annotations

import ast
import importlib
import inspect
from pathlib import Path

import pytest

import weft
from weft import data_types

ROOT = Path(__file__).parents[4]
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
        if isinstance(node, ast.ImportFrom) and node.names[0].name == "*":
            typed |= {*importlib.import_module(str(node.module)).__all__}
        elif isinstance(node, ast.ImportFrom):
            # others, such as `import B` or `import B as A`, are private to a type checker
            typed |= {alias.name for alias in node.names if alias.name == alias.asname}
        elif isinstance(node, ast.AnnAssign):
            typed.add(ast.unparse(node.target))
        elif isinstance(node, ast.Assign):
            typed |= {ast.unparse(target) for target in node.targets}
    assert typed == set(weft.__all__)


def test_a_star_import_gives_all_of_them() -> None:
    names: dict[str, object] = {}
    exec("from weft import *", names)
    assert names.keys() >= set(COMMITTED)


def test_a_name_that_is_none_raises_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        weft.nonsense  # noqa: B018


OFFICIAL_TYPES = """
    Audio BatchableMedia Bokeh BoundingBoxes2D Classes Graph Histogram Html Image ImageMask
    JoinedTable Media Molecule Node Object3D PartitionedTable Plotly Table Video WBValue box3d
    """.split()  # noqa: SIM905
"""`wandb.data_types.__all__` of 0.31.0, without EvalTable, WBTraceTree and _SavedModel."""


def test_data_types_has_w_and_bs_names() -> None:
    assert set(OFFICIAL_TYPES) <= set(data_types.__all__)
    assert all(hasattr(data_types, name) for name in data_types.__all__)
