"""Changes of runs by people while and after scripts write them; and rows that come late.

A metric deleted while it is written, config and summary edited during a run and after its end, by
HTTP as the browser does it; scripts in processes of their own, read back through `weft.Api`.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from at_length import at_length
from live_runs import PROJECT, LiveServer, await_no_sidecar
from sdk_script import run_well, start_script
from server_process import wait_until
from weft.sync.by_hand.command import sync

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def project_client(live: LiveServer) -> Iterator[httpx.Client]:
    base = f"{live.url}/api/v1/projects/local/{PROJECT}"
    with httpx.Client(base_url=base, timeout=30, trust_env=False) as client:
        yield client


@contextmanager
def obeying(folder: Path, code: str, live: LiveServer) -> Iterator[subprocess.Popen[str]]:
    """A script that runs each line it is told, and answers when it is done; it ends well."""
    script = start_script(
        folder,
        code + "\nimport sys\nfor line in sys.stdin:\n    exec(line); print('done', flush=True)\n",
        {**live.environment, "WEFT_SYSTEM_INTERVAL": "0"},
        stdin=-1,
    )
    yield script
    _, stderr = script.communicate(timeout=180)
    assert script.returncode == 0, stderr


def tell(script: subprocess.Popen[str], line: str) -> None:
    assert script.stdin is not None
    assert script.stdout is not None
    script.stdin.write(line + "\n")
    script.stdin.flush()
    assert script.stdout.readline() == "done\n"


def points(client: httpx.Client, run_id: str) -> dict[str, int]:
    answer = client.get("/metrics", params={"runs": run_id})
    return {
        metric["key"]: metric["n_points"] for metric in answer.raise_for_status().json()["metrics"]
    }


def await_points(client: httpx.Client, run_id: str, key: str, n_points: int) -> None:
    wait_until(
        lambda: (
            client.get(f"/runs/{run_id}").status_code == 200
            and points(client, run_id).get(key) == n_points
        ),
        secs=60,
        what=f"{n_points} points of {key}",
    )


# --- a metric is deleted while it is written --------------------------------------------------


def test_of_a_metric_deleted_while_it_is_written_only_later_points_show(
    tmp_path: Path, live: LiveServer, project_client: httpx.Client
) -> None:
    log = "for n in range({}, {}): run.log({{'loss': n, 'acc': n, 'sub/key': -n}})"
    code = (
        "import weft\nrun = weft.init(id='cut')\nrun.define_metric('loss', summary='min,max,mean')"
    )
    with obeying(tmp_path, code, live) as script:
        tell(script, log.format(0, 100))
        await_points(project_client, "cut", "loss", 100)
        for key in ("loss", "sub/key"):
            assert project_client.delete(f"/runs/cut/metrics/{key}").status_code == 204
        assert points(project_client, "cut") == {"acc": 100}
        assert "loss" not in project_client.get("/runs/cut").json()["summary"]
        assert live.values("cut", "loss") == []
        assert live.values("cut", "acc") == list(range(100))
        tell(script, log.format(100, 130))
        await_points(project_client, "cut", "loss", 30)
        assert live.values("cut", "loss") == list(range(100, 130))
        # The summary follows the points.
        wait_until(
            lambda: live.run("cut").summary.get("loss", {}).get("max") == 129, what="the summary"
        )
        shown = live.run("cut").summary["loss"]
        assert (shown["min"], shown["max"]) == (100, 129)
        assert shown["mean"] == pytest.approx(114.5)
        # Deleted once more, and that is where it stays.
        assert project_client.delete("/runs/cut/metrics/loss").status_code == 204
        tell(script, "run.log({'acc': 130})")
        await_points(project_client, "cut", "acc", 131)
    stored = live.ended("cut")
    assert live.values("cut", "loss") == []
    assert "loss" not in stored.summary
    assert points(project_client, "cut") == {"acc": 131, "sub/key": 30}
    assert stored.summary["acc"] == 130


def test_a_deleted_metric_stays_away_after_a_restart_and_a_sync_of_the_whole_log(
    tmp_path: Path,
) -> None:
    with LiveServer(tmp_path / "server") as live:
        base = f"{live.url}/api/v1/projects/local/{PROJECT}"
        run_well(
            tmp_path,
            """
            import weft
            with weft.init(id="gone") as run:
                for n in range(50):
                    run.log({"loss": n, "acc": n})
            """,
            live.environment,
        )
        live.ended("gone")
        assert httpx.delete(f"{base}/runs/gone/metrics/loss").status_code == 204
        live.process.kill()
        live.start_again()
        await_no_sidecar()  # it has the log until then
        assert sync([tmp_path], base_url=live.url) == 0
        assert live.values("gone", "loss") == []
        assert live.values("gone", "acc") == list(range(50))
        assert live.run("gone").summary == {"acc": 49}


# --- edits of config and summary --------------------------------------------------------------


def edit(client: httpx.Client, run_id: str, **changes: Any) -> dict[str, Any]:
    answer = client.patch(f"/runs/{run_id}", json=changes)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_edits_after_the_end_win_and_survive_a_restart(tmp_path: Path) -> None:
    with LiveServer(tmp_path / "server") as live:
        run_well(
            tmp_path,
            """
            import weft
            config = {"lr": 0.1, "model": {"depth": 3, "width": 4}}
            with weft.init(id="done", config=config) as run:
                for n in range(10):
                    run.log({"loss": 10 - n, "acc": n})
                run.summary["verdict"] = "bad"
            """,
            live.environment,
        )
        live.ended("done")
        base = f"{live.url}/api/v1/projects/local/{PROJECT}"
        expected_config = {"lr": 0.2, "model": {"depth": 3}, "note": [1, "two"]}
        expected_summary = {"loss": 0.5, "acc": 9, "verdict": "good", "best": {"loss": 1}}
        with httpx.Client(base_url=base, timeout=30, trust_env=False) as client:
            edited = edit(
                client,
                "done",
                config={
                    "set": [[["lr"], 0.2], [["note"], [1, "two"]]],
                    "removed": [["model", "width"]],
                },
                summary={
                    "set": [[["loss"], 0.5], [["verdict"], "good"], [["best", "loss"], 1]],
                    "removed": [],
                },
            )
        assert (edited["config"], edited["summary"]) == (expected_config, expected_summary)
        for _ in range(2):
            stored = live.run("done")
            assert stored.config == expected_config
            assert dict(stored.summary) == expected_summary
            assert stored.state == "finished"
            live.process.kill()
            live.start_again()
        # The log is all there already: sending it again brings nothing back.
        await_no_sidecar()  # it has the log until then
        assert sync([tmp_path], base_url=live.url) == 0
        assert live.run("done").config == expected_config
        assert dict(live.run("done").summary) == expected_summary


def test_a_running_script_may_change_again_what_was_edited(
    tmp_path: Path, live: LiveServer, project_client: httpx.Client
) -> None:
    code = "import weft\nrun = weft.init(id='both', config={'lr': 1, 'seed': 7})"
    with obeying(tmp_path, code, live) as script:
        tell(script, "run.log({'loss': 3})")
        await_points(project_client, "both", "loss", 1)
        edit(
            project_client,
            "both",
            config={"set": [[["lr"], 2], [["seed"], 8]]},
            summary={"set": [[["loss"], "by hand"]], "removed": []},
        )
        # What a person set in the summary shows whatever is logged; config is by the later change.
        tell(script, "run.log({'loss': 2})")
        tell(script, "run.config.update({'lr': 3}, allow_val_change=True)")
        await_points(project_client, "both", "loss", 2)
        wait_until(lambda: live.run("both").config["lr"] == 3, what="the script's change")
        assert live.run("both").config == {"lr": 3, "seed": 8}
        assert dict(live.run("both").summary) == {"loss": "by hand"}
        edit(project_client, "both", summary={"set": [], "removed": [["loss"]]})
        assert "loss" not in live.run("both").summary
        tell(script, "run.log({'loss': 1})")
        await_points(project_client, "both", "loss", 3)
    live.ended("both")
    assert live.values("both", "loss") == [3, 2, 1]
    assert dict(live.run("both").summary) == {"loss": 1}


# --- rows that come late or out of order ------------------------------------------------------


@at_length
def test_steps_may_fall_and_repeat_and_all_points_are_kept(
    tmp_path: Path, live: LiveServer
) -> None:
    run_well(
        tmp_path,
        """
        import weft
        with weft.init(id="falling") as run:
            for step in (5, 3, 9, 3, 0.5, -2):
                run.log({"loss": step * 10}, step=step)
        """,
        live.environment,
    )
    live.ended("falling")
    rows = [(row["_step"], row["loss"]) for row in live.rows("falling")]
    assert rows == [(-2, -20), (0.5, 5.0), (3, 30), (3, 30), (5, 50), (9, 90)]
    assert live.run("falling").summary["loss"] == -20, "the last one in time, not in steps"


def test_rows_of_another_machine_that_come_days_later_take_their_place(
    tmp_path: Path, live: LiveServer, project_client: httpx.Client
) -> None:
    """A rank logged offline; its log is older than what is there, and is sent after the end."""
    rank = """
        import weft
        with weft.init(id="late", settings={{"label": "{label}"}}) as run:
            for step in range({first}, {first} + 50):
                run.log({{"loss": step, "{label}": step}}, step=step)
        """
    away = tmp_path / "away"
    away.mkdir()
    offline = {"WEFT_MODE": "offline", "WEFT_PROJECT": PROJECT, "WEFT_SYSTEM_INTERVAL": "0"}
    run_well(away, rank.format(label="offline", first=0), offline)
    run_well(tmp_path, rank.format(label="online", first=100), live.environment)
    live.ended("late")
    before = live.run("late")
    assert before.summary["loss"] == 149
    assert sync([away], base_url=live.url) == 0
    after = live.run("late")
    assert (after.state, after.summary["loss"], after.summary["offline"]) == ("finished", 149, 49)
    assert [row["_step"] for row in live.rows("late")] == [*range(50), *range(100, 150)]
    assert points(project_client, "late")["loss"] == 100
    assert after.started_at < before.started_at, "it began when its first log did"
