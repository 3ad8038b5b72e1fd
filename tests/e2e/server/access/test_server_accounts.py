"""Accounts on a real server: whose a key is, and that nothing of others' projects is seen.

Two users, ada and bob, and an administrator. Bob owns a project with everything that a project can
have. Ada asks every route of the API about it.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from at_length import at_length, engines_at_length
from made_artifacts import add_artifact, send_artifact
from postgres_cluster import PostgresCluster
from run_log_bytes import HandMadeLog
from sdk_script import run_well
from server_process import ServerProcess, start_server
from weft.records.record import Key, Schema
from weft.server.http.description.examples import BODIES
from weft.wire.ingest.small_logs import SmallLog
from weft_command import run_weft

CHOSEN = "lab-" + "0123456789abcdef" * 3
TABLE = "media/table/predictions.table.parquet"


class Lab:
    """The server and its users' keys."""

    def __init__(self, server: ServerProcess) -> None:
        self.server = server
        self.keys: dict[str, str] = {}

    def client(self, user: str | None) -> httpx.Client:
        headers = {} if user is None else {"Authorization": f"Bearer {self.keys[user]}"}
        return httpx.Client(base_url=self.server.url, headers=headers, timeout=30, trust_env=False)

    def weft(self, *arguments: object) -> Any:
        return run_weft("server", "user", *arguments, "--data", self.server.data, "--json")

    def add(self, name: str, *more: object) -> None:
        done = self.weft("add", name, *more)
        assert done.exit_code == 0, done.stderr
        self.keys[name] = done.report["api_key"]


ON_BOTH = {
    "test_a_key_is_its_users_and_an_unknown_one_is_refused",
    "test_bad_users_are_refused_with_the_reason",
    "test_no_route_shows_a_user_anything_of_another",
    "test_lists_hold_only_ones_own",
    "test_a_user_writes_nothing_into_anothers_project",
    "test_a_changed_key_ends_all_that_the_old_one_allowed",
    "test_users_change_their_own_key_and_administrators_any",
}
"""Tests of keys and permissions also run where the metadata are in PostgreSQL."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "lab" in metafunc.fixturenames:
        is_on_both = metafunc.definition.originalname in ON_BOTH
        databases = ["sqlite", "postgres"] if is_on_both else ["sqlite"]
        metafunc.parametrize("lab", databases, indirect=True, scope="module")


@pytest.fixture(scope="module")
def lab(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    postgres_cluster: PostgresCluster,
) -> Iterator[Lab]:
    folder = tmp_path_factory.mktemp("server")
    options = ["--metadata-url", postgres_cluster.new_database()]
    if request.param == "sqlite":
        options = []
    created = run_weft(
        "server", "user", "add", "early", "--data", folder / "data", *options, "--json"
    )
    with start_server(folder, *options) as server:
        lab = Lab(server)
        lab.keys["early"] = created.report["api_key"]
        lab.add("ada")
        lab.add("bob", "--api-key", CHOSEN)
        lab.add("root", "--admin")
        yield lab


@pytest.fixture(scope="module")
def secret(lab: Lab) -> HandMadeLog:
    """Bob's run; its scripts named no entity."""
    log = HandMadeLog(
        run="ab12cd34",
        writer="k3p9x0q2m7ds",
        project="mnist",
        anchor_micros=time.time_ns() // 1000,  # a run of today, as lists of activity show
    )
    log.config(lr=0.1, secret="of bob")
    log.keys("train/loss")
    log.rows([[1.0 / (i + 1)] for i in range(50)])
    log.add(Key(1, "predictions"))
    log.add(Schema(1, [1]))
    log.add([3, 1, 100_000, 100, [{"_type": "table-file", "path": TABLE, "ncols": 1, "nrows": 1}]])
    files = {"media/sample.png": b"png"}
    manifest = add_artifact(log, 1, files, name="mnist-train")
    log.finish()
    with lab.client("bob") as bob:
        assert log.upload(bob).status_code == 200
        send_artifact(bob, "bob/mnist", log, manifest, list(files.values()))
        assert bob.get("/api/v1/projects/bob/mnist/artifacts/mnist-train").status_code == 200
        table = io.BytesIO()
        pq.write_table(pa.table({"loss": [0.5]}), table)
        for path, content in {"media/sample.png": b"png", TABLE: table.getvalue()}.items():
            bob.put(f"{log.path}/files/{path}", content=content).raise_for_status()
        view = {"kind": "shared", "name": "Paper", "document": {}}
        created = bob.post("/api/v1/projects/bob/mnist/views", json=view)
        assert created.status_code == 201, created.text
    return log


