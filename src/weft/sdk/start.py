"""Starts one run from its settings. Does I/O.

Receives `Settings` from `weft.sdk.init`, makes the directory and the log, starts the sidecar
without waiting and prints where the run is. Faults of the environment don't raise: if nothing can
be written, the run warns and continues unrecorded.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

from weft.errors import ConfigError, Unavailable, WeftError
from weft.records.ids import new_run_id
from weft.records.record import Run as RunRecord
from weft.runlog.layout import find_runtime_directory
from weft.runlog.platform import login_name
from weft.sdk.dicts.config import Config
from weft.sdk.dicts.inputs import default_inputs
from weft.sdk.dicts.summary import Summary
from weft.sdk.dicts.tree import Leaf
from weft.sdk.dicts.tree import Path as LeafPath
from weft.sdk.display.notebook import is_notebook
from weft.sdk.exits import hooks
from weft.sdk.finish import finish_run
from weft.sdk.guard import Guard, guard_for
from weft.sdk.recording.directory import make_run_directory
from weft.sdk.recording.environment import counted_metadata, describe_process, leave_capture_task
from weft.sdk.recording.recorder import Recorder
from weft.sdk.recording.run_files import write_run_files
from weft.sdk.rows.beginning import Beginning
from weft.sdk.run import Run
from weft.sdk.session import session
from weft.sdk.setup.known_server import known_server
from weft.sdk.setup.settings import Settings
from weft.sync.addresses.accounts import remembered_entity
from weft.sync.addresses.local_server import is_server_starting
from weft.sync.addresses.server_address import ServerAddress
from weft.version import VERSION

if TYPE_CHECKING:
    from weft.sdk.continuing.continued import Continued

_INTEGRATIONS: Final = "weft.integrations"
"""The package above this one: settings that turn an integration on name its module in there,
whose `begin` gets the run."""


def begin_run(
    settings: Settings,
    inputs: Mapping[str, Any],
    *,
    sweep_config: Mapping[str, Any] | None = None,
    troubles: Sequence[str] = (),
) -> Run:
    """Start a run, after handling active runs as `reinit` says.

    `inputs`, which its config begins with, override those that `weft.config` was set to earlier,
    and these the items of the settings' config files. Items of `sweep_config` can't be changed.
    `troubles` are warnings to print.
    """
    defaults = default_inputs(settings.config_paths)
    with session.lock:
        if session.runs and settings.reinit == "return_previous":
            return _previous(cast("Run", session.runs[-1]), settings)
        if settings.reinit == "finish_previous":
            for run in session.runs[:]:
                finish_run(run._recorder, exit_code=0)  # noqa: SLF001
        inputs = {**defaults, **session.take_early_config(), **inputs}
        return _start(settings, inputs, sweep_config or {}, troubles)


def _previous(run: Run, settings: Settings) -> Run:
    if settings.resume == "must":
        raise ConfigError(
            f"resume='must' while run {run.id!r} is active: finish it first, or use "
            "reinit='create_new'"
        )
    run._recorder.guard.say(  # noqa: SLF001
        f"Run {run.id} is active: init() returns it and starts no new run (reinit)"
    )
    return run


def _start(
    settings: Settings,
    inputs: Mapping[str, Any],
    sweep_config: Mapping[str, Any],
    troubles: Sequence[str],
) -> Run:
    guard = guard_for(settings)
    for sentence in troubles:
        guard.warn(sentence, sentence)
    if settings.strict:
        # A value that the config can't store raises before the run exists, not half way into it.
        Config(_take_all, guard.warn_value).update(inputs)
    address = _server_for(settings)
    server_url = _checked_address(address, guard) if address else None
    if address is not None and server_url is not None and settings.entity is not None:
        from weft.sdk.setup.entity_check import check_entity

        check_entity(address, settings.entity, settings.project)
    continued = _continued(settings, address if server_url else None, guard)
    run_id = continued.run_id if continued else settings.run_id or new_run_id()
    settings = settings.replace(run_id=run_id)
    record = _record_of(settings)
    if continued is not None:
        record = continued.note_in(record)
    own_entity = remembered_entity(address if server_url else None) or ""
    recorder = _open_recorder(settings, record, guard, server_url, continued, own_entity)
    run = _make_run(recorder, inputs, continued)
    if sweep_config:
        run.config.update_locked(sweep_config)
    session.add(run, current=settings.reinit != "create_new")
    hooks.install()
    if is_notebook():
        from weft.sdk.cells import end_stopped_runs_after_cells

        end_stopped_runs_after_cells()
    if recorder.log.path is not None:
        redactor = recorder.redactor
        recorder.metadata = describe_process(record.start_micros, VERSION, settings, redactor)
        write_run_files(recorder, config=run.config.as_dict(), metadata=counted_metadata(recorder))
        leave_capture_task(recorder)
        _start_upload(recorder, address)
        _print_start(run, recorder, address, is_reached=continued is not None)
        _open_page(run, recorder)
        if "weft.sdk.magic" in sys.modules:
            from weft.sdk.magic import show_started

            show_started(run)
        recorder.start_captures()
        _begin_integrations(run, recorder)
    return run


def _begin_integrations(run: Run, recorder: Recorder) -> None:
    settings = recorder.settings
    for is_on, module in (
        (settings.sync_tensorboard, "tensorboard"),
        (settings.monitor_gym, "gymnasium"),
    ):
        if is_on:
            try:
                import_module(f"{_INTEGRATIONS}.{module}").begin(run)
            except Exception as error:  # noqa: BLE001  the run goes on without it
                recorder.guard.fault(error, f"the integration of {module}")


def _record_of(settings: Settings) -> RunRecord:
    return RunRecord(
        run_id=settings.run_id,
        project=settings.project,
        entity=settings.entity,
        name=settings.name,
        start_micros=time.time_ns() // 1000,
        notes=settings.notes,
        tags=list(settings.tags),
        group=settings.group,
        job_type=settings.job_type,
        user=None if settings.disable_user else settings.username or login_name(),
        sweep=settings.sweep_id,
    )


def _make_run(recorder: Recorder, inputs: Mapping[str, Any], continued: Continued | None) -> Run:
    """Make the run. Its config and summary start from the run that it continues, if any."""
    warn_value = recorder.guard.warn_value
    may_change = recorder.settings.allow_val_change
    if may_change is None:
        may_change = is_notebook()  # where cells are run again and again
    config = Config(recorder.records.config_changed, warn_value, allow_change=may_change)
    summary = Summary(recorder.records.summary_changed, warn_value, recorder.history)
    if continued is not None:
        continued.fill(recorder.history, config, summary)
    config.update(inputs, allow_val_change=True if continued else None)
    return Run(recorder, config, summary, continued.same_run if continued else None)


def _take_all(values: list[Leaf], removed: list[LeafPath]) -> None: ...


def _continued(
    settings: Settings, address: ServerAddress | None, guard: Guard
) -> Continued | None:
    if not (settings.resume or settings.fork_from or settings.resume_from):
        return None
    from weft.sdk.continuing.continued import continue_run

    return continue_run(settings, address, guard)


def _server_for(settings: Settings) -> ServerAddress | None:
    if settings.mode != "online":
        return None
    address = known_server(settings)
    if address is None and settings.force:
        raise Unavailable(
            "force=True asks for a server and none is known: start one with `weft server`, or set "
            "WEFT_BASE_URL"
        )
    return address


def _checked_address(address: ServerAddress, guard: Guard) -> str | None:
    """Return the server's address, or warn and return None if the address is invalid."""
    from weft.client.address import parse_address

    try:
        parse_address(address.url)
    except ConfigError as error:
        guard.warn("address", f"base_url is {error}; until then nothing is uploaded")
        return None
    return address.url


