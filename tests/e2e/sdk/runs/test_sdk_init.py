"""`weft.init` with each of its arguments, by scripts of their own against a real server."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest

import weft
from at_length import at_length, case_at_length
from live_runs import LiveServer
from sdk_script import DESCRIBED, log_rows, logs_in, run_script, run_well

pytestmark = pytest.mark.timeout(300)


# -- arguments and variables ---


def test_what_init_is_told_is_what_the_server_has(tmp_path: Path, live: LiveServer) -> None:
    run_well(
        tmp_path,
        """
        import weft

        run = weft.init(
            project="told", id="told", name="My run", notes="first\\nsecond", tags=["b", "a", "b"],
            group="cross", job_type="eval", config={"lr": 0.1, "seed": 1, "junk": 2},
            config_exclude_keys=["junk"], save_code=False, anonymous="allow", force=True,
        )
        assert (run.project, run.group, run.job_type) == ("told", "cross", "eval")
        assert run.url == run.get_url() and run.project_name() == "told"
        assert run.project_url == run.get_project_url()
        assert run.sweep_id is run.sweep_url is run.get_sweep_url() is None
        assert (run.starting_step, run.step, run.resumed, run.offline) == (0, 0, False, False)
        run.log({"a": 1})
        assert (run.starting_step, run.step) == (0, 1)
        """,
        live.environment,
    )
    stored = live.api.run("local/told/told")
    assert (stored.name, stored.notes, stored.tags) == ("My run", "first\nsecond", ["b", "a"])
    assert (stored.group, stored.job_type) == ("cross", "eval")
    assert stored.config == {"lr": 0.1, "seed": 1}


@pytest.mark.parametrize("prefix", ["WEFT_", "WANDB_"])
def test_what_variables_say_is_what_the_server_has(
    tmp_path: Path, live: LiveServer, prefix: str
) -> None:
    run_id = f"by-{prefix.strip('_').lower()}"
    variables = {
        "PROJECT": "told", "RUN_ID": run_id, "NAME": "by variable", "NOTES": "n", "TAGS": "a, b",
        "RUN_GROUP": "g", "JOB_TYPE": "train", "HOST": "my-laptop", "USERNAME": "me",
        "USER_EMAIL": "me@example.org", "DOCKER": "image:1", "BASE_URL": live.url,
        "MODE": "online", "NOTEBOOK_NAME": "study.ipynb", "SWEEP_ID": "sw33p",
    }  # fmt: skip
    run_well(
        tmp_path,
        """
        import json, weft

        with weft.init() as run:
            run.log({"a": 1})
            print(run.sweep_url)
            assert (run.sweep_id, run.settings.email) == ("sw33p", "me@example.org")
        """,
        # An empty variable of ours says nothing, so W&B's is heard.
        **{
            "WEFT_MODE": "",
            **DESCRIBED,
            **{prefix + name: value for name, value in variables.items()},
        },
    )
    stored = live.api.run(f"local/told/{run_id}")
    assert (stored.name, stored.notes, stored.tags) == ("by variable", "n", ["a", "b"])
    assert (stored.group, stored.job_type, stored.host) == ("g", "train", "my-laptop")
    (noted,) = tmp_path.glob("weft/run-*/files/metadata.json")
    metadata = json.loads(noted.read_text())
    assert (metadata["host"], metadata["username"]) == ("my-laptop", "me")
    assert (metadata["docker"], metadata["notebook"]) == ("image:1", "study.ipynb")


@at_length
def test_our_variable_is_heard_over_that_of_wandb(tmp_path: Path, live: LiveServer) -> None:
    run_well(
        tmp_path,
        "import weft; weft.init(id='over').log({'a': 1})",
        live.environment,
        WANDB_NAME="theirs", WEFT_NAME="ours", WANDB_BASE_URL="http://127.0.0.1:9",
        WANDB_MODE="disabled",
    )  # fmt: skip
    assert live.run("over").name == "ours"


def test_the_first_positional_arguments_are_those_of_wandb(tmp_path: Path) -> None:
    script = run_well(
        tmp_path, "import weft; print(weft.init('team', 'mnist', 'here', 'ab12', 'a name').path)"
    )
    assert script.stdout == "team/mnist/ab12\n"
    assert list((tmp_path / "here" / "weft").glob("run-*-ab12"))


def test_inputs_come_from_files_below_what_config_says(tmp_path: Path, live: LiveServer) -> None:
    (tmp_path / "config-defaults.yaml").write_text("a: {desc: x, value: 0}\nd: {value: 4}\n")
    (tmp_path / "one.yaml").write_text("a: 1\nb: 1\n")
    (tmp_path / "two.yaml").write_text("b: 2\nc: 2\n")
    run_well(
        tmp_path,
        "import weft; weft.init(id='files', config={'c': 3}).log({'a': 1})",
        live.environment,
        WANDB_CONFIG_PATHS="one.yaml,two.yaml",
    )
    assert live.run("files").config == {"a": 1, "b": 2, "c": 3, "d": 4}


@pytest.mark.parametrize("mode", ["disabled", "dryrun", case_at_length("offline")])
def test_modes_by_the_variable_of_wandb(tmp_path: Path, mode: str) -> None:
    script = run_well(
        tmp_path,
        "import weft; run = weft.init(); run.log({'a': 1}); print(run.offline, run.disabled)",
        WANDB_MODE=mode, WEFT_MODE="",
    )  # fmt: skip
    assert script.stdout.split() == (
        ["False", "True"] if mode == "disabled" else ["True", "False"]
    )
    assert bool(logs_in(tmp_path)) == (mode != "disabled")


def test_integrations_of_settings_need_no_framework(tmp_path: Path) -> None:
    script = run_well(
        tmp_path,
        "import sys, weft; run = weft.init(tensorboard=True, monitor_gym=True)\n"
        "assert run.settings.sync_tensorboard\n"
        "assert not sys.modules.keys() & {'tensorboard', 'tensorboardX', 'gymnasium'}",
    )
    assert "WARNING" not in script.stderr


@at_length
def test_a_training_job_of_sagemaker_describes_its_run(tmp_path: Path) -> None:
    run_well(
        tmp_path,
        "import weft; run = weft.init(config={'lr': 0.1})\n"
        "assert run.config['hyperparameters']['epochs'] == 3\n"
        "assert (run.config['lr'], run.group) == (0.1, 'digits-2026')",
        SM_TRAINING_ENV='{"hyperparameters": {"epochs": 3}, "lr": 0.2}',
        TRAINING_JOB_NAME="digits-2026",
    )
    script = run_well(tmp_path, "import weft; weft.init()", SM_TRAINING_ENV="{not json")
    assert script.stderr.count("SM_TRAINING_ENV is not JSON") == 1


WRONG = {
    "weft.init(projekt='a')": "TypeError: init() got an unexpected keyword argument 'projekt'",
    "weft.init(settings={'projekt': 'a'})": "ConfigError: no setting 'projekt': did you mean",
    "weft.init(settings=weft.Settings(mode='up'))": "ConfigError: mode must be one of online",
    "weft.init(resume='sometimes')": "ConfigError: resume must be one of allow, must, never, auto",
    "weft.init(reinit='sometimes')": "ConfigError: reinit must be one of finish_previous",
    "weft.init(fork_from='a?step=1')": "ConfigError: fork_from",
    "weft.init(fork_from='a', resume='must')": "can't be used together",
    "weft.init(save_code='perhaps')": "ConfigError: save_code must be true or false",
    "weft.init(monitor_gym=3)": "ConfigError: monitor_gym must be true or false",
    "weft.init(config='no.yaml')": "ConfigError: config file 'no.yaml' is not there",
    "weft.init(config_exclude_keys=['a'], config_include_keys=['b'])": "UsageError: give either",
    "weft.init(mode='online', force=True)": "Unavailable: force=True asks for a server and none",
    "weft.init(tags={'a': 1})": "ConfigError: tags must be a list of strings, not dict",
    "weft.init(settings={'base_url': 'nonsense'})": "ConfigError: base_url is not a server",
    "setattr(weft.init(mode='disabled'), 'loss', 1)": "AttributeError: weft.Run has no attribute",
    "weft.finish()": "raised nothing",
    "weft.config['a']": "UsageError: no run: call weft.init() before weft.config",
    "weft.summary['a']": "UsageError: no run: call weft.init() before weft.summary",
    "weft.log({'a': 1})": "UsageError: no run: call weft.init() before weft.log()",
    "weft.define_metric('a')": "UsageError: no run: call weft.init() before weft.define_metric()",
    "weft.alert('a', 'b')": "UsageError: no run: call weft.init() before weft.alert()",
    "weft.mark_preempting()": "UsageError: no run: call weft.init() before weft.mark_preempting()",
    "weft.init(mode='disabled').finish('bad')": "WrongType: finish() takes an exit code that is",
    "weft.init(mode='disabled').finish(2**64)": "UsageError: finish() takes an exit code of at",
    "weft.sweep(3)": "WrongType: a sweep is described by a dict, not by int",
    "weft.controller()": "AttributeError: weft has no controller: the server decides",
    "weft.attach('nobody')": "UsageError: no run 'nobody' is active in this process",
    "weft.require('nonsense')": "UsageError: no requirement 'nonsense'",
    "weft.nonsense": "AttributeError: module 'weft' has no attribute 'nonsense'",
}


def test_wrong_calls_raise_and_name_thing_and_remedy(tmp_path: Path) -> None:
    code = ["import weft"]
    for call in WRONG:
        code += ["try:", f"    {call}", "except Exception as error:"]
        code += ["    print(f'{type(error).__name__}: {error}')"]
        code += ["else:", f"    print({call!r}, 'raised nothing')"]
    script = run_well(tmp_path, "\n".join(code))
    for line, expected in zip(script.stdout.splitlines(), WRONG.values(), strict=True):
        assert expected in line
    assert logs_in(tmp_path) == []


@at_length
def test_a_strict_init_that_raises_leaves_no_run(tmp_path: Path) -> None:
    script = run_script(
        tmp_path, "import weft; weft.init(strict=True, config={'odd': object()}, name='x')"
    )
    assert script.exit_code == 1
    assert "UsageError: 'odd' is of type object" in script.stderr
    assert not (tmp_path / "weft").exists()


@at_length
def test_a_bad_variable_raises_at_init_and_is_named(tmp_path: Path) -> None:
    script = run_script(tmp_path, "import weft; weft.init()", {"WANDB_RESUME": "perhaps"})
    assert script.exit_code == 1
    assert "WANDB_RESUME must be one of allow, must, never, auto" in script.stderr


# -- module-level names ---


def test_names_that_a_script_for_wandb_uses(tmp_path: Path, live: LiveServer) -> None:
    script = run_well(
        tmp_path,
        """
        import weft as wandb
        from weft import config, summary

        wandb.require("core")
        wandb.ensure_configured()
        assert wandb.run is None and len(wandb.util.generate_id()) == 8
        assert issubclass(wandb.UsageError, wandb.Error)
        assert wandb.login() is True
        wandb.init(project="tests", id="script", config={"lr": 0.1})
        config.epochs = 3
        wandb.config = {"batch": 8}
        wandb.config.update({"depth": 2})
        wandb.define_metric("loss", summary="min")
        for loss in (2, 1, 3):
            wandb.log({"loss": loss})
        summary["best"] = 1
        wandb.summary = {"note": "kept"}
        wandb.alert(title="done", text="all", level=wandb.AlertLevel.WARN)
        wandb.mark_preempting()
        wandb.termlog("a line"); wandb.termwarn("once", repeat=False)
        wandb.termwarn("once", repeat=False); wandb.termerror("bad")
        wandb.termlog("half", newline=False); wandb.termlog(" a line", prefix=False)
        assert issubclass(wandb.errors.CommError, wandb.errors.Error)
        assert wandb.run.config.batch == 8
        wandb.join()
        assert wandb.run is None
        wandb.teardown()
        """,
        live.environment,
    )
    stored = live.ended("script")
    assert stored.config == {"lr": 0.1, "epochs": 3, "batch": 8, "depth": 2}
    assert stored.summary["loss"] == {"min": 1}
    assert (stored.summary["best"], stored.summary["note"]) == (1, "kept")
    assert [(alert.title, alert.level) for alert in stored.alerts] == [("done", "WARN")]
    assert stored.state == "finished"
    lines = script.stderr.splitlines()
    assert "weft: a line" in lines
    assert lines.count("weft: WARNING once") == 1
    assert "weft: ERROR bad" in lines
    assert "weft: half a line" in lines


@at_length
def test_module_level_names_can_be_patched(tmp_path: Path) -> None:
    run_well(
        tmp_path,
        """
        from unittest import mock
        import weft

        run = weft.init()
        with mock.patch("weft.run", None):
            assert weft.run is None
        assert weft.run is run
        with mock.patch("weft.log") as log:
            weft.log({"a": 1})
        log.assert_called_once_with({"a": 1})
        weft.run = None
        assert weft.run is None
        weft.run = run
        weft.config = weft.config
        try:
            weft.run = "nonsense"
        except weft.UsageError as error:
            print(error)
        """,
    )


def test_status_tells_how_far_the_upload_is(tmp_path: Path, live: LiveServer) -> None:
    run_well(
        tmp_path,
        """
        import time, weft

        run = weft.init(id="status")
        for n in range(1000):
            run.log({"n": n})
        first = run.status()
        assert first.sync_items_total >= first.sync_items_pending >= 0
        deadline = time.monotonic() + 60
        while run.status().sync_items_pending and time.monotonic() < deadline:
            time.sleep(0.05)
        last = run.status()
        assert last.sync_items_pending == 0 and last.sync_items_total > 1000
        assert last.sync_time is not None
        run.finish()
        try:
            run.status()
        except weft.UsageError as error:
            assert "run 'status' is finished" in str(error)
        else:
            raise AssertionError
        """,
        live.environment,
    )


def test_a_name_that_a_run_lacks_is_said(tmp_path: Path) -> None:
    script = run_well(
        tmp_path,
        """
        import weft

        run = weft.init()
        assert not hasattr(run, "launch")
        try:
            run.launch("x")
        except AttributeError as error:
            print(error)
        """,
    )
    assert script.stdout.startswith("weft.Run has no attribute 'launch'")


# -- what is printed ---


def test_a_run_has_one_name_in_the_terminal_in_its_directory_and_on_the_server(
    tmp_path: Path, live: LiveServer
) -> None:
    code = """
        import weft

        for number in range(3):
            with weft.init(id=f"named{number}") as run:
                run.log({"n": number})
            print(run.name)
        """
    script = run_well(tmp_path, code, live.environment)
    names = script.stdout.splitlines()
    assert len(set(names)) == 3
    here = weft.Api(tmp_path / "weft")
    for number, name in enumerate(names):
        assert f"weft: Syncing run {name}" in script.stderr.splitlines()
        assert live.ended(f"named{number}").name == name
        assert here.run(f"local/tests/named{number}").name == name
    here.close()


def test_the_lines_of_a_run_on_a_server(tmp_path: Path, live: LiveServer) -> None:
    script = run_well(
        tmp_path,
        """
        import weft

        run = weft.init(id="lines", name="my run", settings={"sweep_id": "sw33p"})
        for n in range(3):
            run.log({"n": n})
        """,
        live.environment,
    )
    page = f"{live.url}/local/tests"
    (directory,) = (tmp_path / "weft").glob("run-*-lines")
    assert script.stderr.splitlines() == [
        f"weft: Tracking run with weft {weft.__version__}",
        f"weft: Run data is saved locally in ./weft/{directory.name}",
        "weft: Syncing run my run",
        f"weft: ⭐️ View project at {page}",
        f"weft: 🧹 View sweep at {page}/sweeps/sw33p",
        f"weft: 🚀 View run my run at {page}/runs/lines",
        "weft:",
        "weft: Run history:",
        "weft: n ▁▅█",
        "weft:",
        "weft: Run summary:",
        "weft: n 2",
        "weft:",
        f"weft: 🚀 View run my run at {page}/runs/lines",
        f"weft: ⭐️ View project at {page}",
        f"weft: Run data is saved locally in ./weft/{directory.name}",
    ]


PRINTED: list[Any] = [
    ("quiet", True, [], ["View", "Tracking", "history"]),
    ("show_info", False, ["WARNING"], ["View", "Tracking", "history"]),
    ("silent", True, [], ["weft:"]),
    case_at_length("show_warnings", False, ["View", "history"], ["WARNING"]),
    case_at_length("show_emoji", False, ["View run", "Run history"], ["🚀", "⭐️"]),
    case_at_length("max_end_of_run_history_metrics", 0, ["Run summary"], ["Run history"]),
    ("max_end_of_run_summary_metrics", 0, ["Run history"], ["Run summary"]),
]


@pytest.mark.parametrize(("name", "value", "there", "absent"), PRINTED)
def test_settings_of_what_is_printed(
    tmp_path: Path, live: LiveServer, name: str, value: object, there: list[str], absent: list[str]
) -> None:
    script = run_well(
        tmp_path,
        f"""
        import weft

        run = weft.init(settings={{{name!r}: {value!r}}})
        run.log({{"n": 1, "odd": object()}}); run.log({{"n": 2}})
        """,
        live.environment,
    )
    assert all(text in script.stderr for text in there), script.stderr
    assert not any(text in script.stderr for text in absent), script.stderr


def test_the_runs_page_is_opened_where_that_is_asked_for(tmp_path: Path, live: LiveServer) -> None:
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > {tmp_path}/opened\n')
    browser.chmod(browser.stat().st_mode | stat.S_IXUSR)
    run_well(
        tmp_path,
        "import weft; weft.init(id='opened')",
        live.environment,
        WANDB_SHOW_RUN="true", BROWSER=str(browser),
    )  # fmt: skip
    assert (tmp_path / "opened").read_text().strip() == f"{live.url}/local/tests/runs/opened"


@at_length
def test_rows_are_there_whatever_the_start(tmp_path: Path) -> None:
    run_well(tmp_path, "import weft\nwith weft.init() as run: run.log({'a': 1})")
    assert log_rows(logs_in(tmp_path)[0]) == [{"a": 1, "_step": 0}]


@at_length
def test_a_resumed_run_keeps_its_words_until_others_are_set(
    tmp_path: Path, live: LiveServer
) -> None:
    begin = "import weft; weft.init(id='words', tags='a,b', notes='n', group='g', name='first')"
    run_well(tmp_path, begin, live.environment)
    run_well(
        tmp_path,
        """
        import weft

        run = weft.init(id="words", resume="must")
        assert (run.name, run.tags, run.notes, run.group) == ("first", ("a", "b"), "n", "g")
        run.tags += ("c",)
        assert run.tags == ("a", "b", "c")
        """,
        live.environment,
    )
    assert live.run("words").tags == ["a", "b", "c"]
    run_well(
        tmp_path,
        """
        import weft

        run = weft.init(id="words", resume="must")
        run.tags = []
        run.notes = ""
        assert (run.tags, run.notes, run.name) == ((), "", "first")
        """,
        live.environment,
    )
    stored = live.run("words")
    assert (stored.tags, stored.name, stored.group) == ([], "first", "g")
    assert not stored.notes


FINISHED = (
    "run.log({'a': 1})", "run.config.update({'a': 1})", "run.config.a = 1",
    "run.summary.update({'a': 1})", "run.define_metric('a')", "run.alert('a', 'b')",
    "run.mark_preempting()", "run.pin_config_keys(['a'])", "run.status()",
    "setattr(run, 'name', 'x')", "setattr(run, 'tags', ['x'])", "setattr(run, 'notes', 'x')",
)  # fmt: skip


@pytest.mark.parametrize("mode", ["offline", case_at_length("disabled")])
def test_a_finished_run_takes_nothing_and_says_which_it_is(tmp_path: Path, mode: str) -> None:
    script = run_well(
        tmp_path,
        f"""
        import weft

        run = weft.init(id="over", config={{"lr": 1}})
        run.log({{"loss": 0.5}})
        run.finish()
        run.finish()
        weft.finish()
        assert weft.run is None and run.finished
        for call in {FINISHED}:
            try:
                eval(call) if " = " not in call else exec(call)
            except weft.UsageError as error:
                print(error)
        assert (run.id, run.config.lr, run.summary["loss"], run.step) == ("over", 1, 0.5, 1)
        """,
        WEFT_MODE=mode,
    )
    lines = script.stdout.splitlines()
    assert len(lines) == len(FINISHED)
    assert set(lines) == {
        "run 'over' is finished: call weft.init() for a new one, or "
        "weft.init(id='over', resume='must') to continue it"
    }


def test_the_variables_of_a_requeued_job_go_on_with_its_run(
    tmp_path: Path, live: LiveServer
) -> None:
    code = """
        import weft

        with weft.init(allow_val_change=True, config={"tries": 0}) as run:
            run.config.tries += 1
            for _ in range(3):
                run.log({"a": run.step})
            print(run.resumed, run.starting_step, run.step)
        """
    variables = {"WANDB_RUN_ID": "job-17", "WANDB_RESUME": "allow", "WANDB_NAME": "job"}
    scripts = [run_well(tmp_path, code, live.environment, **variables) for _ in range(2)]
    assert [script.stdout for script in scripts] == ["False 0 3\n", "True 3 6\n"]
    first, second = (script.stderr.splitlines() for script in scripts)
    assert "weft: Run history:" in first
    assert "weft: Run history since it was resumed:" in second
    assert live.values("job-17", "a") == [*range(6)]
    stored = live.ended("job-17")
    assert (stored.name, stored.state) == ("job", "finished")