# --- keys --------------------------------------------------------------------------------------


def test_a_key_is_its_users_and_an_unknown_one_is_refused(lab: Lab) -> None:
    expected = {
        None: (None, "local", True),
        "ada": ("ada", "ada", False),
        "early": ("early", "early", False),
        "root": ("root", "local", True),
    }
    for user, facts in expected.items():
        with lab.client(user) as client:
            info = client.get("/api/v1/server").json()
        assert (info["account"], info["entity"], info["is_admin"]) == facts
    lab.keys["stranger"] = "weft-" + "0" * 40
    with lab.client("stranger") as stranger:
        refused = stranger.get("/api/v1/server")
    assert refused.status_code == 401
    assert "does not know the key" in refused.json()["detail"]


def test_keys_are_stored_as_hashes_and_readable_by_the_official_client(lab: Lab) -> None:
    assert lab.keys["bob"] == CHOSEN
    for key in lab.keys.values():
        rest = key.partition("-")[2]
        assert len(rest) >= 40
    # The write-ahead log, too: it holds what was written last.
    stored = b"".join(path.read_bytes() for path in lab.server.data.glob("metadata.db*"))
    assert b"early" in stored
    for user in ("ada", "bob", "early"):
        assert lab.keys[user].encode() not in stored


@at_length
def test_users_are_listed_and_removed_while_the_server_runs(lab: Lab) -> None:
    lab.add("gone")
    assert "gone" in [user["name"] for user in json.loads(lab.weft("list").stdout)]
    plain = run_weft("server", "--data", lab.server.data, "user", "list").stdout
    assert "root" in plain
    assert "administrator" in plain
    with lab.client("gone") as gone:
        shown: list[str] = []
        began = threading.Event()

        def follow() -> None:
            with gone.stream("GET", "/api/v1/projects/gone/mnist/events") as stream:
                for line in stream.iter_lines():
                    shown.append(line)
                    began.set()

        reader = threading.Thread(target=follow)
        reader.start()
        assert began.wait(30)
        assert lab.weft("remove", "gone").exit_code == 0
        assert gone.get("/api/v1/server").status_code == 401
        reader.join(60)
        assert not reader.is_alive(), "the live stream of a removed user ends"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["add", "ada"], "there is a user or team 'ada' already"),
        (["add", "local"], "choose another name"),
        (["add", "a/b"], "1 to 64 characters"),
        (["add", "new", "--api-key", "short"], "40 to 256 characters"),
        (["add", "fay", "--api-key", CHOSEN], "in use"),
        (["remove", "unknown"], "no user 'unknown'"),
        (["key", "unknown"], "no user 'unknown'"),
        (["key", "ada", "--api-key", "short"], "40 to 256 characters"),
        (["key", "ada", "--api-key", CHOSEN], "in use"),
    ],
)
def test_bad_users_are_refused_with_the_reason(
    lab: Lab, arguments: list[str], message: str
) -> None:
    done = lab.weft(*arguments)
    assert done.exit_code != 0
    assert message in done.stderr


# --- others' projects --------------------------------------------------------------------------