def _open_recorder(
    settings: Settings,
    record: RunRecord,
    guard: Guard,
    server_url: str | None,
    continued: Continued | None,
    own_entity: str,
) -> Recorder:
    """Make the directory and the log. If that fails, the run records nothing."""

    def make(settings: Settings, directory: Path) -> Recorder:
        return Recorder(
            settings,
            record,
            guard,
            directory,
            uploads=session.uploads,
            server_url=server_url,
            version=VERSION,
            beginning=continued.beginning if continued else Beginning(),
            own_entity=own_entity,
        )

    if settings.mode == "disabled":
        return make(settings, settings.dir)
    try:
        directory, trouble = make_run_directory(
            settings.dir, settings.run_id, record.start_micros / 1e6
        )
        if trouble:
            guard.warn("directory", trouble)
        return make(settings, directory)
    except (OSError, Unavailable) as error:
        if settings.strict:
            raise error if isinstance(error, WeftError) else Unavailable(str(error)) from error
        guard.warn("directory", f"nothing of this run is recorded: {error}")
        return make(settings.replace(mode="disabled"), settings.dir)


def _start_upload(recorder: Recorder, address: ServerAddress | None) -> None:
    settings, log = recorder.settings, recorder.log.path
    if log is None:
        return
    if settings.mode == "offline":
        if settings.system_interval_secs:
            recorder.uploads.start_later(log, sampling=settings.sampling)
        return
    try:
        trouble = find_runtime_directory().trouble
        if trouble:
            recorder.guard.say(f"{trouble}: locks are kept in the user's state directory")
        recorder.uploads.start(log, address, sampling=settings.sampling)
    except (WeftError, OSError) as error:
        recorder.guard.warn("sidecar", f"{error}; the run is recorded here")


def _print_start(
    run: Run, recorder: Recorder, address: ServerAddress | None, *, is_reached: bool
) -> None:
    if recorder.settings.is_quiet:
        return
    from weft.client.pages import viewer_page
    from weft.sdk.display.printing import origin_line, start_lines

    record = recorder.record
    mode = recorder.settings.mode
    is_online = mode == "online"
    is_starting = is_online and (address is None or address.local) and is_server_starting()
    viewer_url = None
    if is_online and run.url is None and not is_starting:
        viewer_url = viewer_page(run.directory, record.entity, record.project, run.id)
    if run.url is not None and address is not None and not is_reached:
        from weft.sync.addresses.reachable import is_likely_reachable

        is_reached = is_likely_reachable(address, record.entity)
    recorder.guard.report(
        start_lines(
            version=VERSION,
            name=run.name,
            directory=run.directory,
            mode=mode,
            run_url=run.url,
            project_url=run.project_url,
            sweep_url=run.sweep_url,
            resumed=run.resumed,
            origin=origin_line(run.id, record.fork_run, record.fork_step),
            server_is_starting=is_starting,
            viewer_url=viewer_url,
            is_reached=is_reached,
        )
    )


def _open_page(run: Run, recorder: Recorder) -> None:
    """Open the run's page in the user's browser if the setting `show_run` is on."""
    if not recorder.settings.show_run or run.url is None:
        return
    import webbrowser

    try:
        webbrowser.open(run.url)
    except (webbrowser.Error, OSError) as error:
        recorder.guard.warn("browser", f"no browser can be opened: {error}")
