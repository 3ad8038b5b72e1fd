"""Metadata of a run's process: no secret of the command line."""

from __future__ import annotations

import json

import pytest

from weft.records.secrets.redaction import Redactor
from weft.sdk.recording.environment import describe_process
from weft.sdk.setup.settings import Settings

SECRET = "q3vXw81LmZ0pT7"


@pytest.mark.parametrize(
    "arguments",
    [
        ["--api-key", SECRET],
        [f"--api_key={SECRET}"],
        [f"token={SECRET}"],
        ["--hub-token", SECRET],
        ["-password", SECRET],
        [f"--aws-secret-access-key={SECRET}"],
        [f"sk-{SECRET}"],
        ["--header", f"hf_{SECRET}"],
        [f"--remote=https://user:ghp_{SECRET}@example.org"],
    ],
    ids=" ".join,
)
def test_secrets_of_the_command_line_are_left_out(
    monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["train.py", "--lr", "0.1", *arguments, "--epochs", "3"])
    facts = describe_process(0, "1", Settings(), Redactor())
    assert SECRET not in json.dumps(facts)
    assert facts["program"] == "train.py"
    assert facts["args"][:2] == ["--lr", "0.1"]
    assert facts["args"][-2:] == ["--epochs", "3"]
