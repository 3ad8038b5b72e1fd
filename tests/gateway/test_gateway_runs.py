"""Runs of the official client: what is logged comes back from its API and from weft's."""

from __future__ import annotations

import math
import signal
from typing import Any

import pytest

import weft
from at_length import at_length
from live_runs import LiveServer
from server_process import wait_until
from wandb_client import WandbClient

LOGGED = """
run = wandb.init(
    project="runs", id="all", name="näme", notes="notes", tags=["a", "b"], group="g",
    job_type="train", config={"lr": 0.1, "net": {"depth": 3, "act": "relu"}, "big": 2**70},
)
run.define_metric("loss", summary="min", step_metric="epoch")
run.define_metric("val/*", hidden=True)
for i in range(20):
    loss = 1 / (i + 1) if i != 10 else 5.0
    run.log({"loss": loss, "epoch": i // 5, "d": {"x": i, "y": {"z": 2 * i}}})
odd = {"nan": float("nan"), "inf": -float("inf"), "text": "töxt", "list": [1, 2.5, "x"], "t": True}
run.log(odd)
run.config.update({"late": [1, 2]})
run.summary["best"] = {"acc": 0.9}
print("to stdout ✓")
print("to stderr", file=sys.stderr)
with open("kept.txt", "w") as file:
    file.write("kept")
run.save("kept.txt", policy="now")
run.alert(title="Low", text="it is low", level=wandb.AlertLevel.WARN)
run.finish()
api = wandb.Api()
found = api.run("runs/all")
say(
    entity=found.entity, state=found.state, name=found.name, notes=found.notes, tags=found.tags,
    group=found.group, job_type=found.job_type, config=found.config,
    summary={k: v for k, v in found.summary.items() if k != "_wandb"},
    rows=rows_of(found), sampled=len(found.history(samples=5, pandas=False)),
    keys=found.history_keys["keys"]["epoch"]["typeCounts"], last=found.lastHistoryStep,
    files=sorted(file.name for file in found.files()),
    kept=found.file("kept.txt").download(root="down").read(),
    system=list(found.history(stream="system", pandas=False))[:1],
)
"""


@pytest.fixture(scope="module")
def logged(live: LiveServer, tmp_path_factory: pytest.TempPathFactory) -> Any:
    from wandb_client import KEY

    return WandbClient(live.url, KEY, tmp_path_factory.mktemp("logged")).run(LOGGED)


def test_a_run_comes_back_from_the_clients_own_api(logged: Any) -> None:
    assert (logged["entity"], logged["state"], logged["name"]) == ("local", "finished", "näme")
    assert (logged["notes"], logged["tags"]) == ("notes", ["a", "b"])
    assert (logged["group"], logged["job_type"]) == ("g", "train")
    assert logged["config"] == {
        "lr": 0.1, "net": {"depth": 3, "act": "relu"}, "big": 2**70, "late": [1, 2]
    }  # fmt: skip
    rows = logged["rows"]
    assert [row["_step"] for row in rows] == list(range(21))
    assert [row["d.x"] if "d.x" in row else row["d"]["x"] for row in rows[:20]] == list(range(20))
    assert math.isnan(float(rows[20]["nan"]))
    assert float(rows[20]["inf"]) == -math.inf
    assert (rows[20]["text"], rows[20]["list"], rows[20]["t"]) == ("töxt", [1, 2.5, "x"], True)
    assert logged["summary"]["best"] == {"acc": 0.9}
    assert logged["summary"]["loss"] == {"min": 1 / 20}
    assert logged["summary"]["_step"] == logged["last"] == 20
    assert 5 <= logged["sampled"] < 21, "every extreme is shown, and no more"
    assert logged["keys"] == [{"type": "number", "count": 20}]
    assert logged["kept"] == "kept"
    assert {"kept.txt", "config.yaml", "output.log", "wandb-metadata.json"} <= set(logged["files"])


def test_a_run_comes_back_from_weft(logged: Any, live: LiveServer) -> None:
    run = live.api.run("local/runs/all")
    assert (run.name, run.state, run.tags, run.notes) == ("näme", "finished", ["a", "b"], "notes")
    assert run.config["net"] == {"depth": 3, "act": "relu"}
    assert run.config["big"] == 2**70
    rows = list(run.scan_history())
    assert len(rows) == 21
    assert rows[7]["d.y.z"] == 14
    assert math.isnan(rows[20]["nan"])
    assert run.summary["best"]["acc"] == 0.9
    lines = [line.text for line in run.console_logs()]
    assert {"to stdout ✓", "to stderr"} <= set(lines)
    (alert,) = run.alerts
    assert (alert.title, alert.text, alert.level) == ("Low", "it is low", "WARN")
    definitions = {definition["name"]: definition for definition in run.definitions}
    assert definitions["loss"]["step_metric"] == "epoch"
    assert definitions["loss"]["summary"] == ["min"]


def test_exit_codes_decide_how_a_run_ended(wandb_client: WandbClient, live: LiveServer) -> None:
    wandb_client.run(
        "run = wandb.init(project='runs', id='bad'); run.log({'a': 1}); run.finish(3)"
    )
    run = live.api.run("local/runs/bad")
    assert (run.state, run.exit_code) == ("failed", 3)
    done = wandb_client.run(
        # not at once: the client once waited for its own service for ever, without a request
        "wandb.init(project='runs', id='raised').log({'a': 1}); raise ValueError('no')",
        exit_code=1,
    )
    assert "ValueError" in done.stderr
    assert live.api.run("local/runs/raised").state == "failed"


RESUMED = "run = wandb.init(project='resume', id='{}', {})\n"
THREE_ROWS = "[run.log({{'v': {0} + i}}) for i in range(3)]; print('line {0}'); run.finish()"


