"""`weft.init()`: reads the settings of a run and starts it.

Checks its arguments (an invalid call raises) and hands the settings to `weft.sdk.start`.
"""

from __future__ import annotations

import copyreg
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from weft.sdk.current import resolved
from weft.sdk.dicts.inputs import inputs_of
from weft.sdk.run import Run
from weft.sdk.setup import PARAM_PATH, SAGEMAKER_ENVIRONMENT, SAGEMAKER_PARAMETERS
from weft.sdk.setup.precedence import read_settings
from weft.sdk.setup.settings import Settings, values_of_settings
from weft.sdk.start import begin_run

if TYPE_CHECKING:
    from weft.sdk.setup.assigned_run import AssignedRun


def init(
    entity: str | None = None,
    project: str | None = None,
    dir: str | os.PathLike[str] | None = None,  # noqa: A002
    id: str | None = None,  # noqa: A002
    name: str | None = None,
    notes: str | None = None,
    tags: Iterable[str] | str | None = None,
    config: Mapping[str, Any] | object | str | None = None,
    config_exclude_keys: Sequence[str] | None = None,
    config_include_keys: Sequence[str] | None = None,
    allow_val_change: bool | None = None,
    group: str | None = None,
    job_type: str | None = None,
    mode: Literal["online", "offline", "disabled", "shared"] | str | None = None,
    force: bool | None = None,
    reinit: bool | str | None = None,
    resume: bool | str | None = None,
    resume_from: str | None = None,
    fork_from: str | None = None,
    save_code: bool | None = None,
    tensorboard: bool | None = None,
    sync_tensorboard: bool | None = None,
    monitor_gym: bool | None = None,
    settings: Mapping[str, Any] | Settings | None = None,
    anonymous: object = None,
    *,
    strict: bool | None = None,
) -> Run:
    """Start a run and make it the current one.

    In a run that a sweep's agent started, the sweep decides the id, the project and the entity,
    and its parameters replace items of `config`.

    Arguments that are not given are looked up in this order: `settings=`, `weft.setup()`,
    `WEFT_*` variables, `WANDB_*` variables, settings files. Otherwise the default applies.

    Args:
        entity: owner of the project. Defaults to the server's, `local` without accounts.
        project: name of the project. Defaults to `uncategorized`.
        dir: folder in which `weft/run-…` is created. Defaults to the working directory.
        id: an id of your choice. Processes that use the same id write to the same run.
        name: display name. Defaults to two words and a number that are derived from the id.
        notes: free text about the run.
        tags: labels: a list, or one string with commas.
        config: the run's inputs: a mapping, a dataclass, an argparse Namespace, absl's flags, or
            the path of a YAML file. In a training job of SageMaker, its description is added.
        config_exclude_keys: items of `config` to leave out.
        config_include_keys: the only items of `config` to take.
        allow_val_change: whether config items may be changed later. Defaults to True in a
            notebook, False elsewhere.
        group: name of a group of runs, such as the folds of a cross-validation.
        job_type: kind of work, such as train or eval.
        mode: `online`, `offline` (recorded here, sent by `weft sync`) or `disabled`. W&B's
            `shared` means `online`: any run may have many writers.
        force: whether to raise if no server is known.
        reinit: the effect on a run that is active: `finish_previous` (the default) ends it,
            `return_previous` returns it instead of starting one, `create_new` starts a second run
            that module-level calls don't use. True means the first, False the second.
        resume: whether to continue run `id`: `allow` continues it if it exists, `must` raises if
            it doesn't, `never` raises if it does. `auto` continues the last local run that did
            not end well.
        resume_from: `RUN?_step=N`: continue that run from that step and discard its later rows.
        fork_from: `RUN?_step=N`: start a new run as a copy of that one up to that step.
        save_code: whether to store the script, or the cells of a notebook; the default is yes.
        sync_tensorboard: whether to log what writers of TensorBoard write, as
            `weft.sync_tensorboard()` does. Its older name is `tensorboard`.
        monitor_gym: whether to log the videos that Gymnasium records, as
            `weft.integrations.gymnasium.monitor()` does.
        settings: further settings by name, such as `{"finish_timeout_secs": 60}`.
        anonymous: ignored; accepted because W&B takes it.
        strict: whether to raise where weft would otherwise only warn.

    Raises:
        ConfigError: an argument, a variable or a settings file is invalid.
        Forbidden: the server refuses `entity`. It is asked about an entity that was not used
            before, for at most a second; a later refusal is a warning.

    >>> import weft
    >>> run = weft.init(project="mnist", config={"lr": 0.1}, mode="disabled")
    >>> run.config.lr
    0.1
    >>> run.finish()
    """
    arguments = {
        "entity": entity,
        "project": project,
        "dir": dir,
        "run_id": id,
        "name": name,
        "notes": notes,
        "tags": tags,
        "allow_val_change": allow_val_change,
        "group": group,
        "job_type": job_type,
        "mode": mode,
        "force": force,
        "reinit": reinit,
        "resume": resume,
        "resume_from": resume_from,
        "fork_from": fork_from,
        "save_code": save_code,
        "sync_tensorboard": tensorboard if sync_tensorboard is None else sync_tensorboard,
        "monitor_gym": monitor_gym,
        "anonymous": anonymous,
        "strict": strict,
    }
    explicit = {name: value for name, value in arguments.items() if value is not None}
    troubles: list[str] = []
    explicit = {**values_of_settings(settings), **explicit}
    sweep = _assigned_run()
    if sweep is not None:
        decided = sweep.arguments()
        ignored = [
            name
            for name in ("project", "entity", "run_id")
            if explicit.get(name) not in (None, decided.get(name))
        ]
        if ignored:
            named = ", ".join("id" if name == "run_id" else name for name in ignored)
            troubles.append(f"init() ignored {named}: the sweep decides where its runs belong")
        explicit |= decided
    chosen = read_settings(explicit, troubles=troubles)
    inputs = inputs_of(resolved(config), config_include_keys, config_exclude_keys)
    if SAGEMAKER_ENVIRONMENT in os.environ or os.path.exists(SAGEMAKER_PARAMETERS):  # noqa: PTH110
        from weft.sdk.setup.sagemaker import sagemaker_group, sagemaker_inputs

        group = sagemaker_group()
        if group is not None and not chosen.group:
            chosen = chosen.replace(group=group)
        inputs = sagemaker_inputs(troubles.append) | inputs
    return begin_run(
        chosen, inputs, sweep_config=None if sweep is None else sweep.config, troubles=troubles
    )


def _assigned_run() -> AssignedRun | None:
    """The run that a sweep's agent assigned to this process, by a variable or by a call."""
    module = "weft.sdk.setup.assigned_run"
    if not (
        module in sys.modules
        or os.environ.get(f"WEFT_{PARAM_PATH}")
        or os.environ.get(f"WANDB_{PARAM_PATH}")
    ):
        return None
    from weft.sdk.setup.assigned_run import assigned_run

    return assigned_run()


def _reduce(run: Run) -> tuple[Any, ...]:
    from weft.sdk.attach import reduce_run

    return reduce_run(run)


# Registered here because `weft.sdk.attach` imports `Run`, so `Run` can't import it.
copyreg.pickle(Run, _reduce)
