"""weft beside the official client: the same scripts, once with each, see the same.

Each `parity/parity_*_script.py` runs twice in a process and an empty folder of its own, offline:
as it is, and with `import weft as wandb`. Whatever they see differently stands below, under a
name that `docs/reference/wandb.md` explains; what has become the same has to leave the list.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent / "parity"
SUPPORT = Path(__file__).parents[1] / "support"
LOG_READERS = (SUPPORT / "scripts", SUPPORT / "servers")
DOCUMENT = HERE.parents[2] / "docs" / "reference" / "wandb.md"
SCRIPTS = sorted(path.stem for path in HERE.glob("parity_*_script.py"))
TIMEOUT_SECS = 240.0

DIFFERENCES: dict[str, list[str]] = {
    "steps in any order": [
        "log: descending steps",
        "log: negative step",
        "log: commit=True, then the same step",
        "summary: a step that descends",
    ],
    "`commit=False` shows at once": ["summary: commit=False counts"],
    "empty dicts inside": ["log: empty dict inside", "config: empty dict two deep"],
    "values set below a branch of the config": ["config: a tuple set below"],
    "a step metric that was never logged": ["log: step_sync: before any"],
    "`step_sync=False` in a later call": ["log: step_sync: switched off later"],
    "a value that is replaced in its row": ["summary: min of a value that is replaced in its row"],
    "None in the summary": [
        "summary: set to None",
        "summary: logged as None",
        "summary: logged as None after a value",
    ],
    "times and steps in the summary": [
        "summary: keys of every run",
        "summary: the names that every run has",
    ],
    "figures of matplotlib in `log`": ["media: figure of matplotlib"],
    "images and figures of other libraries": [
        "media: image of Pillow",
        "media: plot of Bokeh",
        "media: list of figures",
    ],
    "`watch`: when": ["watch: the default frequency"],
    "`watch`: NaN and infinities": ["watch: only NaN"],
    "`watch`: the same model twice": ["watch: the same model twice"],
    "`watch`: arguments without a meaning": ["watch: frequency of 0", "watch: no models"],
    "what `log_code` returns": ["disabled: log_code"],
    "`watch` with explicit steps": ["watch: explicit steps"],
    "an object of an unknown class": ["errors: log of an object", "config: object"],
    "complex numbers": ["config: complex"],
    "NaN in the config": ["config: not a number"],
    "arrays with one element": [
        "config: small array",
        "config: array of one",
        "tensors: config: jax float",
        "tensors: config: jax array",
        "tensors: config: jax int",
        "tensors: config: jax bool",
    ],
    "keys that are no strings": ["config: int key", "summary: int key"],
    "keys with a leading underscore": ["config: a leading underscore"],
    "absl's own flags": ["config: absl flags, all names"],
    "settings classes": ["config: object with attributes"],
    "YAML files of plain lines": ["config: YAML file of plain lines"],
    "`del run.config[...]`": ["config: deleted"],
    "`init(allow_val_change=True)`": ["config: change where init allowed it"],
    "nested metrics in the summary": ["summary: nested", "summary: a nested metric"],
    "a value that the script sets": ["summary: log of the same after set"],
    "branches of the summary": [
        "summary: set below",
        "summary: update of a branch",
        "summary: delete below",
        "summary: set below a definition",
    ],
    "NaN and infinities in aggregates": [
        "summary: min with what is not a number",
        "summary: max with infinity",
    ],
    "aggregates of text": ["summary: min of text"],
    "a second `init`": ["life: second init"],
    "`run.settings` is read-only": ["life: settings can't be changed"],
    "older names": [
        "life: Settings, start_method",
        "errors: finish quietly",
        "errors: resume 'None', as a document has it",
    ],
    "the same tag twice": [
        "errors: the same tag twice",
        "life: a tag twice",
        "life: run.tags after finish",
    ],
    "limits of names": [
        "errors: id that is too long",
        "errors: tag that is too long",
        "errors: empty tag",
    ],
    "arguments of a wrong type": [
        "errors: settings of a wrong type",
        "errors: tags of a wrong type",
        "errors: init_timeout below 0",
    ],
    "an empty variable": ["environment: an empty variable"],
    '`mode="disabled"`': [
        "disabled: step after log",
        "disabled: log after finish",
        "disabled: context",
        "disabled: use_artifact",
        "disabled: link_artifact",
        "disabled: log_model",
    ],
    "a run shown in a notebook": ["life: mime bundle"],
    "the official package's inside": [
        "names: scripts take wandb.env",
        "names: scripts take wandb.patched",
        "names: from wandb.sdk.lib.runid import generate_id",
        "names: from wandb.sdk.wandb_run import Run",
        "names: from wandb.sdk.lib import RunDisabled",
        "names: import wandb.util",
    ],
}
"""Differences on purpose: name -> where it shows, `script: thing`."""

LATER = frozenset(
    """
    EvalTable controller jupyter
    """.split()  # noqa: SIM905
)
"""Names that this version lacks, by class or call."""


def start(script: str, library: str, folder: Path) -> subprocess.Popen[str]:
    """Start a script with one of the libraries; its folder gets `results.json`."""
    work = folder / library / "work"
    work.mkdir(parents=True)
    code = (HERE / f"{script}.py").read_text()
    if library == "weft":
        code, n_changed = re.subn(r"^import wandb$", "import weft as wandb", code, flags=re.M)
        assert n_changed == 1
    path = folder / library / "script.py"
    path.write_text(code)
    environment = {
        **os.environ,
        "HOME": str(folder / library),
        "PARITY_LIBRARY": library,
        "PARITY_RESULTS": str(folder / library / "results.json"),
        "PYTHONPATH": os.pathsep.join(map(str, (HERE, *LOG_READERS))),
        "WANDB_MODE": "offline",
        "WANDB_SILENT": "true",
    }
    return subprocess.Popen(
        [sys.executable, str(path)],
        cwd=work,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def seen_by_both(script: str, folder: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """The views of a script with the official client and with weft."""
    processes = {library: start(script, library, folder) for library in ("wandb", "weft")}
    for library, process in processes.items():
        output, _ = process.communicate(timeout=TIMEOUT_SECS)
        assert process.returncode == 0, f"{script} with {library}:\n{output}"
    official, ours = (
        json.loads((folder / library / "results.json").read_text()) for library in processes
    )
    return official, ours


def is_same(official: dict[str, Any], ours: dict[str, Any]) -> bool:
    """Equal results; or errors, where whatever catches the official one catches ours."""
    if "raises" in official and "raises" in ours:
        return set(official["raises"]) <= set(ours["raises"])
    return official == ours


def is_later(difference: str) -> bool:
    subject, _, name = difference.partition(": ")
    return subject in {"names", "disabled"} and name.rpartition(".")[2] in LATER


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_script_sees_the_same_of_both_libraries(script: str, tmp_path: Path) -> None:
    official, ours = seen_by_both(script, tmp_path)
    assert official.keys() == ours.keys()
    subject = script.removeprefix("parity_").removesuffix("_script")
    differing = {
        f"{subject}: {name}" for name in official if not is_same(official[name], ours[name])
    }
    stated = {name for difference in DIFFERENCES.values() for name in difference}
    stated = {difference for difference in stated if difference.startswith(f"{subject}: ")}
    unstated = {difference for difference in differing - stated if not is_later(difference)}
    assert not unstated, "\n".join(
        f"{difference}\n  wandb {official[name]}\n  weft  {ours[name]}"
        for difference in sorted(unstated)
        for name in [difference.removeprefix(f"{subject}: ")]
    )
    assert stated <= differing, f"the same by now: {sorted(stated - differing)}"


def test_the_document_explains_each_difference() -> None:
    rows = re.findall(r"^\| ([^|]+?) \|", DOCUMENT.read_text(), re.MULTILINE)
    assert set(DIFFERENCES) <= set(rows)
