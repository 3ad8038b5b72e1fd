"""The registry from scripts: link, use, unlink; offline and after a sync; read by `weft.Api`."""

from __future__ import annotations

from pathlib import Path

import pytest

import weft
from at_length import at_length
from live_runs import PROJECT, LiveServer
from sdk_script import run_well
from server_process import wait_until
from weft.client.artifact_client import ArtifactClient, VersionTarget
from weft.client.policy import Policy
from weft.client.shared import AlwaysAt, Server, SharedTransport
from weft.errors import CommError, ConfigError, Conflict, NotFound, Outdated, UsageError
from weft_command import run_weft

pytestmark = pytest.mark.timeout(300)


def client_of(live: LiveServer) -> ArtifactClient:
    server = Server(live.url, live.process.token, Policy())
    return ArtifactClient(SharedTransport(AlwaysAt(server)))


def aliases_of(live: LiveServer, collection: str) -> dict[str, str]:
    (match,) = live.api.registry("model").collections({"name": collection})
    return match.aliases


def test_a_model_is_linked_promoted_used_and_taken_back(live: LiveServer, tmp_path: Path) -> None:
    run_well(
        tmp_path,
        """
        import pathlib, weft
        with weft.init(id="train") as run:
            for at in range(2):
                pathlib.Path("w.pt").write_text(f"weights {at}")
                linked = run.link_model("w.pt", "digits", "net", aliases=["staging"])
            linked.wait(60)
            assert linked.name == "digits:v1", linked.name
            assert linked.qualified_name == "registry/model/digits:v1"
            assert linked.is_link and linked.aliases == ["latest", "staging"]
            assert linked.linked_at.startswith("20") and linked.linked_at.endswith("Z")
            assert linked.source_collection.entity == linked.source_entity == "local"
            assert linked.collection.entity == "registry"
            assert linked.source_qualified_name == "local/tests/net:v1"
            assert linked.type == "model"
        with weft.init(id="serve") as run:
            for name in ("registry/model/digits:staging", "wandb-registry-model/digits:staging",
                         "any-entity/wandb-registry-model/digits"):
                model = run.use_artifact(name)
                assert model.version == "v1", name
            folder = model.download()
            assert pathlib.Path(folder, "w.pt").read_text() == "weights 1"
        """,
        live.environment,
    )
    live.ended("serve")
    assert aliases_of(live, "digits") == {"latest": "v1", "staging": "v1"}
    source = live.api.artifact(f"local/{PROJECT}/net:v1")
    assert [artifact.qualified_name for artifact in source.linked_artifacts] == [
        "registry/model/digits:v1"
    ]
    assert not source.is_link
    assert source.source_artifact.name == "net:v1"
    linked = live.api.artifact("registry/model/digits:staging")
    assert linked.source_artifact.qualified_name == f"local/{PROJECT}/net:v1"
    graph = live.api.registry("model").collections()[0].version("v1")
    assert graph.digest == source.digest
    again = source.link("model/digits", ["production"])
    assert (again.version, again.aliases) == ("v1", ["latest", "production", "staging"])
    with pytest.raises(Conflict, match="weft artifact unlink registry/model/digits:v1"):
        source.delete(delete_aliases=True)
    with pytest.raises(UsageError, match="is no link"):
        source.unlink()
    linked.unlink()
    assert aliases_of(live, "digits") == {"latest": "v0"}
    history = live.api.registry("model").collections()[0].history()
    assert [(change.action, change.user) for change in history] == [
        ("unlink", "local"),
        ("alias", "local"),
        ("alias", "run train"),
        ("link", "run train"),
        ("alias", "run train"),
        ("link", "run train"),
    ]
    source.delete(delete_aliases=True)


