"""The reference pages say what the code says: `make reference` writes two of them."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from weft.cli.main import cli

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "docs" / "reference"


@pytest.fixture(scope="module")
def generator() -> ModuleType:
    """The script that writes the pages."""
    spec = importlib.util.spec_from_file_location(
        "gen_reference", ROOT / "scripts" / "gen_reference.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_of_the_command_line_is_up_to_date(generator: ModuleType) -> None:
    page = (REFERENCE / "command-line.md").read_text()
    assert generator.command_line() == page, "run `make reference`"


def test_the_page_of_python_names_is_up_to_date(generator: ModuleType) -> None:
    assert generator.python_api() == (REFERENCE / "python.md").read_text(), "run `make reference`"


def test_the_settings_page_is_up_to_date(generator: ModuleType) -> None:
    page = (REFERENCE / "settings.md").read_text()
    assert generator.settings_page() == page, "run `make reference`"
    options = {option.opts[0] for option in cli.commands["server"].params} - {"--config"}
    assert len(options) >= 16
    for option in options:
        assert f" | `{option}` | " in page


def test_help_names_each_variable(generator: ModuleType) -> None:
    text = " ".join(generator.command_line().split())
    for parameter in cli.commands["server"].params:
        assert f"env var: {parameter.envvar}" in text
