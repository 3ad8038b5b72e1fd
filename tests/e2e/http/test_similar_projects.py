"""A project whose name differs from another's in letter case only is told to who makes it."""

from __future__ import annotations

from pathlib import Path

import pytest

from live_runs import LiveServer
from sdk_script import run_well
from weft_command import run_weft

CODE = """
    import sys, weft
    run = weft.init(project={project!r}, id={run!r})
    run.log({{"a": 1}})
    run.finish()
"""


def test_names_that_differ_in_case_only_are_told(
    tmp_path: Path, live: LiveServer, capsys: pytest.CaptureFixture[str]
) -> None:
    def train(project: str, run: str) -> str:
        code = CODE.format(project=project, run=run)
        return run_well(tmp_path, code, live.environment).stderr

    assert "letter case" not in train("digits", "r1")
    message = train("Digits", "r2")
    assert (
        "project 'Digits' is another one than 'digits', which differs in letter case only"
        in message
    )
    assert "letter case" not in train("digits2", "r3")
    for project, run, n_warnings in (
        ("Digits", "r2", 1),
        ("digits", "r1", 1),
        ("digits2", "r3", 0),
    ):
        assert len(live.api.run(f"{project}/{run}").warnings) == n_warnings
    listed = run_weft("projects", "--base-url", live.url)
    assert "local/Digits and local/digits differ in letter case only" in listed.stderr
    # A project that has no runs yet is told, and is told of, too.
    live.api.create_project("DIGITS2", "local")
    warning = "project 'DIGITS2' is another one than 'digits2', which differs in letter case only"
    assert warning in capsys.readouterr().err
    assert warning in train("DIGITS2", "r4")
    live.api.create_project("digits2", "local")
    assert "is another one than 'DIGITS2'" in capsys.readouterr().err
    live.api.create_project("digits3", "local")
    assert "letter case" not in capsys.readouterr().err
    live.api.project("Digits").delete()
    assert live.api.run("digits/r1").warnings == []
