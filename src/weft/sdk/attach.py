"""Pickles a `Run`, so that it can be sent to another process. Does I/O: its log.

In a spawned process, or a worker of joblib or Ray, unpickling makes a run with the same id. It
writes its own log into the same directory, names the log of the script that called `init` as
parent, and is uploaded by that script's sidecar. On another machine, where the directory does not
exist, it joins the run as `init(id=...)` does. In the original process, and in a fork of it,
unpickling returns the original object.
"""

from __future__ import annotations

import copyreg
import os
from pathlib import Path
from typing import Any, cast

import msgspec

from weft.records.record import Run as RunRecord
from weft.sdk.dicts.config import Config
from weft.sdk.dicts.summary import Summary
from weft.sdk.exits import hooks
from weft.sdk.guard import guard_for
from weft.sdk.recording.recorder import Recorder
from weft.sdk.rows.beginning import Beginning
from weft.sdk.run import Run
from weft.sdk.session import session
from weft.sdk.setup.settings import Settings, values_of_settings
from weft.version import VERSION


class Sent(msgspec.Struct, frozen=True):
    """The pickled state of a run, and the process that pickled it.

    `main_writer` is the one that logs of child processes name as parent, None in mode disabled.
    """

    pid: int
    settings: Settings
    record: RunRecord
    directory: str
    main_writer: str | None
    server_url: str | None
    own_entity: str
    config: dict[str, Any]
    definitions: list[dict[str, Any]]
    finished: bool


def reduce_run(run: Run) -> tuple[Any, ...]:
    """Return the parts of a run that `pickle` and `copy` store."""
    recorder = run._recorder  # noqa: SLF001
    is_recorded = recorder.settings.mode != "disabled"
    sent = Sent(
        pid=os.getpid(),
        settings=recorder.settings,
        record=recorder.record,
        directory=str(recorder.directory) if is_recorded else "",
        main_writer=recorder.log.main_writer,
        server_url=recorder.server_url,
        own_entity=recorder.entity,
        config=run.config.as_dict(),
        definitions=[
            msgspec.structs.asdict(definition) for definition in recorder.definitions.whole()
        ],
        finished=recorder.life.finished,
    )
    return attach, (sent,)


def attach(sent: Sent) -> Run:
    """Return the run in this process. ConfigError if a setting on this machine is invalid."""
    with session.lock:
        for run in session.runs:
            settings = run._recorder.settings  # noqa: SLF001
            if _run_key(settings) == _run_key(sent.settings):
                return cast("Run", run)
        if sent.finished or sent.pid == os.getpid():
            return _copy_of(sent, is_over=True)
        if sent.main_writer is not None and not Path(sent.directory).is_dir():
            return _joined(sent)
        run = _copy_of(sent, is_over=False)
        session.add(run, current=True)
        hooks.install()
        run._recorder.start_captures()  # noqa: SLF001
        return run


def _run_key(settings: Settings) -> tuple[str, str, str]:
    from weft.records.ids import DEFAULT_ENTITY

    return settings.run_id, settings.project, settings.entity or DEFAULT_ENTITY


def _copy_of(sent: Sent, *, is_over: bool) -> Run:
    settings = sent.settings.replace(mode="disabled") if is_over else sent.settings
    guard = guard_for(settings)
    recorder = Recorder(
        settings,
        sent.record,
        guard,
        Path(sent.directory),
        uploads=session.uploads,
        server_url=sent.server_url,
        version=VERSION,
        parent_writer=sent.main_writer,
        own_entity=sent.own_entity,
        beginning=Beginning(definitions=sent.definitions),
    )
    config = Config(recorder.records.config_changed, guard.warn_value)
    config._load(sent.config)  # noqa: SLF001
    history = recorder.history
    summary = Summary(recorder.records.summary_changed, guard.warn_value, history)
    if is_over:
        recorder.life.finished = True
        history.close(None)
    return Run(recorder, config, summary)


def _joined(sent: Sent) -> Run:
    from weft.sdk.setup.precedence import read_settings
    from weft.sdk.start import begin_run

    beginning = {"resume": None, "resume_from": None, "fork_from": None, "dir": Path()}
    troubles: list[str] = []
    arguments = values_of_settings(sent.settings.replace(**beginning))
    settings = read_settings(arguments, troubles=troubles)
    return begin_run(settings, {}, troubles=troubles)


copyreg.pickle(Run, reduce_run)