@at_length
def test_a_link_that_was_logged_offline_is_made_once_at_sync(
    live: LiveServer, tmp_path: Path
) -> None:
    run_well(
        tmp_path,
        """
        import weft
        with weft.init(mode="offline", project="tests", id="afloat") as run:
            artifact = weft.Artifact("buoy", "model")
            with artifact.new_file("w") as file:
                file.write("weights")
            linked = run.link_artifact(artifact, "registry/model/buoy", aliases=["staging"])
            try:
                linked.wait(5)
            except weft.errors.Unavailable as error:
                assert "weft sync" in str(error)
            else:
                raise AssertionError
        """,
        {"WEFT_MODE": "offline"},
    )
    run_weft("sync", tmp_path / "weft", env=live.environment)
    wait_until(lambda: live.api.artifact_exists("registry/model/buoy:v0"), secs=60)
    first = live.api.artifact("registry/model/buoy:staging")
    assert first.source_qualified_name == f"local/{PROJECT}/buoy:v0"
    other = live.api.artifact(f"local/{PROJECT}/buoy:v0")
    assert other.link("model/buoy").version == "v0"
    first.aliases = ["tested"]
    done = run_weft("sync", tmp_path / "weft", env=live.environment)
    assert done.exit_code == 0, done.stderr
    assert aliases_of(live, "buoy") == {"latest": "v0", "tested": "v0"}


@at_length
def test_a_link_that_can_not_be_made_says_why(live: LiveServer, tmp_path: Path) -> None:
    live.api.create_registry("speech", description="what speaks")
    run_well(
        tmp_path,
        """
        import weft
        with weft.init(id="refused") as run:
            data = weft.Artifact("rows", "dataset")
            with data.new_file("a") as file:
                file.write("a")
            run.log_artifact(data).wait(60)
            missing = run.link_artifact(data, "typo/rows")
            try:
                missing.wait(60)
            except weft.errors.CommError as error:
                assert "no registry 'typo': there are model, dataset, speech" in str(error), error
            else:
                raise AssertionError
            run.link_artifact(data, "speech/rows").wait(60)
            for wrong in ("rows", "a/b/c/d", "model/a:v3"):
                try:
                    run.link_artifact(data, wrong)
                except weft.errors.ConfigError as error:
                    assert "is not a collection" in str(error)
                else:
                    raise AssertionError(wrong)
        """,
        live.environment,
    )
    registry = live.api.registry("speech")
    assert (registry.description, registry.role) == ("what speaks", "admin")
    assert [version.qualified_name for version in registry.versions()] == [
        "registry/speech/rows:v0"
    ]
    assert registry.versions({"alias": "none"}) == []
    with pytest.raises(Conflict, match="has 1 collections"):
        registry.delete()
    with pytest.raises(UsageError, match="unknown filter"):
        registry.versions({"color": "red"})


@at_length
def test_of_two_who_promote_one_is_told(live: LiveServer, tmp_path: Path) -> None:
    run_well(
        tmp_path,
        """
        import weft
        with weft.init(id="two") as run:
            for at in range(2):
                artifact = weft.Artifact("pair", "model")
                with artifact.new_file("w") as file:
                    file.write(str(at))
                run.link_artifact(artifact, "model/pair").wait(60)
        """,
        live.environment,
    )
    first, other = (live.api.artifact(f"registry/model/pair:v{at}") for at in range(2))
    first.aliases = ["production"]
    done = run_weft(
        "registry", "promote", "model/pair:v1", "production", "--from", "v1", env=live.environment
    )
    assert done.exit_code == 2
    assert "is at v0 by now, not at v1: look again" in done.stderr
    target = VersionTarget("registry", "model", "pair", "v1")
    seen = {"add_aliases": ["production"], "seen_aliases": {"production": None}}
    with pytest.raises(Outdated):
        client_of(live).edit(target, seen)
    other.aliases = ["production", "latest"]
    assert aliases_of(live, "pair")["production"] == "v1"


def test_a_draft_and_an_unknown_version_are_refused_where_they_are_given(live: LiveServer) -> None:
    with pytest.raises(UsageError, match="was not logged"):
        weft.Artifact("net", "model").link("model/digits")
    with pytest.raises(ConfigError):
        weft.Artifact("net", "model").link("digits")
    with pytest.raises(NotFound, match="no registry 'none'"):
        live.api.registry("none")
    with pytest.raises(CommError):
        live.api.artifact("registry/none/digits:v0")
