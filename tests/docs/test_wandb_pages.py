"""Statements of the pages about W&B's names, settings and calls are true of the code.

Names of the official package come from the package itself (`.wandb`, as `make setup` installs it).
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import weft
from sdk_script import run_script
from weft.errors import ConfigError
from weft.sdk.setup.precedence import read_settings
from weft.sdk.setup.wandb_names import MISSING, MISSING_INTEGRATIONS

ROOT = Path(__file__).parents[2]
DIFFERENCES = (ROOT / "docs/reference/wandb.md").read_text()
COMING = (ROOT / "docs/guide/coming-from-wandb.md").read_text()
SETTINGS = (ROOT / "docs/reference/settings.md").read_text()

CLASSES: dict[str, Any] = {
    "Api": weft.apis.public.Api,
    "Artifact": weft.Artifact,
    "run": weft.apis.public.Run,
    "project": weft.apis.public.Project,
    "user": weft.apis.public.User,
}


def section(page: str, heading: str) -> str:
    """The text below a heading, to the next one of its rank or a higher one."""
    _, text = page.split(f"\n{heading}\n")
    return re.split(rf"\n#{{1,{heading.count('#')}}} ", text)[0]


def table_after(text: str, head: str) -> list[list[str]]:
    """The rows of the table whose first line contains `head`, as cells."""
    lines = text[text.index(head) :].splitlines()
    rows: list[list[str]] = []
    for line in lines[2:]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.replace("\\|", "¦").strip("|").split("|")])
    assert rows
    return rows


def names_in(text: str) -> list[str]:
    return re.findall(r"`(?:wandb\.)?(\w+)`", text)


def test_the_list_of_options_names_the_tests_that_try_them() -> None:
    page = (ROOT / "docs/reference/wandb-options.md").read_text()
    named = set(re.findall(r"`(test_\w+)`", page))
    modules = ("artifacts", "collections", "options", "registries", "sweeps")
    tests = {
        path.stem.removeprefix("test_gateway_"): set(
            re.findall(r"^def (test_\w+)", path.read_text(), re.MULTILINE)
        )
        for path in (ROOT / "tests/gateway").glob("test_*.py")
    }
    assert named - set().union(*tests.values()) == set()
    assert set().union(*(tests[module] for module in modules)) - named == SAME_AS_LISTED


SAME_AS_LISTED = {"test_verify_is_content_but_for_https"}
"""Tests of the gateway's artifacts and sweeps that try what another one of the list tries."""


# -- names of the module ---


@pytest.mark.parametrize("name", sorted({*MISSING, *MISSING_INTEGRATIONS}))
def test_a_missing_name_says_what_to_do_instead(name: str) -> None:
    with pytest.raises(AttributeError, match=rf"weft has no {name}: \w.*[`\w]$") as raised:
        getattr(weft, name)
    if name in MISSING_INTEGRATIONS:
        assert "WANDB_BASE_URL" in str(raised.value)
        assert "`weft docs wandb-client`" in str(raised.value)


def test_an_integration_that_is_missing_says_what_to_do_under_weft_run(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text("from wandb.integration.sacred import WandbObserver\n")
    done = subprocess.run(
        [sys.executable, "-m", "weft.cli.main", "run", "train.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("ModuleNotFoundError: weft has no integration.sacred: this integration")
    assert "Keep `wandb` installed" in last


def test_python_suggests_no_inner_module_for_a_missing_name(tmp_path: Path) -> None:
    script = run_script(tmp_path, "import weft; weft.init().finish(); weft.Libraries")
    assert script.stderr.strip().endswith("module 'weft' has no attribute 'Libraries'")


def test_what_the_guide_calls_missing_is_missing() -> None:
    cells = [row[0] for row in table_after(COMING, "| in your script |")]
    names = {name for cell in cells for name in names_in(cell)}
    assert names >= set(MISSING) | {"sacred"}
    for name in names:
        assert not hasattr(weft, name), name
    calls = [call for cell in cells for call in re.findall(r"`(api|run)\.(\w+)\(\)`", cell)]
    assert calls
    for owner, name in calls:
        kind = CLASSES["Api" if owner == "api" else owner]
        assert not hasattr(kind, name), name
        assert name in kind.not_here, name


# -- names of Api ---


def test_a_missing_name_of_an_artifact_is_an_error_with_the_reason() -> None:
    for name in weft.Artifact.not_here:
        assert not hasattr(weft.Artifact, name)
        with pytest.raises(AttributeError, match=f"Artifact has no {name}: "):
            getattr(weft.Artifact("data", "dataset"), name)


def test_what_the_page_calls_the_same_is_here() -> None:
    rows = {row[0]: row[1] for row in table_after(DIFFERENCES, "| | |\n")}
    for name in names_in(rows["`Run`"]):
        assert hasattr(weft.Run, name), name
    for line in ("media", "tables and plots"):
        for name in names_in(rows[line]):
            if not name.startswith("_"):
                assert hasattr(weft, name) or hasattr(weft.data_types, name), name
    for name in names_in(rows["files, `watch`"]):
        assert hasattr(weft.Run, name), name


# -- settings ---


def setting_rows(text: str) -> list[tuple[str, str]]:
    return re.findall(r"^\| `(\w+)` \| `WEFT_(\w+)` \|", text, re.MULTILINE)


def client_settings() -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Names and variables of the settings that work, and of those that have no effect."""
    works, _, others = section(SETTINGS, "## Client").partition("have no effect in this version")
    return setting_rows(works), setting_rows(others)


@cache
def reads() -> dict[str, list[Path]]:
    """Each setting that the code reads as an attribute, with files that do."""
    works, others = client_settings()
    names = "|".join({"run_id", *(name for name, _ in works + others)})
    attribute = re.compile(rf"\.({names})\b")
    uses: dict[str, list[Path]] = {}
    for file in sorted((ROOT / "src/weft").rglob("*.py")):
        text = file.read_text()
        if uses.keys() >= set(attribute.findall(text)):
            continue
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
                uses.setdefault(node.attr, []).append(file)
    return uses


def test_each_setting_is_on_the_page_once() -> None:
    works, others = client_settings()
    names = [name for name, _ in works + others]
    assert len(set(names)) == len(names)
    documented = set(names) | {"run_id", "settings"}
    fields = {name for name in vars(read_settings({})) if not name.startswith("_")}
    assert fields - documented <= {"given", "id", "is_of_server"}, fields - documented


def test_settings_that_have_no_effect_are_never_read() -> None:
    _, others = client_settings()
    assert others
    for name, _ in others:
        assert reads().get(name, []) == [], name


def test_settings_that_work_are_read() -> None:
    works, _ = client_settings()
    assert len(works) > 60
    for name, variable in works:
        is_read = bool(reads().get("run_id" if name == "id" else name))
        assert is_read or name == "config_dir", f"{name} ({variable})"


@pytest.mark.parametrize("name", ["start_method", "x_disable_service", "console_multipart"])
def test_names_without_meaning_are_accepted_and_others_raise(name: str) -> None:
    with weft.init(mode="disabled", settings={name: 1}):
        pass
    with pytest.raises(ConfigError, match="did you mean"):
        weft.init(mode="disabled", settings={"projet": "x"})
