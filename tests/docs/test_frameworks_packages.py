"""The page of each framework names the packages that its example imports."""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

import pytest

PAGES = Path(__file__).parents[2] / "docs" / "frameworks"

PACKAGES = {
    "hydra": "hydra-core",
    "ignite": "pytorch-ignite",
    "optuna_integration": "optuna-integration",
    "sklearn": "scikit-learn",
    "stable_baselines3": "stable-baselines3",
    "wandb": "weft",
}
"""By module: the package that has it, if it is named otherwise."""

BROUGHT = {
    "accelerate": {"torch"},
    "fastai": {"torch"},
    "hydra-core": {"omegaconf"},
    "lightning": {"torch"},
    "pytorch-ignite": {"torch"},
    "transformers": {"torch"},
    "trl": {"transformers", "datasets", "torch"},
    "ultralytics": {"numpy", "cv2"},
}
"""By package: modules of the packages that it requires."""


@pytest.mark.parametrize("name", sorted(page.stem for page in PAGES.glob("*.md")))
def test_the_page_names_the_packages_of_its_example(name: str) -> None:
    text = (PAGES / f"{name}.md").read_text()
    introduction = text.partition("\n```")[0]
    (line,) = re.findall(r"The example needs `pip install (.+?)`", introduction)
    installed = {re.split(r"[<\[]", word.strip("'"))[0] for word in line.split()}
    modules = imported_modules(text) - set(sys.stdlib_module_names)
    brought = set[str]().union(*(BROUGHT.get(package, set()) for package in installed))
    missing = {PACKAGES.get(module, module) for module in modules - brought} - {"weft"}
    assert missing - installed == set()


def imported_modules(page: str) -> set[str]:
    """The first parts of the modules that a page's example imports."""
    code = "".join(re.findall(r"^```python\n(.*?)^```", page, re.DOTALL | re.MULTILINE))
    names: set[str] = set()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return {name.partition(".")[0] for name in names}
