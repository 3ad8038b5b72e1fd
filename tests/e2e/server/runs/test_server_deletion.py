"""Deletion, undelete, moves and edits of many runs, by HTTP, of scripts that run or have ended."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import httpx
import pytest

from live_runs import PROJECT, LiveServer, await_no_sidecar
from sdk_script import run_well, start_script
from server_process import start_server, wait_until
from weft_command import run_weft

BASE = f"/api/v1/projects/local/{PROJECT}"

LOGGING = """
    import sys, weft
    run = weft.init(id={run!r}, config={{"lr": 0.5}})
    for step in range(3):
        run.log({{"loss": step}})
    print("logged", flush=True)
    sys.stdin.readline()
    for step in range(3, 6):
        run.log({{"loss": step}})
    run.finish()
    """


def started(folder: Path, live: LiveServer, run: str) -> subprocess.Popen[str]:
    """A script that has logged three rows and waits for a line on its standard input."""
    script = start_script(folder, LOGGING.format(run=run), live.environment, stdin=subprocess.PIPE)
    assert script.stdout is not None
    assert script.stdout.readline() == "logged\n"
    wait_until(lambda: live.has(run) and len(live.rows(run)) == 3, what="the rows so far")
    return script


def ended(script: subprocess.Popen[str]) -> str:
    """Let the script go on to its end; what it wrote to standard error."""
    _, stderr = script.communicate("\n", timeout=180)
    assert script.returncode == 0, stderr
    await_no_sidecar()
    return stderr


def losses(live: LiveServer, path: str) -> list[Any]:
    return [row["loss"] for row in live.api.run(path).scan_history()]


def change(client: httpx.Client, runs: list[str], **action: Any) -> dict[str, Any]:
    request = {"runs": runs, "action": action}
    return client.post(f"{BASE}/runs/bulk", json=request).raise_for_status().json()


def test_a_run_goes_to_the_trash_and_comes_back_whole(
    tmp_path: Path, live: LiveServer, client: httpx.Client
) -> None:
    run_well(
        tmp_path,
        """
        import weft
        run = weft.init(id="parent", config={"lr": 0.5}, tags=["t"])
        for step in range(5):
            run.log({"loss": step})
        run.finish()
        """,
        live.environment,
    )
    before = client.get(f"{BASE}/runs/parent").json()
    chart = {"panels": [{"runs": ["parent"], "keys": ["loss"]}]}
    drawn = client.post(f"{BASE}/series", json=chart).content
    assert client.delete(f"{BASE}/runs/parent").status_code == 204
    assert client.get(f"{BASE}/runs/parent").status_code == 410
    assert client.delete(f"{BASE}/runs/parent").status_code == 410
    (trashed,) = client.get(f"{BASE}/trash").json()["runs"]
    assert (trashed["id"], trashed["name"]) == ("parent", before["name"])
    assert client.post(f"{BASE}/runs/parent/undelete").json() == {"restored": True}
    assert client.get(f"{BASE}/runs/parent").json() == before
    assert client.post(f"{BASE}/series", json=chart).content == drawn
    assert losses(live, f"local/{PROJECT}/parent") == [0, 1, 2, 3, 4]


def test_an_upload_to_a_trashed_run_is_refused_and_sent_again_after_undelete(
    tmp_path: Path, live: LiveServer, client: httpx.Client
) -> None:
    script = started(tmp_path, live, "late")
    client.delete(f"{BASE}/runs/late").raise_for_status()
    assert "deleted" in ended(script)
    assert client.get(f"{BASE}/runs/late").status_code == 410
    assert client.post(f"{BASE}/runs/late/undelete").json() == {"restored": True}
    assert len(live.rows("late")) == 3
    (folder,) = (tmp_path / "weft").glob("run-*-late")
    done = run_weft("sync", folder, "--base-url", live.url, env=live.process.environment)
    assert done.exit_code == 0, done.stderr
    assert losses(live, f"local/{PROJECT}/late") == [0, 1, 2, 3, 4, 5]


def test_a_running_script_logs_on_to_where_its_run_was_moved(
    tmp_path: Path, live: LiveServer, client: httpx.Client
) -> None:
    script = started(tmp_path, live, "mover")
    assert change(client, ["mover"], kind="move", project="target")["n_done"] == 1
    ended(script)
    there = "/api/v1/projects/local/target/runs/mover"
    wait_until(
        lambda: client.get(there).json()["state"] == "finished", what="the end of the moved run"
    )
    assert losses(live, "local/target/mover") == [0, 1, 2, 3, 4, 5]
    for below in ("", "/history", "/writers", "/sizes?limit=5"):
        answer = client.get(f"{BASE}/runs/mover{below}")
        assert (answer.status_code, answer.json()["code"]) == (308, "moved")
        assert answer.headers["Location"] == there + below
        assert answer.json()["path"] == "local/target/mover"
        assert client.get(f"{BASE}/runs/mover{below}", follow_redirects=True).status_code == 200
    runs = client.get(f"{BASE}/runs").json()["runs"]
    assert "mover" not in [run["id"] for run in runs]


def test_many_runs_are_edited_deleted_and_brought_back_at_once(
    tmp_path: Path, live: LiveServer, client: httpx.Client
) -> None:
    run_well(
        tmp_path,
        """
        import weft
        for number in range(6):
            with weft.init(id=f"many{number}", config={"n": number}) as run:
                run.log({"loss": number})
        """,
        live.environment,
    )
    runs = [f"many{number}" for number in range(6)]
    wait_until(lambda: all(map(live.has, runs)), what="the runs")
    answer = change(client, [*runs, "none"], kind="edit", add_tags=["best"], group="g")
    assert (answer["n_done"], answer["n_failed"]) == (6, 1)
    (failed,) = answer["failed"]
    assert (failed["run"], failed["code"]) == ("none", "not_found")
    assert live.run("many3").tags == ["best"]
    request = {"filter": 'tags has "best" and config.n >= 4', "action": {"kind": "delete"}}
    assert client.post(f"{BASE}/runs/bulk", json=request).json()["n_done"] == 2
    assert client.get(f"{BASE}/runs/many5").status_code == 410
    assert change(client, runs, kind="undelete")["n_done"] == 6
    assert live.has("many5")


@pytest.mark.parametrize(
    "request_body",
    [
        {},
        {"runs": ["a"], "action": {"kind": "explode"}},
        {"runs": ["a"], "filter": "state = running", "action": {"kind": "delete"}},
        {"runs": "a", "action": {"kind": "delete"}},
        {"filter": "nonsense >", "action": {"kind": "delete"}},
        {"runs": ["a"], "action": {"kind": "move"}},
        {"runs": ["a"], "action": {"kind": "move", "project": "../etc"}},
        {"runs": ["a"], "action": {"kind": "edit", "name": ""}},
        {"runs": ["a"], "action": {"kind": "edit", "color": "red"}},
        {"runs": ["a"], "action": {"kind": "edit", "config": {"set": [[[], 1]]}}},
    ],
)
def test_bad_requests_name_what_is_wrong(
    tmp_path: Path, live: LiveServer, client: httpx.Client, request_body: Any
) -> None:
    client.put(BASE, json={"description": "here"}).raise_for_status()
    answer = client.post(f"{BASE}/runs/bulk", json=request_body)
    assert answer.status_code == 400, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert "Traceback" not in answer.text


def test_projects_are_made_described_deleted_and_brought_back(
    live: LiveServer, client: httpx.Client
) -> None:
    address = "/api/v1/projects/local/described"
    assert client.put(address).json()["description"] is None
    assert client.put(address, json={"description": "why"}).json()["description"] == "why"
    assert client.patch(address, json={"description": None}).json()["description"] is None
    assert client.put("/api/v1/projects/local/a%20%00b").status_code == 400
    assert client.delete(address).status_code == 204
    assert client.get(address).status_code == 404
    assert "described" in [
        project["project"] for project in client.get("/api/v1/trash").json()["projects"]
    ]
    assert client.put(address).status_code == 200
    assert client.post(f"{address}/undelete").status_code == 409
    restored = client.post(f"{address}/undelete", json={"name": "again"}).json()
    assert restored["project"] == "again"
    assert client.patch("/api/v1/projects/local/none", json={}).status_code == 404


def test_the_trash_of_weft_ui_outlives_its_store(tmp_path: Path) -> None:
    run_well(
        tmp_path,
        """
        import weft
        with weft.init(id="first", project="p") as run:
            run.log({"loss": 1.0})
        """,
    )

    def ids(client: httpx.Client) -> list[str]:
        answer = client.get("/api/v1/projects/local/p/runs")
        return [run["id"] for run in answer.json()["runs"]] if answer.is_success else []

    address = "/api/v1/projects/local/p/runs/first"
    with (
        start_server(tmp_path, str(tmp_path), command="ui") as server,
        httpx.Client(base_url=server.url, trust_env=False, timeout=30) as client,
    ):
        wait_until(lambda: ids(client) == ["first"], what="the run")
        edit = {"group": "g", "summary": {"set": [[["best"], 7]], "removed": []}}
        assert client.patch(address, json=edit).json()["summary"]["best"] == 7
        assert client.delete(address).status_code == 204
        move = {"runs": ["first"], "action": {"kind": "move", "project": "q"}}
        assert client.post("/api/v1/projects/local/p/runs/bulk", json=move).status_code == 409
    shutil.rmtree(Path(server.environment["XDG_CACHE_HOME"]) / "weft/ui")
    with (
        start_server(tmp_path, str(tmp_path), command="ui") as server,
        httpx.Client(base_url=server.url, trust_env=False, timeout=30) as client,
    ):
        (trashed,) = client.get("/api/v1/projects/local/p/trash").json()["runs"]
        assert trashed["id"] == "first"
        assert client.post(f"{address}/undelete").json() == {"restored": True}
        wait_until(lambda: ids(client) == ["first"], what="the run that came back")
        wait_until(lambda: client.get(address).json()["group"] == "g", what="the edit")
        assert client.get(address).json()["summary"]["best"] == 7
