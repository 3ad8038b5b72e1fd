"""`weft registry` and `weft artifact link` on a real server."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from at_length import at_length
from live_runs import PROJECT, LiveServer
from weft_command import Done, run_weft

pytestmark = pytest.mark.timeout(300)


class Shell:
    """`weft` with the address of a server."""

    def __init__(self, live: LiveServer) -> None:
        self._live = live

    def run(self, *arguments: str | Path) -> Done:
        return run_weft(*arguments, env=self._live.environment)

    def well(self, *arguments: str | Path) -> str:
        done = self.run(*arguments)
        assert done.exit_code == 0, done.stderr
        return done.stdout

    def read(self, *arguments: str | Path) -> Any:
        return json.loads(self.well(*arguments, "--json"))

    def refused(self, *arguments: str | Path) -> str:
        done = self.run(*arguments)
        assert done.exit_code == 2
        return done.stderr


def test_a_version_is_linked_promoted_shown_and_unlinked(live: LiveServer, tmp_path: Path) -> None:
    shell = Shell(live)
    weights = tmp_path / "w.pt"
    for at in range(2):
        weights.unlink(missing_ok=True)
        weights.write_text(f"weights {at}")
        shell.well("artifact", "put", weights, "--name", "net", "--type", "model")
    linked = shell.well("artifact", "link", "net:v0", "model/digits", "-a", "staging")
    assert linked == "registry/model/digits:v0  latest, staging\n"
    again = shell.read("artifact", "link", f"{PROJECT}/net", "wandb-registry-model/digits")
    assert again == {"name": "registry/model/digits:v1", "aliases": ["latest"]}
    assert shell.well("registry", "promote", "model/digits:v0", "production") == (
        "registry/model/digits:v0  production\n"
    )
    late = shell.refused("registry", "promote", "model/digits:v1", "production", "--from", "v1")
    assert "is at v0 by now" in late
    shell.well("registry", "promote", "model/digits:v1", "production", "--from", "v0")

    (collection,) = shell.read("registry", "ls", "model")
    assert collection["aliases"] == {"latest": "v1", "production": "v1", "staging": "v0"}
    assert "production v1" in shell.well("registry", "ls", "model")
    shown = shell.well("registry", "show", "model/digits")
    assert f"local/{PROJECT}/net:v0" in shown
    assert "moved production from v0 to v1" in shown
    assert f"linked local/{PROJECT}/net:v1 as v1" in shown
    report = shell.read("registry", "show", "model/digits")
    assert [version["version"] for version in report["versions"]] == ["v1", "v0"]
    assert report["history"][0]["user"] == "local"

    got = shell.well("artifact", "get", "registry/model/digits:staging", "--root", tmp_path / "g")
    assert Path(got.strip(), "w.pt").read_text() == "weights 0"
    refused = shell.refused("artifact", "rm", "net:v0")
    assert "weft artifact unlink registry/model/digits:v0" in refused
    assert "name the version" in shell.refused("artifact", "unlink", "registry/model/digits")
    shell.well("artifact", "unlink", "registry/model/digits:v0")
    assert "unlinked v0" in shell.well("registry", "show", "model/digits")
    shell.well("artifact", "rm", "net:v0")
    shell.well("registry", "rm", "model/digits")
    assert shell.read("registry", "ls", "model") == []


@at_length
def test_a_registry_is_made_described_protected_and_removed(live: LiveServer) -> None:
    shell = Shell(live)
    assert shell.well("registry", "create", "speech", "-d", "what speaks") == "registry/speech\n"
    (registry,) = (listed for listed in shell.read("registry", "ls") if listed["name"] == "speech")
    assert registry["description"] == "what speaks"
    assert shell.well("registry", "protect", "speech", "prod", "live") == (
        "protected in speech: live, prod\n"
    )
    assert shell.well("registry", "protect", "speech", "live", "--off") == (
        "protected in speech: prod\n"
    )
    assert shell.well("registry", "role", "speech", "viewer") == "all others: viewer in speech\n"
    assert "no user 'ada'" in shell.refused("registry", "role", "speech", "admin", "ada")
    run_weft("server", "user", "add", "ada", "--data", live.process.data)
    assert shell.well("registry", "role", "speech", "admin", "ada") == "ada: admin in speech\n"
    shown = shell.well("registry", "show", "speech")
    assert "role of ada" in shown
    assert "prod" in shown
    assert shell.well("registry", "role", "speech", "default", "ada") == "ada: viewer in speech\n"
    assert "name the user" in shell.refused("registry", "role", "speech", "default")
    shell.well("registry", "rm", "speech")
    assert "no registry 'speech'" in shell.refused("registry", "show", "speech")
