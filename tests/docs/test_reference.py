"""The reference pages say what the code says: `make reference` writes two of them."""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from at_length import at_length
from weft.cli.main import cli
from weft.sdk.setup.settings import SETTINGS

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "docs" / "reference"


@pytest.fixture(scope="module")
def generator() -> Iterator[ModuleType]:
    """The script that writes the pages."""
    spec = importlib.util.spec_from_file_location(
        "gen_reference", ROOT / "scripts" / "gen_reference.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.path.insert(0, str(ROOT / "scripts"))
    try:
        spec.loader.exec_module(module)
        yield module
    finally:
        sys.path.remove(str(ROOT / "scripts"))


@pytest.fixture(scope="module")
def python_pages(generator: ModuleType) -> dict[str, str]:
    """The pages of Python names, by the names of their files."""
    pages: dict[str, str] = generator.python_pages()
    return pages


def test_the_page_of_the_command_line_is_up_to_date(generator: ModuleType) -> None:
    page = (REFERENCE / "command-line.md").read_text()
    assert generator.command_line() == page, "run `make reference`"


def test_the_pages_of_python_names_are_up_to_date(python_pages: dict[str, str]) -> None:
    pages = {path.stem: path.read_text() for path in REFERENCE.glob("python*.md")}
    assert python_pages == pages, "run `make reference`"


def test_docstrings_become_lists_and_code(python_pages: dict[str, str]) -> None:
    page = python_pages["python-run"]
    assert "\n- `step`: the row's step: any finite number, in any order. Defaults" in page
    assert "\n| [`log`](#runlog) | Record one row of the run's history. |\n" in page
    assert "```python\n>>> import tempfile, weft\n>>> with weft.init(" in page
    prose = re.sub(r"^```.*?^```", "", page, flags=re.DOTALL | re.MULTILINE)
    assert [line for line in prose.splitlines() if line.startswith(("    ", ">>>", "Args"))] == []


def test_the_table_of_names_of_wandb_is_up_to_date(generator: ModuleType) -> None:
    assert generator.wandb_names() == (REFERENCE / "wandb.md").read_text(), "run `make reference`"


def test_each_name_of_wandb_is_there_or_has_a_reason(generator: ModuleType) -> None:
    assert generator.wandb_table.missing_reasons() == []
    assert generator.wandb_table.stale_reasons() == []


def test_a_variable_that_is_read_is_the_same_or_has_a_reason_of_its_own(
    generator: ModuleType,
) -> None:
    table = generator.wandb_table
    lines = {line.name: line for line in table.sections()["Variables"][""]}
    settings = {variable for setting in SETTINGS.values() for variable in setting.variables}
    states = {name: lines[name].state for name in lines.keys() & settings}
    assert len(states) > 40
    assert {name for name, state in states.items() if state != "same"} == {"WANDB_ERROR_REPORTING"}
    assert lines["WANDB_ERROR_REPORTING"].state == "ignored"
    assert lines["WANDB_HOST"] == ("WANDB_HOST", "same", "")
    assert lines["WANDB_CORE_DEBUG"].state == "absent"
    for reasons in table.sections().values():
        for heading, group in reasons.items():
            for_all = table.REASONS.get(heading.strip("`") or "variables", {}).get("*")
            assert [line for line in group if line.state == "other" and line.why == for_all] == []


@at_length
def test_the_record_of_names_is_of_the_installed_wandb() -> None:
    python = ROOT / ".wandb" / "0.31.0" / "bin" / "python"
    folder = ROOT / "tests" / "frameworks" / "parity"
    done = subprocess.run(
        [python, folder / "official_names.py"], capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == json.loads((folder / "official_names.json").read_text())


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
