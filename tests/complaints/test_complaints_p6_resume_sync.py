"""P6 of the field report: data lost by crashes, by resuming, and by syncing offline runs.

Each test runs the scripts of a complaint and asserts what its author expected. Nothing is timed.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from at_length import at_length, case_at_length
from chart_questions import ask
from fault_server import FaultServer
from live_runs import LiveServer, await_no_sidecar, sidecars
from sdk_script import logs_in, run_script, start_script
from server_process import wait_until
from weft.errors import Gone, NotFound
from weft.runlog.layout import run_directories
from weft.sync.by_hand.command import sync

pytestmark = pytest.mark.timeout(300)

OFFLINE = {"WEFT_MODE": "offline", "WEFT_PROJECT": "tests", "WEFT_SYSTEM_INTERVAL": "0"}


def first_line(script: subprocess.Popen[str]) -> str:
    assert script.stdout is not None
    return script.stdout.readline().strip()


def done(folder: Path, code: str, env: dict[str, str], exit_code: int = 0) -> str:
    script = run_script(folder, code, env)
    assert script.exit_code == exit_code, script.stderr
    return script.stdout.strip()


# -- 38, 39: offline runs that can't be synced, or only when they are finished ---


@at_length
def test_p6_38_wandb_5561_every_offline_run_can_be_synced_whatever_files_it_lacks(
    tmp_path: Path, live: LiveServer, capfd: pytest.CaptureFixture[str]
) -> None:
    # Half of the runs of a SLURM cluster lay there without config, metadata or output files, and
    # `wandb sync` skipped their directories. Here jobs die at every moment, and of one only the
    # log itself is left.
    moments = {
        "begun": "run = weft.init(id='begun', config={'lr': 1}); os.kill(os.getpid(), 9)",
        "logged": "run = weft.init(id='logged', config={'lr': 1}); run.log({'n': 0}); os._exit(1)",
        "amid": "run = weft.init(id='amid', config={'lr': 1})\n"
                "for n in range(500): run.log({'n': n})\nos.kill(os.getpid(), 9)",
        "whole": "run = weft.init(id='whole', config={'lr': 1}); run.log({'n': 0}); run.finish()",
    }  # fmt: skip
    for code in moments.values():
        run_script(tmp_path, f"import os, weft\n{code}", OFFLINE)
    for directory in run_directories(tmp_path / "weft"):
        if directory.name.endswith("whole"):
            shutil.rmtree(directory / "files")
            shutil.rmtree(directory / "logs")
    assert sync([tmp_path], base_url=live.url) == 1  # all is sent but the files that are gone
    missing = "metadata.json is not sent: it was deleted before it was sent"
    assert capfd.readouterr().err.count(missing) == 1
    expected = {"begun": 0, "logged": 1, "amid": 500, "whole": 1}
    assert {run_id: len(live.rows(run_id)) for run_id in moments} == expected
    assert all(live.run(run_id).config == {"lr": 1} for run_id in moments)


@at_length
def test_p6_39_wandb_1817_a_crashed_script_s_log_is_synced_but_for_what_is_damaged(
    tmp_path: Path, live: LiveServer
) -> None:
    # Ctrl-C or a crash left a file whose last record was cut or whose checksum was wrong: `wandb
    # sync` died of `assert checksum == checksum_computed` and sent nothing.
    code = "import os, weft\nrun = weft.init(id='{}')\nfor n in range(300): run.log({{'n': n}})\n"
    done(tmp_path, code.format("torn") + "raise KeyboardInterrupt", OFFLINE, -signal.SIGINT)
    done(tmp_path, code.format("damaged") + "os.kill(os.getpid(), 9)", OFFLINE, -signal.SIGKILL)
    torn, damaged = (next(log for log in logs_in(tmp_path) if name in log.name)
                     for name in ("torn", "damaged"))  # fmt: skip
    with torn.open("r+b") as file:
        file.truncate(torn.stat().st_size - 30)
    data = bytearray(damaged.read_bytes())
    data[len(data) // 2] ^= 0xFF
    damaged.write_bytes(data)
    assert sync([tmp_path], base_url=live.url) == 1, "what is damaged is told"
    assert 298 <= len(live.rows("torn")) <= 300
    assert live.values("torn", "n") == list(range(len(live.rows("torn"))))
    rest = live.values("damaged", "n")
    assert len(rest) == 299
    assert set(rest) < set(range(300))


RESUMED_JOB = """
    import os, pickle, weft
    try:
        with open("checkpoint.pkl", "rb") as file: state = pickle.load(file)
    except FileNotFoundError:
        state = {"id": None, "x": 0}
    arguments = {"resume": "must", "id": state["id"]} if state["id"] else {}
    run = weft.init(config={"gamma": 0.9}, **arguments)
    assert run.config.gamma == 0.9
    for x in range(state["x"], state["x"] + 10):
        run.log({"x": x, "y": x * x})
    with open("checkpoint.pkl", "wb") as file: pickle.dump({"id": run.id, "x": x + 1}, file)
    print(run.id)
    """


@pytest.mark.parametrize(
    "order", [case_at_length("in order"), "newest first", case_at_length("after each job")]
)
def test_p6_39_wandb_2423_offline_jobs_that_resume_each_other_are_one_run(
    order: str, tmp_path: Path, live: LiveServer
) -> None:
    # On a cluster without network each job has hours only, saves a checkpoint with the run's id
    # and is resumed by the next one. After syncing, the summary was right, and of the history
    # one job's part replaced another's (also wandb#2971, #3841).
    run_id = ""
    for _ in range(3):
        run_id = done(tmp_path, RESUMED_JOB, OFFLINE)
        if order == "after each job":
            assert sync([tmp_path], base_url=live.url) == 0
    logs = sorted(logs_in(tmp_path), key=lambda log: log.stat().st_mtime)
    for log in reversed(logs) if order == "newest first" else logs:
        assert sync([log], base_url=live.url) == 0
    rows = live.rows(run_id)
    assert [(row["_step"], row["x"], row["y"]) for row in rows] == [
        (x, x, x * x) for x in range(30)
    ]
    run = live.run(run_id)
    assert (run.summary["x"], run.config, run.state) == (29, {"gamma": 0.9}, "finished")


@at_length
def test_p6_39_wandb_2919_a_run_is_synced_while_it_runs(tmp_path: Path, live: LiveServer) -> None:
    # `wandb sync` on an offline run that was still training sent neither config nor all metrics
    # until it had finished, or called the file empty (also wandb#9525).
    script = start_script(
        tmp_path,
        """
        import sys, weft
        run = weft.init(id="training", config={"lr": 0.1})
        for part in range(3):
            for n in range(50): run.log({"n": part * 50 + n})
            print("logged", flush=True)
            sys.stdin.readline()
        """,
        OFFLINE,
        stdin=subprocess.PIPE,
    )
    assert script.stdin is not None
    for part in range(1, 4):
        assert first_line(script) == "logged"
        assert sync([tmp_path], base_url=live.url) == 0
        run = live.run("training")
        assert (run.config, run.summary["n"]) == ({"lr": 0.1}, part * 50 - 1)
        assert live.values("training", "n") == list(range(part * 50))
        script.stdin.write("\n")
        script.stdin.flush()
    script.communicate(timeout=180)
    assert sync([tmp_path], base_url=live.url) == 0
    assert live.run("training").state == "finished"
    assert len(live.rows("training")) == 150


@at_length
def test_p6_39_wandb_4624_an_offline_run_is_resumed_with_steps_of_its_own(
    tmp_path: Path, live: LiveServer
) -> None:
    # `resume="must"` raised offline, or the second part began a run anew. The script gives its
    # steps itself and goes on one after the checkpoint's, in a folder per experiment.
    code = """
        import sys, weft
        start, end, resume = {start}, {end}, {resume!r}
        run = weft.init(name="debug-weft", id="2022-12-17_10-29-00", resume=resume,
                        config={{"start": start}})
        for i in range(start, end + 1): run.log({{"Train Loss": i / 100}}, step=i)
        """
    env = {**OFFLINE, "WEFT_DIR": os.fspath(tmp_path / "2022-12-17_10-29-00")}
    done(tmp_path, code.format(start=0, end=9, resume=None), env)
    done(tmp_path, code.format(start=10, end=20, resume="must"), env)
    assert sync([Path(env["WEFT_DIR"])], base_url=live.url) == 0
    rows = live.rows("2022-12-17_10-29-00")
    assert [(row["_step"], row["Train Loss"]) for row in rows] == [(i, i / 100) for i in range(21)]
    assert live.run("2022-12-17_10-29-00").config == {"start": 10}


# -- 40: resuming overwrites older history, or can't replace it ---


def test_p6_40_wandb_1395_a_run_goes_on_from_its_checkpoint_any_number_of_times(
    tmp_path: Path, live: LiveServer
) -> None:
    # A job crashes 12 steps after its checkpoint. Resumed from there its rows were dropped until
    # they were beyond the crash, or lay doubled. And once a run could be rewound it could be so
    # only once (wandb#7951).
    job = """
        import os, weft
        arguments = {arguments}
        run = weft.init(**arguments)
        for step in range({start}, {start} + 112):
            run.log({{"loss": ({start}, step)}}, step=step)
        os.kill(os.getpid(), 9)
        """
    env = {**live.environment, "WEFT_SYSTEM_INTERVAL": "0"}
    done(tmp_path, job.format(arguments={"id": "ckpt"}, start=0), env, -signal.SIGKILL)
    for start in (100, 200, 300):
        arguments = {"resume_from": f"ckpt?_step={start - 1}"}
        done(tmp_path, job.format(arguments=arguments, start=start), env, -signal.SIGKILL)
    wait_until(lambda: len(live.rows("ckpt")) == 412, what="all rows")
    shown = [(row["_step"], row["loss"]) for row in live.rows("ckpt")]
    begins = {step: min(step // 100, 3) * 100 for step in range(412)}
    assert shown == [(step, [begins[step], step]) for step in range(412)]
    everything = list(live.run("ckpt").scan_history(superseded=True))
    assert len(everything) == 4 * 112, "nothing is lost: it is shown to whoever asks"


@at_length
def test_p6_40_wandb_6216_logging_again_under_an_id_hides_nothing_unasked(
    tmp_path: Path, live: LiveServer
) -> None:
    # A run was stopped at step 100 for a bug and run again under its id from step 0: the new
    # values were dropped where there were old ones. Whoever wants the old ones gone says so.
    code = "import weft\nrun = weft.init({})\nfor n in range(20): run.log({{'loss': {}}})"
    env = live.environment
    done(tmp_path, code.format("id='again'", "'old'"), env)
    done(tmp_path, code.format("id='again'", "'new'"), env)
    values = [(row["_step"], row["loss"]) for row in live.rows("again")]
    assert sorted(values) == sorted((n, word) for n in range(20) for word in ("old", "new"))
    done(tmp_path, code.format("resume_from='again?_step=0'", "'newest'"), env)
    values = [(row["_step"], row["loss"]) for row in live.rows("again")]
    assert values == [(0, "old"), (0, "new"), *((n + 1, "newest") for n in range(20))]


# -- 41: shown as crashed, state out of control, summary lost ---


@at_length
def test_p6_41_wandb_1526_a_run_is_not_crashed_because_the_server_was_away(
    tmp_path: Path,
) -> None:
    # After network errors runs were shown as crashed while they trained on, and never came back.
    with LiveServer(tmp_path / "own") as live:
        script = start_script(
            tmp_path,
            """
            import sys, weft
            run = weft.init(id="sturdy")
            for n in range(100): run.log({"n": n})
            print("logged", flush=True)
            sys.stdin.readline()
            for n in range(100, 200): run.log({"n": n})
            print("logged", flush=True)
            sys.stdin.readline()
            """,
            {**live.environment, "WEFT_SYSTEM_INTERVAL": "0"},
            stdin=subprocess.PIPE,
        )
        assert script.stdin is not None
        assert first_line(script) == "logged"
        wait_until(
            lambda: live.has("sturdy") and len(live.rows("sturdy")) == 100, what="rows before"
        )
        live.process.kill()
        script.stdin.write("\n")
        script.stdin.flush()
        assert first_line(script) == "logged"
        live.start_again()
        wait_until(
            lambda: live.has("sturdy") and len(live.rows("sturdy")) == 200, secs=60,
            what="rows after",
        )  # fmt: skip
        assert live.run("sturdy").state == "running"
        script.communicate("\n", timeout=180)
        assert live.ended("sturdy").state == "finished"
        assert live.values("sturdy", "n") == list(range(200))


@at_length
def test_p6_41_wandb_3405_a_run_whose_uploader_dies_logs_on(
    tmp_path: Path, live: LiveServer
) -> None:
    # Logging stopped amid a long training, the run was shown as crashed, and `wandb sync` did
    # nothing. Here the process that uploads is killed.
    script = start_script(
        tmp_path,
        """
        import sys, time, weft
        run = weft.init(id="fairseq")
        n = 0
        print("begun", flush=True)
        for line in sys.stdin:
            deadline = time.monotonic() + 2
            while time.monotonic() < deadline:
                run.log({"n": n}); n += 1
                time.sleep(0.01)
        print(n)
        """,
        {**live.environment, "WEFT_SYSTEM_INTERVAL": "0"},
        stdin=subprocess.PIPE,
    )
    assert script.stdin is not None
    assert first_line(script) == "begun"
    wait_until(lambda: live.has("fairseq"), what="the run")
    (sidecar,) = sidecars()
    sidecar.kill()
    stdout, stderr = script.communicate("train\ntrain\n", timeout=180)
    assert script.returncode == 0, stderr
    assert live.ended("fairseq").state == "finished"
    assert live.values("fairseq", "n") == list(range(int(stdout)))


@at_length
@pytest.mark.parametrize(
    ("ending", "state"),
    [
        ("os.kill(os.getpid(), signal.SIGTERM); time.sleep(60)", "killed"),
        ("run.mark_preempting(); os.kill(os.getpid(), signal.SIGKILL)", "preempted"),
        (
            "signal.signal(signal.SIGTERM, lambda *_: (run.finish(0), os._exit(0)))\n"
            "os.kill(os.getpid(), signal.SIGTERM); time.sleep(60)",
            "finished",
        ),
        ("run.finish(exit_code=3)", "failed"),
        ("os.kill(os.getpid(), signal.SIGKILL)", "crashed"),
    ],
)
def test_p6_41_wandb_10368_a_script_decides_what_its_end_is_called(
    ending: str, state: str, tmp_path: Path, live: LiveServer
) -> None:
    # A job that is cancelled, preempted or out of its time was called crashed like one that fell.
    code = f"import os, signal, time, weft\nrun = weft.init(id='{state}')\nrun.log({{'n': 1}})\n"
    run_script(tmp_path, code + ending, {**live.environment, "WEFT_SYSTEM_INTERVAL": "0"})
    assert live.ended(state).state == state


def test_p6_41_wandb_8114_the_summary_of_a_crashed_offline_run_is_synced(
    tmp_path: Path, live: LiveServer
) -> None:
    # An offline run that crashed before finish() had no summary after `wandb sync`; neither did
    # resuming and finishing it help.
    crash = """
        import os, weft
        run = weft.init(id="nosummary")
        run.define_metric("acc", summary="max")
        for n in range(100): run.log({"loss": 1 / (n + 1), "acc": n % 60})
        run.summary["best"] = {"epoch": 59}
        os.kill(os.getpid(), 9)
        """
    done(tmp_path, crash, OFFLINE, -signal.SIGKILL)
    assert sync([tmp_path], base_url=live.url) == 0
    expected = {"loss": 0.01, "acc": {"max": 59}, "best": {"epoch": 59}}
    assert live.run("nosummary").summary == expected
    resume = "import weft\nweft.init(id='nosummary', resume='must').finish()"
    done(tmp_path, resume, OFFLINE)
    assert sync([tmp_path], base_url=live.url) == 0
    assert live.run("nosummary").summary == expected
    assert live.run("nosummary").state == "finished"


# -- 42: slow syncs, charts that vanish, runs that can't be deleted ---


@at_length
def test_p6_42_swanlab_1455_a_long_run_is_synced_in_few_requests(
    tmp_path: Path, faulty: FaultServer
) -> None:
    # Sending an offline run took longer than making it. What costs the time are round trips.
    code = """
        import weft
        run = weft.init(id="long")
        for n in range(20_000): run.log({f"m{k}": n * k / 3 for k in range(10)})
        """
    done(tmp_path, code, OFFLINE)
    log, *_ = logs_in(tmp_path)
    n_bytes = log.stat().st_size
    assert sync([tmp_path], base_url=faulty.url) == 0
    (received,) = faulty.logs.values()
    assert len(received) == n_bytes
    assert len(faulty.uploads) <= n_bytes / 1e6 + 5
    n_sent = sum(len(upload.data) for upload in faulty.uploads)
    assert n_sent < 1.1 * n_bytes, "and nothing is sent twice"


@at_length
def test_p6_42_swanlab_1777_a_restart_of_the_server_leaves_all_that_was_synced(
    tmp_path: Path,
) -> None:
    # After an upgrade of the server's database the charts of synced projects were empty, of old
    # ones and new. There is one version of weft's database yet: here the server is only restarted.
    # Charts are compared, on each axis, and rows.
    code = """
        import weft
        run = weft.init(id={run_id!r}, config={{"lr": 0.1}})
        for n in range(1000): run.log({{"loss": 1 / (n + 1), "text": f"line {{n}}"}})
        """

    def seen(live: LiveServer, run_id: str) -> tuple[Any, ...]:
        run = live.run(run_id)
        panels = [
            {"runs": [run_id], "keys": ["loss"], "axis": axis} for axis in ("step", "time", "wall")
        ]
        curves = [row for (row,) in ask(live.process, "tests", *panels)]
        assert [sum(row["count"]) for row in curves] == [1000] * 3
        charts = [
            [row[name] for name in ("level", "bucket", "count", "min64", "max64")]
            for row in curves
        ]
        return run.config, run.summary, run.state, list(run.scan_history()), charts

    done(tmp_path, code.format(run_id="before"), OFFLINE)
    with LiveServer(tmp_path / "own") as live:
        assert sync([tmp_path], base_url=live.url) == 0
        before = seen(live, "before")
        assert len(before[3]) == 1000
        live.process.stop()
        live.start_again()
        assert seen(live, "before") == before
        done(tmp_path, code.format(run_id="after"), OFFLINE)
        assert sync([tmp_path], base_url=live.url) == 0
        assert len(seen(live, "after")[3]) == 1000
        assert seen(live, "before") == before


@at_length
def test_p6_42_aim_2270_a_run_is_deleted_while_it_runs_or_after_it_was_killed(
    tmp_path: Path, live: LiveServer
) -> None:
    # A killed script left its run in progress for ever, with a lock: it could not be deleted.
    code = """
        import sys, weft
        run = weft.init(id={run_id!r})
        run.log({{"n": 0}})
        print("logged", flush=True)
        sys.stdin.readline()
        run.log({{"n": 1}})
        """
    for run_id, kill in (("cancelled", True), ("inprogress", False)):
        env = {**live.environment, "WEFT_SYSTEM_INTERVAL": "0"}
        script = start_script(tmp_path, code.format(run_id=run_id), env, stdin=subprocess.PIPE)
        assert first_line(script) == "logged"
        wait_until(lambda run_id=run_id: live.has(run_id), what="the run")
        if kill:
            script.kill()
        live.run(run_id).delete()
        _, stderr = script.communicate("\n", timeout=180)
        assert kill or script.returncode == 0, "training goes on"
        assert kill or "deleted" in stderr
        with pytest.raises((Gone, NotFound)):
            live.run(run_id)
    await_no_sidecar()
    assert not {"cancelled", "inprogress"} & {run.id for run in live.api.runs("local/tests")}
