"""Settings from everywhere at once, by scripts of their own against a real server."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from at_length import at_length
from live_runs import LiveServer
from sdk_script import DESCRIBED, logs_in, run_script, run_well

pytestmark = pytest.mark.timeout(300)


def write(path: Path, *lines: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{line}\n" for line in lines))


def test_every_place_is_heard_in_its_turn(tmp_path: Path, live: LiveServer) -> None:
    """Each place says one name more than the one above it; the topmost counts."""
    config = Path(os.environ["XDG_CONFIG_HOME"])
    names = ["notes", "group", "job_type", "tags", "name", "username", "email", "docker"]
    write(tmp_path / "weft" / "settings", *(f"{name} = local" for name in names[:-2]))
    write(config / "weft" / "settings", *(f"{name} = user" for name in names[:-1]))
    write(tmp_path / "wandb" / "settings", "[default]", *(f"{name} = wandb" for name in names))
    run_well(
        tmp_path,
        """
        import weft

        weft.setup(weft.Settings(notes="setup", group="setup", job_type="setup"))
        run = weft.init(id="turns", notes="argument",
                        settings={"notes": "settings", "run_group": "settings"})
        found = [run.settings.notes, run.settings.group, run.settings.job_type, run.settings.tags,
                 run.settings.name, run.settings.username, run.settings.email,
                 run.settings.docker]
        assert found == ["argument", "settings", "setup", ("weft",), "wandb", "local", "user",
                         "wandb"], found
        """,
        **live.environment,
        WEFT_NOTES="weft", WEFT_RUN_GROUP="weft", WEFT_JOB_TYPE="weft", WEFT_TAGS="weft",
        WANDB_NOTES="wandb", WANDB_TAGS="wandb", WANDB_NAME="wandb",
    )  # fmt: skip
    stored = live.run("turns")
    assert (stored.notes, stored.group, stored.job_type) == ("argument", "settings", "setup")
    assert (stored.tags, stored.name) == (["weft"], "wandb")


def test_a_run_says_who_started_it_unless_told_not_to(tmp_path: Path, live: LiveServer) -> None:
    script = "import weft; weft.init(id={id!r}).finish()"
    variables = {**live.environment, **DESCRIBED, "LOGNAME": "erin"}
    run_well(tmp_path, script.format(id="login"), **variables)
    run_well(tmp_path, script.format(id="named"), **variables, WANDB_USERNAME="frank")
    run_well(tmp_path, script.format(id="hidden"), **variables, WANDB_USERNAME="frank",
             WANDB_USER_EMAIL="frank@example.org", WEFT_DISABLE_USER="true")  # fmt: skip
    users = [live.run(name).user for name in ("login", "named", "hidden")]
    assert [user and user.username for user in users] == [
        "erin",
        "frank",
        None,
    ]
    (hidden,) = tmp_path.glob("weft/run-*-hidden")
    assert "frank" not in (hidden / "files" / "metadata.json").read_text()


def test_a_run_says_nothing_of_its_machine_where_told_not_to(
    tmp_path: Path, live: LiveServer
) -> None:
    script = "import weft; weft.init(id={id!r}).finish()"
    # An empty variable of ours says nothing, so W&B's is heard.
    variables = {**live.environment, "WEFT_DISABLE_METADATA": ""}
    run_well(tmp_path, script.format(id="mute"), **variables, WANDB_X_DISABLE_META="true")
    run_well(tmp_path, script.format(id="open"), **variables)
    mute, described = (
        json.loads(next(tmp_path.glob(f"weft/run-*-{name}/files/metadata.json")).read_text())
        for name in ("mute", "open")
    )
    assert mute.keys() == {"started_micros", "weft"}
    assert {"program", "cwd", "os"} <= described.keys()


@at_length
def test_the_server_may_come_from_a_settings_file(tmp_path: Path, live: LiveServer) -> None:
    write(tmp_path / "weft" / "settings", f"base_url = {live.url}", "project = tests")
    run_well(tmp_path, "import weft; weft.init(id='filed')", WEFT_MODE="online")
    assert live.ended("filed").state == "finished"


@at_length
def test_a_settings_file_of_wandb_serves(tmp_path: Path, live: LiveServer) -> None:
    write(
        tmp_path / "wandb" / "settings",
        "[default]", f"base_url = {live.url}", "project = tests", "entity = local",
        "mode = online", "save_code = false", "ignore_globs = *.png", "anonymous = allow",
    )  # fmt: skip
    script = run_well(tmp_path, "import weft; weft.init(id='of-wandb')", WEFT_MODE="")
    assert live.ended("of-wandb").state == "finished"
    assert "WARNING" not in script.stderr


def test_settings_of_the_process_hold_for_all_its_runs(tmp_path: Path, live: LiveServer) -> None:
    run_well(
        tmp_path,
        f"""
        import weft

        assert weft.setup({{"base_url": {live.url!r}, "project": "tests"}}).project == "tests"
        weft.init(id="process1", group="own")
        weft.setup(settings={{"group": "later"}})
        weft.init(id="process2")
        weft.teardown()
        assert weft.setup().project == "uncategorized"
        """,
        WEFT_MODE="online",
    )
    assert live.ended("process1").group == "own"
    assert live.ended("process2").group == "later"


@at_length
def test_an_unreadable_settings_file_costs_one_warning(tmp_path: Path) -> None:
    write(tmp_path / "weft" / "settings")
    (tmp_path / "weft" / "settings").write_bytes(b"project = \xff\n")
    script = run_well(tmp_path, "import weft; weft.init(); weft.init()")
    assert script.stderr.count("weft/settings can't be read: it is not UTF-8 text") == 2
    assert len(logs_in(tmp_path)) == 2
    strict = run_script(tmp_path, "import weft; weft.init(strict=True)")
    assert strict.exit_code == 1


def test_an_unknown_name_in_a_settings_file_costs_one_warning(tmp_path: Path) -> None:
    write(tmp_path / "weft" / "settings", "projekt = a", "project = b")
    script = run_well(tmp_path, "import weft; print(weft.init().project)")
    assert script.stdout == "b\n"
    assert script.stderr.count("WARNING") == 1
    assert "weft/settings: no setting 'projekt': did you mean 'project'?" in script.stderr


@at_length
def test_a_bad_value_in_a_settings_file_raises(tmp_path: Path) -> None:
    write(tmp_path / "weft" / "settings", "mode = sideways")
    script = run_script(tmp_path, "import weft; weft.init()", {"WEFT_MODE": ""})
    assert script.exit_code == 1
    assert "ConfigError: mode in weft/settings must be one of" in script.stderr


@at_length
def test_settings_can_be_read_from_the_run_and_not_changed(tmp_path: Path) -> None:
    run_well(
        tmp_path,
        """
        import weft

        settings = weft.Settings(run_name="n", start_method="thread", _disable_stats=True)
        settings.project = "p"
        run = weft.init(settings=settings)
        found = run.settings
        assert (found.name, found.run_name, found.project) == ("n", "n", "p")
        assert found.start_method == "thread" and found.system_interval_secs == 0
        assert found.mode == "offline" and found.run_id == run.id
        try:
            run.settings.project = "q"
        except weft.errors.ConfigError:
            pass
        else:
            raise AssertionError
        """,
    )


@at_length
def test_folders_of_data_are_where_the_variables_say(tmp_path: Path) -> None:
    script = run_well(
        tmp_path,
        """
        import json, weft

        found = weft.init().settings
        print(json.dumps([str(getattr(found, name)) for name in
                          ("dir", "data_dir", "cache_dir", "config_dir", "artifact_dir")]))
        """,
        WANDB_DIR="runs", WANDB_DATA_DIR="data", WANDB_CACHE_DIR="cache",
        WANDB_CONFIG_DIR="config", WANDB_ARTIFACT_DIR="artifacts",
    )  # fmt: skip
    assert json.loads(script.stdout) == ["runs", "data", "cache", "config", "artifacts"]
    assert logs_in(tmp_path / "runs")