@engines_at_length("postgres")
def test_no_route_shows_a_user_anything_of_another(lab: Lab, secret: HandMadeLog) -> None:
    """Each described address below bob's project, with the body of its example."""
    there = {
        "entity": "bob",
        "project": "mnist",
        "run": "ab12cd34",
        "writer": "k3p9x0q2m7ds",
        "key": "train/loss",
        "path": "media/sample.png",
        "view": "default",
        "sha256": "0" * 64,
        "artifact": "mnist-train",
        "version": "v0",
        "sweep": "m4x7k2pd",
        "report": "0123456789ab",
        "comment": "c0123456789a",
        "number": "1",
        "agent": "k3p9x0q2m7ds",
        "user": "bob",
        "share": "ab12cd34",
    }
    with lab.client("ada") as ada, lab.client("bob") as bob:
        document = ada.get("/api/v1/openapi.json").json()
        operations = [
            (path, method, operation)
            for path, methods in document["paths"].items()
            for method, operation in methods.items()
            if "{entity}" in path
        ]
        assert len(operations) > 40
        for path, method, operation in operations:
            names = [
                parameter["name"]
                for parameter in operation.get("parameters", [])
                if parameter["in"] == "query" and parameter.get("required")
            ]
            query = {name: "0" if name == "position" else "train/loss" for name in names}
            body = BODIES.get(operation["operationId"])
            if method == "get" and not path.endswith("/events"):
                own = bob.get(path.format(**there), params=query)
                assert own.status_code not in {401, 403}, (path, own.text)
            details: list[str] = []
            for project in ("mnist", "nothing"):
                address = path.format(**{**there, "project": project})
                sent: dict[str, Any] = {"json": body}
                if operation["operationId"] == "upload_contents":
                    sent = {"content": msgspec.msgpack.encode([])}
                answer = ada.request(
                    method, address, params=query, headers={"If-Match": '"1"'}, **sent
                )
                assert answer.status_code == 403, (method, address, answer.text)
                detail = "" if method == "head" else answer.json()["detail"]
                details.append(detail.replace("nothing", "mnist"))
            assert details[0] == details[1], "it shows whether the project exists"
        assert bob.get(secret.path.replace("/local/", "/bob/")).status_code == 200


def test_lists_hold_only_ones_own(lab: Lab, secret: HandMadeLog) -> None:
    assert secret
    own = HandMadeLog(run="adasrun1", writer="adaswriter01", project="mnist")
    own.rows([])
    own.finish()
    with lab.client("ada") as ada, lab.client("bob") as bob, lab.client(None) as local:
        assert own.upload(ada).status_code == 200
        bob.put("/api/v1/projects/bob/binned").raise_for_status()
        bob.delete("/api/v1/projects/bob/binned").raise_for_status()
        for path in ("/api/v1/projects", "/api/v1/projects/activity", "/api/v1/trash"):
            assert "bob" not in ada.get(path).raise_for_status().text, path
            assert "bob" in local.get(path).raise_for_status().text, path
        assert ada.delete("/api/v1/trash").raise_for_status().json()["n_done"] == 0
        assert "binned" in bob.get("/api/v1/trash").text
        assert ada.get("/api/v1/projects/local/mnist").json()["entity"] == "ada"
        for method, path in (
            ("GET", "/api/v1/users"),
            ("GET", "/api/v1/server/key"),
            ("POST", "/api/v1/server/check"),
            ("GET", "/metrics"),
        ):
            assert ada.request(method, path).status_code == 403, path


def test_a_user_writes_nothing_into_anothers_project(lab: Lab, secret: HandMadeLog) -> None:
    with lab.client("ada") as ada, lab.client("bob") as bob:
        own = HandMadeLog(run="adasrun2", writer="adaswriter02", project="mine")
        own.finish()
        assert own.upload(ada).status_code == 200
        moved = ada.post(
            "/api/v1/projects/ada/mine/runs/bulk",
            json={
                "runs": ["adasrun2"],
                "action": {"kind": "move", "project": "mnist", "entity": "bob"},
            },
        )
        assert moved.status_code == 403
        archive = bob.get("/api/v1/projects/bob/mnist/archive").raise_for_status().content
        zip_type = {"Content-Type": "application/zip"}
        refused = ada.post("/api/v1/archives", content=archive, headers=zip_type)
        assert "belongs to bob" in refused.text
        conflict = ada.post("/api/v1/projects/ada/copy/archive", content=archive, headers=zip_type)
        assert '"entity":"ada"' in conflict.text.replace(" ", "")
        small = [
            SmallLog(
                entity=entity, project="mnist", run="small001", writer=writer, data=secret.data
            )
            for entity, writer in (("bob", "adaswriter03"), ("local", "adaswriter04"))
        ]
        body = zstandard.compress(msgspec.msgpack.encode(small))
        answers = ada.post(
            "/api/v1/logs", content=body, headers={"Content-Type": "application/zstd"}
        )
        assert answers.json()["logs"][0]["code"] == "forbidden"


