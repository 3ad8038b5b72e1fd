"""The `WANDB_*` variables that say what a run is."""

import os
from pathlib import Path

import wandb
from parity_report import see


def with_variables(read, arguments=None, **variables):
    """The record of a run that begins under these variables."""
    wandb.teardown()
    before = dict(os.environ)
    os.environ.update({f"WANDB_{name}": value for name, value in variables.items()})
    try:
        run = wandb.init(**(arguments or {}))
        try:
            return read(run)
        finally:
            run.finish()
    finally:
        os.environ.clear()
        os.environ.update(before)
        wandb.teardown()


def see_variable(name, read, arguments=None, **variables):
    see(name, lambda: with_variables(read, arguments, **variables))


see_variable("PROJECT", lambda run: run.project, PROJECT="from-env")
see_variable(
    "PROJECT below the argument", lambda run: run.project, {"project": "mine"}, PROJECT="from-env"
)
see_variable("ENTITY", lambda run: run.entity, ENTITY="team")
see_variable("NAME", lambda run: run.name, NAME="a name")
see_variable("NOTES", lambda run: run.notes, NOTES="some notes")
see_variable("TAGS", lambda run: run.tags, TAGS="one,two")
see_variable("TAGS below the argument", lambda run: run.tags, {"tags": ["mine"]}, TAGS="one,two")
see_variable("RUN_ID", lambda run: run.id, RUN_ID="abc123")
see_variable("RUN_GROUP", lambda run: run.group, RUN_GROUP="a group")
see_variable("JOB_TYPE", lambda run: run.job_type, JOB_TYPE="train")
see_variable("MODE offline", lambda run: [run.offline, run.disabled], MODE="offline")
see_variable("MODE dryrun", lambda run: [run.offline, run.disabled], MODE="dryrun")
see_variable("MODE disabled", lambda run: [run.offline, run.disabled], MODE="disabled")
see_variable(
    "MODE below the argument", lambda run: run.disabled, {"mode": "offline"}, MODE="disabled"
)
see_variable("SILENT", lambda run: run.settings.silent, SILENT="true")
see_variable("QUIET", lambda run: run.settings.quiet, QUIET="true")
see_variable("DISABLE_GIT", lambda run: run.settings.disable_git, DISABLE_GIT="true")
see_variable("DISABLE_CODE", lambda run: run.settings.disable_code, DISABLE_CODE="true")
see_variable("SAVE_CODE", lambda run: run.settings.save_code, SAVE_CODE="true")
see_variable("SAVE_CODE false", lambda run: run.settings.save_code, SAVE_CODE="false")
see_variable("CONSOLE", lambda run: run.settings.console, CONSOLE="off")
see_variable("HOST", lambda run: run.settings.host, HOST="a-host")
see_variable("USERNAME", lambda run: run.settings.username, USERNAME="me")
see_variable("USER_EMAIL", lambda run: run.settings.email, USER_EMAIL="me@example.com")
see_variable("BASE_URL", lambda run: run.settings.base_url, BASE_URL="http://localhost:9")
see_variable("INIT_TIMEOUT", lambda run: float(run.settings.init_timeout), INIT_TIMEOUT="7")
see_variable(
    "IGNORE_GLOBS", lambda run: tuple(run.settings.ignore_globs), IGNORE_GLOBS="*.pth,*.bin"
)
see_variable("NOTEBOOK_NAME", lambda run: run.settings.notebook_name, NOTEBOOK_NAME="n.ipynb")
see_variable("SWEEP_ID", lambda run: run.sweep_id, SWEEP_ID="sweep1")
see_variable("RESUME allow", lambda run: run.resumed, RESUME="allow", RUN_ID="new1")
see_variable("RESUME of nonsense", lambda run: run.resumed, RESUME="sideways", RUN_ID="new2")
Path("elsewhere").mkdir()
see_variable(
    "DIR",
    lambda run: Path(run.sync_dir).resolve().parents[1] == Path("elsewhere").resolve(),
    DIR="elsewhere",
)
see_variable(
    "CONFIG_PATHS", lambda run: dict(run.config.items()), CONFIG_PATHS="no-such-file.yaml"
)
see_variable("an unknown variable", lambda run: run.offline, NO_SUCH_VARIABLE="1")
see_variable("an empty variable", lambda run: run.project, PROJECT="")
