"""Going on with a run: nothing of it is hidden or written over, and all of it goes on."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

import weft
from at_length import at_length, case_at_length
from live_runs import LiveServer, await_no_sidecar
from sdk_script import logs_in, run_script, script_environment, start_script
from server_process import wait_until
from weft.errors import NotFound
from weft.sync.by_hand.command import sync

pytestmark = pytest.mark.timeout(300)


FIRST_LIFE = """
import weft
run = weft.init(id={id!r}, name="mine", notes="n", tags=["a"], group="g", job_type="train",
                config={{"lr": 0.1, "model": {{"depth": 2, "width": 8}}}})
run.define_metric("val", step_metric="epoch", summary="max")
for i in range(10):
    run.log({{"loss": 1 / (i + 1), "val": i % 7, "epoch": i // 3}})
run.summary["best"] = {{"epoch": 3}}
run.finish({code})
"""

SAY = """
import json
print(json.dumps({"step": run.step, "starting": run.starting_step, "resumed": run.resumed,
                  "name": run.name, "notes": run.notes, "tags": run.tags, "group": run.group,
                  "job_type": run.job_type, "config": dict(run.config), "id": run.id,
                  "summary": run.summary.as_dict()}))
"""


def said(stdout: str) -> dict[str, Any]:
    return json.loads(stdout.strip().splitlines()[-1])


def first_life(folder: Path, run_id: str, env: dict[str, str], code: int = 0) -> None:
    script = run_script(folder, FIRST_LIFE.format(id=run_id, code=code), env)
    assert script.exit_code == 0, script.stderr


@pytest.mark.parametrize("mode", ["online", case_at_length("offline")])
def test_a_resumed_run_has_all_that_it_had(mode: str, live: LiveServer, tmp_path: Path) -> None:
    run_id = f"whole-{mode}"
    env = {**live.environment, "WEFT_MODE": mode}
    first_life(tmp_path, run_id, env, code=1)
    ended = time.time()
    script = run_script(
        tmp_path,
        f"""
import time
print(time.time())
import weft
run = weft.init(id="{run_id}", resume="must", config={{"lr": 0.2, "seed": 7}})
{SAY}
run.log({{"loss": 0.01, "val": 5}})
run.summary["note"] = "second"
run.finish()
""",
        env,
    )
    assert script.exit_code == 0, script.stderr
    assert "Resuming run mine" in script.stderr
    assert said(script.stdout) == {
        "id": run_id, "step": 10, "starting": 10, "resumed": True, "name": "mine", "notes": "n",
        "tags": ["a"], "group": "g", "job_type": "train",
        "config": {"lr": 0.2, "model": {"depth": 2, "width": 8}, "seed": 7},
        "summary": {"loss": 0.1, "val": {"max": 6}, "epoch": 3, "best": {"epoch": 3}},
    }  # fmt: skip
    if mode == "offline":
        assert sync([tmp_path], base_url=live.url) == 0
    run = live.ended(run_id)
    rows = list(run.scan_history())
    assert [row["_step"] for row in rows] == list(range(11))
    assert [row["loss"] for row in rows] == [1 / (i + 1) for i in range(10)] + [0.01]
    assert rows[10]["epoch"] == 3, "step_sync goes on with the last value"
    runtimes = [row["_runtime"] for row in rows]
    assert runtimes == sorted(runtimes)
    pause = rows[10]["_timestamp"] - rows[9]["_timestamp"]
    left_out = float(script.stdout.split()[0]) - ended
    assert runtimes[10] - runtimes[9] <= pause - left_out, "the pause is left out"
    assert (run.state, run.exit_code) == ("finished", 0)
    assert (run.name, run.notes, run.tags, run.group) == ("mine", "n", ["a"], "g")
    assert run.config == {"lr": 0.2, "model": {"depth": 2, "width": 8}, "seed": 7}
    assert run.summary["best"] == {"epoch": 3}
    assert run.summary["note"] == "second"
    assert (run.summary["loss"], run.summary["val"]) == (0.01, {"max": 6})


@at_length
def test_the_last_life_says_how_the_run_ended(live: LiveServer, tmp_path: Path) -> None:
    first_life(tmp_path, "ends", live.environment)
    script = run_script(
        tmp_path,
        'import weft\nweft.init(id="ends", resume="allow").log({"loss": 1})\nraise OSError',
        live.environment,
    )
    assert script.exit_code == 1
    run = live.ended("ends")
    assert (run.state, run.exit_code) == ("failed", 1)
    run_script(
        tmp_path,
        'import weft\nrun = weft.init(id="ends", resume="allow")\nrun.log({"loss": 2})',
        live.environment,
    )
    assert (live.run("ends").state, live.run("ends").exit_code) == ("finished", 0)
    assert [row["_step"] for row in live.rows("ends")] == list(range(12))


@at_length
def test_variables_of_wb_resume_a_run(live: LiveServer, tmp_path: Path) -> None:
    env = {**live.environment, "WANDB_RUN_ID": "byvariable", "WANDB_RESUME": "allow"}
    for _ in range(3):
        script = run_script(tmp_path, 'import weft\nweft.init().log({"x": 1})', env)
        assert script.exit_code == 0, script.stderr
    assert [row["_step"] for row in live.rows("byvariable")] == [0, 1, 2]


def test_without_resume_the_same_id_joins_from_step_0(live: LiveServer, tmp_path: Path) -> None:
    for _ in range(2):
        run_script(tmp_path, 'import weft\nweft.init(id="joins").log({"x": 1})', live.environment)
    assert [row["_step"] for row in live.rows("joins")] == [0, 0]


@pytest.mark.parametrize(
    ("arguments", "error", "parts"),
    [
        ('id="nobody", resume="must"', "NoSuchRun", ["local/tests/nobody", "{url}", "allow"]),
        ('id="there", resume="never"', "ConfigError", ["there", "resume='allow'"]),
        ('resume="sometimes"', "ConfigError", ["resume", "allow, must, never, auto"]),
        ('resume="must"', "ConfigError", ["id="]),
        ('fork_from="there?_step=500"', "ConfigError", ["ends at step 9"]),
        ('fork_from="there?epoch=3"', "ConfigError", ["_step"]),
        ('fork_from="nobody?_step=3"', "NoSuchRun", ["local/tests/nobody", "{url} or in"]),
        ('fork_from="there", resume="allow"', "ConfigError", ["can't be used together"]),
        ('fork_from="there", resume_from="there"', "ConfigError", ["can't be used together"]),
        ('fork_from="there", id="there"', "ConfigError", ["id of its own"]),
        ('resume_from="there?_step=500"', "ConfigError", ["ends at step 9"]),
        ('resume_from="there?_step=3", id="another"', "ConfigError", ["leave id out"]),
    ],
)
def test_what_can_not_be_raises_at_the_call(
    arguments: str, error: str, parts: list[str], live: LiveServer, tmp_path: Path
) -> None:
    if not live.has("there"):
        first_life(tmp_path, "there", live.environment)
    before = live.rows("there")
    script = run_script(tmp_path, f"import weft\nweft.init({arguments})", live.environment)
    assert script.exit_code == 1
    last = script.stderr.strip().splitlines()[-1]
    assert last.startswith(f"weft.errors.{error}: ")
    assert all(part.format(url=live.url) in last for part in parts), last
    assert live.rows("there") == before
    assert not list(tmp_path.glob("weft/run-*-nobody"))


def test_a_deleted_run_is_not_resumed(live: LiveServer, tmp_path: Path) -> None:
    first_life(tmp_path, "deleted", live.environment)
    live.run("deleted").delete()
    for word in ("allow", "must"):
        script = run_script(
            tmp_path, f'import weft\nweft.init(id="deleted", resume="{word}")', live.environment
        )
        assert script.exit_code == 1
        last = script.stderr.strip().splitlines()[-1]
        assert last.startswith("weft.errors.Gone: ")
        assert "another id" in last
    with pytest.raises(weft.errors.Gone):
        live.run("deleted")


def test_auto_takes_up_what_crashed_and_leaves_what_runs(live: LiveServer, tmp_path: Path) -> None:
    env = {**live.environment, "WEFT_SYSTEM_INTERVAL": "0", "WEFT_RESUME": "auto"}
    begin = """
        import time, weft
        run = weft.init()
        for i in range(5): run.log({"i": i})
        print(run.id, flush=True)
        time.sleep(100)
        """
    crashed = start_script(tmp_path, begin, env)
    assert crashed.stdout is not None
    run_id = crashed.stdout.readline().strip()
    once = "import weft\nrun = weft.init()\nrun.log({'i': 5})\nprint(run.id, run.resumed)"
    beside = run_script(tmp_path, once, env)
    assert beside.stdout.split()[1] == "False", "its process runs"
    crashed.kill()
    crashed.communicate()
    assert run_script(tmp_path, once, env).stdout.split() == [run_id, "True"]
    assert run_script(tmp_path, once, env).stdout.split()[1] == "False", "it has ended well"
    wait_until(lambda: len(live.rows(run_id)) == 6, what="the rows of the first life")
    assert [(row["_step"], row["i"]) for row in live.rows(run_id)] == [(i, i) for i in range(6)]
    assert live.ended(run_id).state == "finished"


def test_a_run_killed_before_its_upload_goes_on_where_it_was(
    live: LiveServer, tmp_path: Path
) -> None:
    """The local log counts where the server lacks a part of it."""
    env = {**live.environment, "WEFT_SYSTEM_INTERVAL": "0"}
    script = run_script(
        tmp_path,
        """
        import os, signal, weft
        run = weft.init(id="cutoff", config={"a": 1})
        for i in range(1000): run.log({"i": i})
        os.kill(os.getpid(), signal.SIGKILL)
        """,
        env,
    )
    assert script.exit_code == -signal.SIGKILL
    script = run_script(
        tmp_path,
        'import weft\nrun = weft.init(id="cutoff", resume="must")\nrun.log({"i": 1000})\n'
        "assert run.config.a == 1",
        env,
    )
    assert script.exit_code == 0, script.stderr
    wait_until(lambda: len(live.rows("cutoff")) == 1001, what="the rest of the first life")
    assert [(row["_step"], row["i"]) for row in live.rows("cutoff")] == [
        (i, i) for i in range(1001)
    ]


@at_length
def test_edits_made_on_the_server_stay(live: LiveServer, tmp_path: Path) -> None:
    first_life(tmp_path, "edited", live.environment)
    run = live.run("edited")
    run.name, run.tags, run.notes = "renamed", ["b", "c"], "seen"
    run.update()
    script = run_script(
        tmp_path,
        f'import weft\nrun = weft.init(id="edited", resume="allow")\n{SAY}\nrun.tags += ("d",)',
        live.environment,
    )
    assert script.exit_code == 0, script.stderr
    assert "Resuming run renamed" in script.stderr
    shown = said(script.stdout)
    assert (shown["name"], shown["tags"], shown["notes"]) == ("renamed", ["b", "c"], "seen")
    run = live.run("edited")
    assert (run.name, run.tags, run.notes) == ("renamed", ["b", "c", "d"], "seen")
    script = run_script(
        tmp_path,
        'import weft\nrun = weft.init(id="edited", resume="allow", name="again")\nrun.tags = ()',
        live.environment,
    )
    assert script.exit_code == 0, script.stderr
    run = live.run("edited")
    assert (run.name, run.tags) == ("again", [])


def start_ranks(folder: Path, code: str, env: dict[str, str]) -> list[subprocess.Popen[str]]:
    """Four scripts that wait for each other and then begin at once."""
    gate = """
import os, time
def together(name):
    open(f"{name}-{os.environ['RANK']}", "w").close()
    while not all(os.path.exists(f"{name}-{rank}") for rank in range(4)):
        time.sleep(0.001)
"""
    return [
        start_script(folder, gate + code, {**script_environment(env), "RANK": str(rank)})
        for rank in range(4)
    ]


@at_length
def test_ranks_that_start_at_once_each_take_up_a_run_of_their_own(
    live: LiveServer, tmp_path: Path
) -> None:
    env = {**live.environment, "WEFT_SYSTEM_INTERVAL": "0"}
    crash = """
import weft
run = weft.init()
run.log({"rank": int(os.environ["RANK"])})
print(run.id, flush=True)
together("logged")
os.kill(os.getpid(), 9)
"""
    first = [
        rank.communicate(timeout=180)[0].split()[-1] for rank in start_ranks(tmp_path, crash, env)
    ]
    again = """
import weft
together("begun")
run = weft.init(resume="auto")
run.log({"rank": int(os.environ["RANK"])})
together("resumed")
print(run.id, run.starting_step)
"""
    for name in tmp_path.glob("logged-*"):
        name.unlink()
    ranks = [rank.communicate(timeout=180) for rank in start_ranks(tmp_path, again, env)]
    words = [stdout.split() for stdout, _ in ranks]
    assert sorted(run_id for run_id, _ in words) == sorted(first), [stderr for _, stderr in ranks]
    assert {step for _, step in words} == {"1"}


@pytest.mark.parametrize("where", ["one folder", "a folder each"])
@pytest.mark.parametrize("way", ['id="{id}", resume="allow"', 'resume_from="{id}?_step=4"'])
@at_length
def test_many_ranks_go_on_at_one_place(
    way: str, where: str, live: LiveServer, tmp_path: Path
) -> None:
    run_id = f"ranks-{'rewind' if 'from' in way else 'resume'}-{len(where)}"
    first_life(tmp_path, run_id, live.environment)
    env = {**live.environment, "WEFT_SYSTEM_INTERVAL": "0"}
    arguments = way.format(id=run_id)
    if where == "a folder each":
        arguments += ', dir=f"machine-{rank}"'
    code = f"""
import weft
rank = int(os.environ["RANK"])
together("begun")
if rank == 3: time.sleep(0.7)  # the others have been heard of
run = weft.init({arguments})
for i in range(20): run.log({{"rank": rank, "loss": i}})
together("logged")
run.finish()
print(run.starting_step)
"""
    starts: list[str] = []
    for rank in start_ranks(tmp_path, code, env):
        stdout, stderr = rank.communicate(timeout=180)
        assert rank.returncode == 0, stderr
        starts.append(stdout.strip().splitlines()[-1])
    first = 5 if "from" in way else 10
    rows = live.rows(run_id)
    assert starts == [str(first)] * 4
    if "from" in way:
        assert len(list(live.run(run_id).scan_history(superseded=True))) == 10 + 80
    assert [row["_step"] for row in rows if "rank" not in row] == list(range(first))
    for rank in range(4):
        own_rows = [(row["_step"], row["loss"]) for row in rows if row.get("rank") == rank]
        begin = int(starts[rank])
        assert begin >= first
        assert own_rows == [(begin + i, i) for i in range(20)], "no rank cuts or moves another"
    assert live.ended(run_id).state == "finished"


def test_without_the_server_a_run_goes_on_from_its_directories(tmp_path: Path) -> None:
    with LiveServer(tmp_path / "first") as live:
        first_life(tmp_path, "away", live.environment)
        live.process.stop()
        env = {**live.environment, "WEFT_SYSTEM_INTERVAL": "0"}
        script = run_script(
            tmp_path,
            f'import weft\nrun = weft.init(id="away", resume="allow")\n{SAY}\n'
            'run.log({"loss": 0})',
            env,
        )
        assert script.exit_code == 0, script.stderr
        assert said(script.stdout)["step"] == 10
        warnings = [line for line in script.stderr.splitlines() if "WARNING" in line]
        assert ["step 9" in line and "server" in line for line in warnings] == [True]
        for word in ("must", "never"):
            refused = run_script(
                tmp_path, f'import weft\nweft.init(id="away", resume="{word}")',
                {**env, "WEFT_INIT_TIMEOUT": "0.5"},
            )  # fmt: skip
            assert "weft.errors." in refused.stderr.strip().splitlines()[-1]
            assert refused.exit_code == 1
        live.start_again()
        await_no_sidecar()  # it has the log until then
        assert sync([tmp_path], base_url=live.url) == 0
        assert [row["_step"] for row in live.rows("away")] == list(range(11))
        with pytest.raises(NotFound):
            live.run("nobody")


@at_length
def test_an_offline_life_that_the_server_has_not_got_counts(
    live: LiveServer, tmp_path: Path
) -> None:
    first_life(tmp_path, "between", live.environment)
    once = 'import weft\nrun = weft.init(id="between", resume="must", config={{"{key}": 1}})\n'
    code = once + 'run.log({{"loss": 0}})\nprint(run.starting_step, sorted(run.config))'
    offline = {**live.environment, "WEFT_MODE": "offline"}
    assert run_script(tmp_path, code.format(key="b"), offline).stdout.startswith("10 ")
    script = run_script(tmp_path, code.format(key="c"), live.environment)
    assert script.stdout.strip() == "11 ['b', 'c', 'lr', 'model']"
    await_no_sidecar()  # it has the log until then
    assert sync([tmp_path], base_url=live.url) == 0
    run = live.run("between")
    assert [row["_step"] for row in run.scan_history()] == list(range(12))
    assert {"b", "c"} < set(run.config)


@pytest.mark.parametrize("where", ["here", case_at_length("on another machine")])
def test_what_was_taken_away_does_not_come_back(
    where: str, live: LiveServer, tmp_path: Path
) -> None:
    run_id = f"taken-{len(where)}"
    first = f"""
import weft
run = weft.init(id="{run_id}", config={{"k": {{"a": 1, "b": 2}}}})
run.log({{"x": 1, "y": 2, "deep": {{"z": 1}}}})
del run.summary["x"]
del run.summary["deep.z"]
run.log({{"y": 3}})
run.summary["set"] = 1
del run.summary["set"]
del run.config["k"]["a"]
"""
    assert run_script(tmp_path, first, live.environment).exit_code == 0
    folder = tmp_path / where
    folder.mkdir()
    script = run_script(
        tmp_path if where == "here" else folder,
        f'import weft\nrun = weft.init(id="{run_id}", resume="must")\n{SAY}',
        live.environment,
    )
    assert script.exit_code == 0, script.stderr
    shown = said(script.stdout)
    assert (shown["summary"], shown["config"]) == ({"y": 3}, {"k": {"b": 2}})
    assert live.run(run_id).summary == {"y": 3}


@at_length
def test_lives_may_be_synced_in_any_order(live: LiveServer, tmp_path: Path) -> None:
    offline = {**live.environment, "WEFT_MODE": "offline", "WEFT_SYSTEM_INTERVAL": "0"}
    first_life(tmp_path, "order", offline)
    code = 'import weft\nweft.init(id="order", resume="must").log({"loss": 0})'
    assert run_script(tmp_path, code, offline).exit_code == 0
    logs = sorted(logs_in(tmp_path), key=lambda log: log.stat().st_mtime)
    for log in reversed(logs):
        assert sync([log], base_url=live.url) == 0
    rows = live.rows("order")
    assert [row["_step"] for row in rows] == list(range(11))
    runtimes = [row["_runtime"] for row in rows]
    assert runtimes == sorted(runtimes)
    assert runtimes[0] >= 0
    assert live.run("order").config["lr"] == 0.1
    assert live.run("order").summary["loss"] == 0


@at_length
def test_in_mode_disabled_anything_can_be_resumed(tmp_path: Path) -> None:
    script = run_script(
        tmp_path,
        """
        import weft
        for arguments in ({"id": "x", "resume": "must"}, {"id": "x", "resume": "never"},
                          {"fork_from": "x?_step=3"}, {"resume_from": "x"}, {"resume": True}):
            run = weft.init(mode="disabled", **arguments)
            assert run.step == 0 and not run.resumed
            run.log({"a": 1})
        try:
            weft.init(mode="disabled", fork_from="x?_step=abc")
        except ValueError as error:
            assert "_step" in str(error)
        else:
            raise AssertionError
        """,
        {"WEFT_MODE": "", "HOME": os.fspath(tmp_path)},
    )
    assert script.exit_code == 0, script.stderr


@pytest.mark.parametrize("mode", ["online", case_at_length("offline")])
def test_logging_at_steps_that_are_there_warns_once_and_names_resume_from(
    mode: str, live: LiveServer, tmp_path: Path
) -> None:
    env = {**live.environment, "WEFT_MODE": mode}
    run_id = f"twice-{mode}"
    first_life(tmp_path, run_id, env, code=1)
    script = run_script(
        tmp_path,
        f"""
import weft
run = weft.init(id="{run_id}", resume="allow")
run.log({{"eval/score": 0.5}}, step=3)  # a metric that the run did not have
run.log({{"loss": 0.1}}, step=10)  # the first that is free
run.log({{"loss": 0.1, "val": 1}}, step=9)
run.log({{"loss": 0.1}}, step=8)
run.finish()
""",
        env,
    )
    assert script.exit_code == 0, script.stderr
    warnings = [line for line in script.stderr.splitlines() if "WARNING" in line]
    assert len(warnings) == 1, warnings
    assert "'loss' is logged at step 9" in warnings[0]
    assert f"run '{run_id}' was resumed and already has steps up to 9" in warnings[0]
    assert f"resume_from='{run_id}?_step=8'" in warnings[0]


@pytest.mark.parametrize(
    "way",
    [
        case_at_length('id="{id}", resume="allow"'),
        'resume_from="{id}?_step=4"',
        case_at_length('fork_from="{id}?_step=4"'),
    ],
)
def test_steps_that_do_not_repeat_are_no_trouble(way: str, tmp_path: Path) -> None:
    env = {"WEFT_MODE": "offline", "WEFT_PROJECT": "tests"}
    first_life(tmp_path, "once", env, code=1)
    script = run_script(
        tmp_path,
        f"""
import weft
run = weft.init({way.format(id="once")})
for step in range(run.step, run.step + 3):
    run.log({{"loss": 0.1}}, step=step)
run.log({{"loss": 0.1}})
""",
        env,
    )
    assert script.exit_code == 0, script.stderr
    assert "WARNING" not in script.stderr