def test_a_script_writes_to_the_entity_of_its_key(lab: Lab, tmp_path: Path) -> None:
    code = "import weft; run = weft.init(project='scripts'); run.log({'loss': 1.0}); run.finish()"
    key = lab.keys["ada"]
    variables = {"WEFT_MODE": "online", "WEFT_BASE_URL": lab.server.url, "WEFT_API_KEY": key}
    done = run_well(tmp_path, code, env=variables)
    assert "View run" in done.stderr, done.stderr
    with lab.client(None) as local:
        assert local.get("/api/v1/projects/ada/scripts").json()["n_runs"] == 1
        assert local.get("/api/v1/projects/local/scripts").status_code == 404


AS_ANOTHER = """
import encodings.idna, http.client, json, os, sys
address, keys = json.loads(sys.argv[1])
os.setgroups([]), os.setgid(65534), os.setuid(65534)
for key in keys:
    connection = http.client.HTTPConnection(address, timeout=30)
    headers = {"Authorization": "Bearer " + key} if key else {}
    connection.request("GET", "/api/v1/server", headers=headers)
    answer = connection.getresponse()
    print(json.dumps([answer.status, json.loads(answer.read()).get("account")]))
"""


def test_a_refused_key_leaves_the_run_here_and_says_where_the_key_came_from(
    lab: Lab, tmp_path: Path
) -> None:
    code = "import weft; run = weft.init(project='refused'); run.log({'loss': 1.0}); run.finish()"
    cloud = {"WANDB_BASE_URL": lab.server.url, "WANDB_API_KEY": "0" * 40}
    done = run_well(tmp_path, code, env={"WEFT_MODE": "online", "WEFT_BASE_URL": "", **cloud})
    assert "The key in WANDB_API_KEY is not known to" in done.stderr
    assert "weft sync" in done.stderr
    key = {"WEFT_BASE_URL": lab.server.url, "WEFT_API_KEY": lab.keys["ada"]}
    sent = run_weft("sync", tmp_path, env=key)
    assert sent.exit_code == 0, sent.stderr
    with lab.client(None) as local:
        assert local.get("/api/v1/projects/ada/refused").status_code == 200


@at_length
def test_two_users_of_one_machine_never_mix(lab: Lab) -> None:
    """Another uid of this machine is whose key it sends, and no one without a key."""
    assert os.getuid() == 0, "this test needs root, to become another user"
    keys = ["", "weft-" + "1" * 40, lab.keys["ada"], lab.keys["bob"], lab.server.token]
    question = json.dumps([lab.server.url.partition("//")[2], keys])
    done = subprocess.run(
        [sys.executable, "-I", "-c", AS_ANOTHER, question],
        capture_output=True,
        text=True,
        timeout=180,
        check=True,
    )
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert answers == [[401, None], [401, None], [200, "ada"], [200, "bob"], [200, None]]


def test_a_browser_signs_in_with_a_users_key(lab: Lab) -> None:
    lab.add("visitor")
    with httpx.Client(base_url=lab.server.url, timeout=30, trust_env=False) as browser:
        page = browser.post("/visitor", data={"token": lab.keys["visitor"]})
        assert (page.status_code, page.headers["location"]) == (303, "/visitor")
        assert browser.get("/api/v1/server").json()["account"] == "visitor"
        assert lab.keys["visitor"] not in str(dict(browser.cookies))
        assert lab.weft("remove", "visitor").exit_code == 0
        # The server's own user again: the cookie of a removed user is no one's.
        assert browser.get("/api/v1/server").json()["account"] is None
    with lab.client("ada") as ada, httpx.Client(timeout=30, trust_env=False) as browser:
        link = ada.post("/api/v1/server/login-addresses").json()["url"]
        assert browser.get(link).status_code == 303
        assert browser.get(f"{lab.server.url}/api/v1/server").json()["account"] == "ada"


SIGNED = """{ project(name: "keys", entityName: "rotated") { run(name: "signed01") {
    files(names: ["a.txt"]) { edges { node { directUrl } } } } } }"""


