"""Keys of less scope, with both clients: a script with `log`, and a reader with `read`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest

from at_length import at_length
from sdk_script import run_script
from server_process import start_server
from wandb_client import WandbClient
from weft.server.services.access import LOCAL, RegistryPath
from weft.server.services.opening import open_services
from weft.wire.artifacts.registries import RegistryEdit
from weft.wire.server.keys import KeyAddition

SCRIPT = """
    run = client.init(project="scopes", id=name, resume="allow")
    run.log({"loss": 0.5})
    file = pathlib.Path(name + ".txt")
    file.write_text(name)
    run.save(str(file), base_path=".")
    artifact = client.Artifact("digits", type="dataset")
    artifact.add_file(str(file))
    artifact = run.log_artifact(artifact)
    artifact.wait()
    run.use_artifact("digits:latest").download()
    run.link_artifact(artifact, "wandb-registry-model/" + name, aliases=["staging"])
    run.summary["final"] = 1
    run.finish()
    run = client.init(project="scopes", id=name, resume="must")
    run.finish()
    stored = client.Api().run("ada/scopes/" + name)
    assert stored.summary["final"] == 1
    try:
        stored.config["more"] = 1
        stored.update()
    except Exception as error:
        print("REFUSED", error)
"""

READER = """
    stored = client.Api().run("ada/scopes/" + name)
    assert [row["loss"] for row in stored.scan_history()] == [0.5]
    assert stored.summary["final"] == 1
    try:
        stored.config["more"] = 1
        stored.update()
    except Exception as error:
        print("REFUSED", error)
"""


class Keys(NamedTuple):
    """A server, and keys of its user by scope."""

    url: str
    log: str
    read: str
    limited: str


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Keys]:
    folder = tmp_path_factory.mktemp("keys")
    services = open_services(folder / "data", jobs=False)
    services.users.add_user(LOCAL, "ada")
    ada = services.users.account(LOCAL, "ada")
    assert ada is not None
    # Ada is an admin of the registry, so that she may move the protected alias, but not her keys.
    services.registries.put(ada, RegistryPath("model"), RegistryEdit(protect=["production"]))
    log, read, limited = (
        services.keys.create(ada, KeyAddition(scope=scope, entity=entity)).api_key
        for scope, entity in (("log", None), ("read", None), ("write", "ada"))
    )
    services.close()
    with start_server(folder) as server:
        yield Keys(server.url, log, read, limited)


def code(head: str, text: str, name: str) -> str:
    lines = [f"import pathlib, {head} as client", f"name = {name!r}"]
    return "\n".join([*lines, *(line[4:] for line in text.splitlines())])


def run_weft_script(tmp_path: Path, keys: Keys, key: str, text: str) -> str:
    env = {"WEFT_MODE": "online", "WEFT_BASE_URL": keys.url, "WEFT_API_KEY": key}
    done = run_script(tmp_path, text, env)
    assert done.exit_code == 0, done.stdout + done.stderr
    return done.stdout


def test_a_log_key_does_what_a_script_does_and_edits_nothing(keys: Keys, tmp_path: Path) -> None:
    stdout = run_weft_script(tmp_path, keys, keys.log, code("weft", SCRIPT, "by-weft"))
    assert "may not change ada/scopes: its scope is log" in stdout
    stdout = run_weft_script(tmp_path, keys, keys.read, code("weft", READER, "by-weft"))
    assert "its scope is read" in stdout


@at_length
def test_the_official_client_does_the_same(keys: Keys, tmp_path: Path) -> None:
    client = WandbClient(keys.url, keys.log, tmp_path)
    script = client.run(code("wandb", SCRIPT, "by-wandb"))
    assert "may not change ada/scopes: its scope is log" in script.stdout
    reader = WandbClient(keys.url, keys.read, tmp_path)
    script = reader.run(code("wandb", READER, "by-wandb"))
    assert "its scope is read" in script.stdout


def test_a_log_links_no_more_than_its_key_may(keys: Keys, tmp_path: Path) -> None:
    text = """
    run = client.init(project="links", id=name)
    file = pathlib.Path(name + ".txt")
    file.write_text(name)
    artifact = client.Artifact("net", type="model")
    artifact.add_file(str(file))
    artifact = run.log_artifact(artifact)
    artifact.wait()
    run.link_artifact(artifact, "registry/model/" + name, aliases=["production"])
    run.finish()
    """
    for name, key, reason in (
        ("of-log", keys.log, "may not move the protected alias 'production': its scope is log"),
        ("of-ada", keys.limited, "may not link to registry/model/of-ada: it is for ada alone"),
    ):
        run_weft_script(tmp_path, keys, key, code("weft", text, name))
        answer = httpx.get(
            f"{keys.url}/api/v1/projects/ada/links/runs/{name}/artifacts",
            headers={"Authorization": f"Bearer {keys.read}"},
        )
        (link,) = answer.raise_for_status().json()["links"]
        assert reason in link["error"]
