"""A project whose name differs from another's in letter case only is told to who makes it."""

from __future__ import annotations

from pathlib import Path

from live_runs import LiveServer
from sdk_script import run_well
from weft_command import run_weft

CODE = """
    import sys, weft
    run = weft.init(project={project!r}, id={run!r})
    run.log({{"a": 1}})
    run.finish()
"""


def test_names_that_differ_in_case_only_are_told(tmp_path: Path, live: LiveServer) -> None:
    def train(project: str, run: str) -> str:
        code = CODE.format(project=project, run=run)
        return run_well(tmp_path, code, live.environment).stderr

    assert "letter case" not in train("digits", "r1")
    said = train("Digits", "r2")
    assert (
        "project 'Digits' is another one than 'digits', which differs in letter case only" in said
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
    live.api.project("Digits").delete()
    assert live.api.run("digits/r1").warnings == []
