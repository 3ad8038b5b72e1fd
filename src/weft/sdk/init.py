"""`weft.init()`: starts a run. Step 0 of a point's way. Does I/O: the run's directory and log.

Checks what it was called with (wrong calls raise), makes the directory and the log, starts the
sidecar without waiting, and prints where the run is. Faults of the environment never raise: where
nothing can be written the run goes on unrecorded, and says so.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import weft
from weft.errors import ConfigError, Unavailable, WeftError
from weft.records.record import Run as RunRecord
from weft.sdk.config import Config, mapping_of, yaml_text
from weft.sdk.directory import make_run_directory, write_json
from weft.sdk.environment import describe_process
from weft.sdk.finish import finish_run, hooks
from weft.sdk.guard import Guard
from weft.sdk.precedence import read_settings
from weft.sdk.recorder import Recorder
from weft.sdk.run import Run
from weft.sdk.session import session
from weft.sdk.settings import Settings, settings_given
from weft.sdk.summary import Summary
from weft.sync.where import Where, find_server


def init(
    project: str | None = None,
    *,
    entity: str | None = None,
    id: str | None = None,  # noqa: A002  the name users know
    name: str | None = None,
    config: Mapping[str, Any] | object | None = None,
    mode: str | None = None,
    dir: str | os.PathLike[str] | None = None,  # noqa: A002
    notes: str | None = None,
    tags: Iterable[str] | None = None,
    group: str | None = None,
    job_type: str | None = None,
    settings: Mapping[str, Any] | Settings | None = None,
    strict: bool | None = None,
    allow_val_change: bool | None = None,
) -> Run:
    """Start a run and make it the current one; a run that is not finished yet is ended first.

    What is not given comes from `WEFT_*`, `WANDB_*`, settings files, then defaults.

    Args:
        project: default `uncategorized`.
        entity: owner of the project; default: the server's, `local` without accounts.
        id: an id of your own; two processes with one id write to one run.
        name: default: two words made from the id.
        config: the run's inputs: a mapping, or an object such as argparse's Namespace.
        mode: `online`, `offline` (recorded here, sent by `weft sync`) or `disabled`.
        dir: folder in which `weft/run-…` is made; default: the working directory.
        settings: further settings by name, such as `{"finish_timeout_secs": 60}`.
        strict: raise where weft would only warn.
        allow_val_change: whether items of the config may be changed later.

    Raises:
        ConfigError: an argument, variable or settings file says what no run can be.

    >>> import weft
    >>> run = weft.init(project="mnist", config={"lr": 0.1}, mode="disabled")
    >>> run.config.lr
    0.1
    >>> run.finish()
    """
    arguments = {
        **settings_given(settings),
        **_given(
            project=project,
            entity=entity,
            run_id=id,
            name=name,
            mode=mode,
            dir=dir,
            notes=notes,
            tags=tags,
            group=group,
            job_type=job_type,
            strict=strict,
        ),
    }
    chosen = read_settings(arguments)
    inputs = mapping_of("config", config)
    with session.lock:
        if session.run is not None:
            finish_run(session.run._recorder, exit_code=0)  # pyright: ignore[reportPrivateUsage]
        return _start(chosen, inputs, allow_change=bool(allow_val_change))


def _start(settings: Settings, inputs: dict[str, Any], *, allow_change: bool) -> Run:
    guard = Guard(strict=settings.strict, silent=settings.silent)
    where = find_server() if settings.mode == "online" else None
    server_url = _checked_address(where, guard) if where else None
    record = RunRecord(
        run_id=settings.run_id,
        project=settings.project,
        entity=settings.entity,
        name=settings.name,
        start_micros=time.time_ns() // 1000,
        notes=settings.notes,
        tags=list(settings.tags),
        group=settings.group,
        job_type=settings.job_type,
    )
    recorder = _open_recorder(settings, record, guard, server_url)
    config = Config(
        recorder.config_changed,
        guard.complain,
        allow_change=allow_change,
    )
    summary = Summary(
        recorder.summary_changed,
        guard.complain,
        recorder.history.last_values,
        recorder.history.last_value,
    )
    config.update(inputs)
    run = Run(recorder, config, summary)
    session.add(run, current=True)
    hooks.install()
    if recorder.log is not None:
        _write_files(run, recorder)
        _start_upload(recorder, where)
        _print_start(run)
    return run


def _checked_address(where: Where, guard: Guard) -> str | None:
    """The server's address; None = it is none, and that was said."""
    from weft.client.address import parse_address

    try:
        parse_address(where.url)
    except ConfigError as error:
        guard.warn("address", f"{error}; until then nothing is uploaded")
        return None
    return where.url


def _open_recorder(
    settings: Settings, record: RunRecord, guard: Guard, server_url: str | None
) -> Recorder:
    """Make the directory and the log; where neither can be, a run that records nothing."""

    def made(settings: Settings, directory: Path) -> Recorder:
        return Recorder(
            settings,
            record,
            guard,
            directory,
            uploads=session.uploads,
            server_url=server_url,
            version=weft.__version__,
        )

    if settings.mode == "disabled":
        return made(settings, settings.dir)
    try:
        directory, trouble = make_run_directory(
            settings.dir, settings.run_id, record.start_micros / 1e6
        )
        if trouble:
            guard.warn("directory", trouble)
        return made(settings, directory)
    except (OSError, Unavailable) as error:
        if settings.strict:
            raise error if isinstance(error, WeftError) else Unavailable(str(error)) from error
        guard.warn("directory", f"nothing of this run is recorded: {error}")
        return made(settings.replace(mode="disabled"), settings.dir)


def _write_files(run: Run, recorder: Recorder) -> None:
    files = recorder.directory / "files"
    try:
        (files / "config.yaml").write_text(yaml_text(run.config.as_dict()), encoding="utf-8")
        write_json(
            files / "metadata.json",
            describe_process(recorder.record.start_micros, weft.__version__),
        )
    except OSError as error:
        recorder.guard.warn("files", f"the run's files can't be written: {error}")


def _start_upload(recorder: Recorder, where: Where | None) -> None:
    settings, log = recorder.settings, recorder.log
    if log is None:
        return
    if settings.mode == "offline":
        if settings.system_interval_secs:
            recorder.uploads.start_later(log, interval_secs=settings.system_interval_secs)
        return
    try:
        recorder.uploads.start(log, where, interval_secs=settings.system_interval_secs)
    except (WeftError, OSError) as error:
        recorder.guard.warn("sidecar", f"{error}; the run is recorded here")


def _print_start(run: Run) -> None:
    if run.settings.quiet or run.settings.silent:
        return
    from weft.sdk.printing import start_lines

    for line in start_lines(
        version=weft.__version__,
        name=run.name,
        directory=run.directory,
        mode=run.settings.mode,
        run_url=run.url,
        project_url=run.project_url,
    ):
        run._recorder.guard.say(line)  # pyright: ignore[reportPrivateUsage]


def _given(**arguments: Any) -> dict[str, Any]:
    return {name: value for name, value in arguments.items() if value is not None}