def resume(client: WandbClient, live: LiveServer, run_id: str, *modes: str) -> None:
    """Log three rows to a run, and three more in each mode of `resume`."""
    client.run(RESUMED.format(run_id, "config={'a': 1}") + THREE_ROWS.format(0))
    for number, mode in enumerate(modes, 1):
        output = client.run(
            RESUMED.format(run_id, f"resume={mode!r}")
            + "say(step=run.step, config=dict(run.config))\n"
            + THREE_ROWS.format(10 * number)
        )
        assert output["config"] == {"a": 1}
    run = live.api.run(f"local/resume/{run_id}")
    n_lives = 1 + len(modes)
    assert [(row["_step"], row["v"]) for row in run.scan_history()] == [
        (3 * n + i, 10 * n + i) for n in range(n_lives) for i in range(3)
    ]
    lines = [line.text for line in run.console_logs()]
    expected = [f"line {10 * n}" for n in range(n_lives)]
    assert [line for line in lines if "SAID" not in line] == expected
    assert (run.state, run.config) == ("finished", {"a": 1})


def test_a_run_is_resumed(wandb_client: WandbClient, live: LiveServer) -> None:
    resume(wandb_client, live, "r", "must")


@at_length
def test_a_run_is_resumed_or_refused_in_each_mode(
    wandb_client: WandbClient, live: LiveServer
) -> None:
    resume(wandb_client, live, "each", "must", "allow")
    refused = wandb_client.run(RESUMED.format("each", "resume='never'"), exit_code=1)
    assert "already exists" in refused.stderr
    missing = wandb_client.run(
        "wandb.init(project='resume', id='none', resume='must')", exit_code=1
    )
    assert "resume" in missing.stderr


def test_a_run_is_rewound_and_forked(wandb_client: WandbClient, live: LiveServer) -> None:
    log = "[run.log({{'v': {0} + i}}) for i in range({1})]; run.finish()"
    wandb_client.run(
        "run = wandb.init(project='past', id='r', config={'a': 1}); " + log.format(0, 10)
    )
    wandb_client.run(
        "run = wandb.init(project='past', resume_from='r?_step=4'); " + log.format(100, 2)
    )
    wandb_client.run(
        "run = wandb.init(project='past', id='f', fork_from='r?_step=2'); " + log.format(200, 2)
    )
    rewound = [(row["_step"], row["v"]) for row in live.api.run("local/past/r").scan_history()]
    assert rewound == [*((i, i) for i in range(5)), (5, 100), (6, 101)]
    fork = live.api.run("local/past/f")
    assert [(row["_step"], row["v"]) for row in fork.scan_history()] == [
        (0, 0), (1, 1), (2, 2), (3, 200), (4, 201)
    ]  # fmt: skip
    assert fork.config == {"a": 1}


def test_a_run_that_was_made_offline_is_synced_once(
    wandb_client: WandbClient, live: LiveServer
) -> None:
    wandb_client.run(
        "run = wandb.init(project='offline', id='o', config={'x': 2})\n"
        "[run.log({'v': i}) for i in range(50)]; print('offline'); run.finish()",
        WANDB_MODE="offline",
    )
    (folder,) = (wandb_client.folder / "wandb").glob("offline-run-*")
    for _ in range(2):
        done = wandb_client.command("sync", folder)
        assert done.exit_code == 0, done.stdout + done.stderr
        for mark in folder.glob("*.synced"):
            mark.unlink()
    run = live.api.run("local/offline/o")
    assert [row["v"] for row in run.scan_history()] == list(range(50))
    assert run.config == {"x": 2}
    assert run.state == "finished"


def test_a_run_is_stopped_from_outside(wandb_client: WandbClient, live: LiveServer) -> None:
    process = wandb_client.start(
        "import time\nrun = wandb.init(project='tests', id='stop')\n"
        "for i in range(1000): run.log({'i': i}); time.sleep(0.1)",
        WANDB__FILE_STREAM_TRANSMIT_INTERVAL="1",
        WANDB_X_FILE_STREAM_TRANSMIT_INTERVAL="1",
    )
    wait_until(lambda: live.has("stop") and live.rows("stop"), what="rows")
    live.stop("stop")
    _, stderr = process.communicate(timeout=120)
    assert process.returncode in {130, 255, 1, -signal.SIGINT}, stderr
    assert live.ended("stop").state in {"killed", "failed"}
    assert 0 < len(live.rows("stop")) < 1000


@at_length
def test_several_processes_share_a_run(wandb_client: WandbClient, live: LiveServer) -> None:
    shared = (
        "import time\nrun = wandb.init(project='shared', id='s', settings=wandb.Settings("
        "mode='shared', x_label='{0}', x_primary={1}, x_update_finish_state={1}))\n"
        "[run.log({{'{0}': i}}) for i in range(10)]; print('from {0}')\n"
        "sys.stdin.readline() if {1} else None\nrun.finish()"
    )
    process = wandb_client.start(shared.format("first", True))
    project = weft.Api(live.url, api_key=live.process.token)
    wait_until(lambda: _has(project, "local/shared/s"), what="the first process")
    wandb_client.run(shared.format("second", False))
    stdout, stderr = process.communicate("\n", timeout=120)
    assert process.returncode == 0, stdout + stderr
    run = live.api.run("local/shared/s")
    rows = list(run.scan_history())
    for name in ("first", "second"):
        assert [row[name] for row in rows if name in row] == list(range(10))
    texts = [line.text for line in run.console_logs()]
    assert any("from first" in text for text in texts)
    assert any("from second" in text for text in texts)


def _has(api: weft.Api, path: str) -> bool:
    try:
        api.run(path)
    except weft.errors.NotFound:
        return False
    return True