def signed_address(client: httpx.Client) -> str:
    """The signed address of a file of user `rotated`."""
    log = HandMadeLog(run="signed01", writer="signedwriter", project="keys")
    log.rows([])
    log.finish()
    assert log.upload(client).status_code in {200, 409}
    path = "/api/v1/projects/rotated/keys/runs/signed01/files/a.txt"
    client.put(path, content=b"content").raise_for_status()
    answer = client.post("/graphql", json={"query": SIGNED}).raise_for_status().json()
    [edge] = answer["data"]["project"]["run"]["files"]["edges"]
    return edge["node"]["directUrl"]


@engines_at_length("postgres")
def test_a_changed_key_ends_all_that_the_old_one_allowed(lab: Lab) -> None:
    lab.add("rotated")
    old = lab.keys["rotated"]
    with (
        lab.client("rotated") as scripts,
        httpx.Client(base_url=lab.server.url, timeout=30, trust_env=False) as browser,
        httpx.Client(timeout=30, trust_env=False) as anyone,
    ):
        assert browser.post("/", data={"token": old}).status_code == 303
        link = scripts.post("/api/v1/server/login-addresses").json()["url"]
        address = signed_address(scripts)
        assert anyone.get(address).text == "content"
        done = lab.weft("key", "rotated")
        assert done.exit_code == 0, done.stderr
        lab.keys["rotated"] = done.report["api_key"]
        assert lab.keys["rotated"] != old
        assert scripts.get("/api/v1/server").status_code == 401
        assert browser.get("/api/v1/server").json()["account"] is None
        assert "set-cookie" not in anyone.get(link).headers
        refused = anyone.get(address)
        assert refused.status_code == 403
        assert "user's key" in refused.text
        with lab.client("rotated") as renewed:
            assert renewed.get("/api/v1/server").json()["account"] == "rotated"
            again = signed_address(renewed)
        assert anyone.get(again).text == "content"
        # Nor do addresses of a removed user come back with the name.
        assert lab.weft("remove", "rotated").exit_code == 0
        assert anyone.get(again).status_code == 403
        refused = lab.weft("add", "rotated")
        assert "with 1 project" in refused.stderr
        assert "--take-over" in refused.stderr
        lab.add("rotated", "--take-over")
        assert anyone.get(again).status_code == 403
        assert anyone.get(address).status_code == 403


def test_users_change_their_own_key_and_administrators_any(lab: Lab) -> None:
    lab.add("changing")
    with (
        httpx.Client(base_url=lab.server.url, timeout=30, trust_env=False) as browser,
        httpx.Client(base_url=lab.server.url, timeout=30, trust_env=False) as other,
        lab.client("ada") as ada,
        lab.client("root") as root,
    ):
        for session in (browser, other):
            session.post("/", data={"token": lab.keys["changing"]})
        path = "/api/v1/users/changing/key"
        assert ada.put(path, json={}).status_code == 403
        assert ada.put("/api/v1/users/nobody/key", json={}).status_code == 403
        assert root.put("/api/v1/users/nobody/key", json={}).status_code == 404
        assert browser.put(path, json={"api_key": "short"}).status_code == 400
        refused = browser.put(path, json={"api_key": lab.keys["ada"]})
        assert refused.status_code == 409
        changed = browser.put(path, json={}).raise_for_status()
        assert browser.get("/api/v1/server").json()["account"] == "changing"
        assert other.get("/api/v1/server").json()["account"] is None
        with lab.client("changing") as old:
            assert old.get("/api/v1/server").status_code == 401
        lab.keys["changing"] = changed.json()["api_key"]
        with lab.client("changing") as new:
            assert new.get("/api/v1/server").json()["account"] == "changing"
        by_admin = root.put(path, json={"api_key": "lab-" + "fedcba9876543210" * 3})
        assert by_admin.status_code == 200
        assert "set-cookie" not in by_admin.headers
        assert browser.get("/api/v1/server").json()["account"] is None


@at_length
def test_login_and_status_say_whose_account_it_is(lab: Lab, tmp_path: Path) -> None:
    home = {"NETRC": str(tmp_path / "netrc"), "WEFT_CONFIG_DIR": str(tmp_path)}
    key = lab.keys["ada"]
    done = run_weft("login", "--base-url", lab.server.url, "--key", key, env=home)
    assert f"Logged in to {lab.server.url} as ada" in done.stderr
    assert ", as ada" in run_weft("status", env=home).stdout
