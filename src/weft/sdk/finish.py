"""Ends a run. Does I/O.

`finish_run` closes the log with an Exit record, waits for the upload while it makes progress, and
prints the closing lines. It is called by `Run.finish`, by a further `init`, and through `end_run`
by the context manager and `weft.sdk.exits`.

The script's own process determines the run's state, not its forked or spawned children, just as a
shell sees only the script's exit code. A child that ends well closes its log with exit code 0; a
child that fails writes no Exit. Neither changes the run's state. Only a child that calls
`finish(exit_code=n)` marks the run as failed.
"""

from __future__ import annotations

import math
import signal
import threading
from operator import index
from types import FrameType
from typing import TYPE_CHECKING, Any, Final, Literal

import msgspec

from weft.errors import Unavailable, UsageError, WeftError, WrongType
from weft.records.limits import MAX_REASON_BYTES
from weft.records.names import name_from_id
from weft.records.record import Exit
from weft.records.value import INT64_MAX, INT64_MIN
from weft.sdk.recording.environment import counted_metadata
from weft.sdk.recording.recorder import Recorder
from weft.sdk.recording.run_files import write_run_files
from weft.sdk.session import session
from weft.sync.addresses.local_server import is_server_starting
from weft.sync.capture.task import has_task

if TYPE_CHECKING:
    from weft.sync.finish_result import FinishResult

KILLED: Final = "killed"

MOST_FAILURES: Final = 10
"""Most files whose failure is printed."""

SIGNAL_CODE: Final = 128
"""A shell reports a process that signal n ended as 128 + n."""


class Ending(msgspec.Struct, frozen=True):
    """The way in which a run ended; `reason` is one line about the exception that ended it."""

    exit_code: int = 0
    state: Literal["killed"] | None = None
    reason: str | None = None


def ending_of(error: BaseException | None) -> Ending:
    """Return the ending for the exception that ended a run, or for None.

    >>> ending_of(None).exit_code, ending_of(SystemExit(3)).exit_code, ending_of(KeyError()).state
    (0, 3, None)
    """
    if error is None:
        return Ending()
    if isinstance(error, KeyboardInterrupt):
        return Ending(SIGNAL_CODE + signal.SIGINT, KILLED)
    if isinstance(error, SystemExit):
        return exit_ending(error.code)
    return Ending(1, reason=error_line(error))


def exit_ending(code: object) -> Ending:
    """Return the ending after `sys.exit(code)`: a text is the message that Python prints.

    >>> exit_ending("no GPU").reason, exit_ending(2).reason
    ('no GPU', None)
    """
    reason = _first_line(code) if isinstance(code, str) else None
    return Ending(exit_code_of(code), reason=reason or None)


def error_line(error: BaseException) -> str:
    r"""Return an exception as the first line that a traceback ends with.

    >>> error_line(ValueError("bad shape\nhint: transpose")), error_line(KeyError())
    ('ValueError: bad shape', 'KeyError')
    """
    kind = type(error)
    module = "" if kind.__module__ in {"builtins", "__main__"} else f"{kind.__module__}."
    try:
        message = _first_line(str(error))
    except Exception:  # noqa: BLE001 - an exception of the user's whose __str__ fails
        message = ""
    name = f"{module}{kind.__qualname__}"
    return f"{name}: {message}" if message else name


def _first_line(text: str) -> str:
    return next((line.strip() for line in text.splitlines() if line.strip()), "")


def exit_code_of(code: object) -> int:
    """Return the process's exit code after `sys.exit(code)`.

    >>> exit_code_of(None), exit_code_of("message"), exit_code_of(2)
    (0, 1, 2)
    """
    if code is None:
        return 0
    return code if isinstance(code, int) and INT64_MIN <= code <= INT64_MAX else 1


def checked_exit_code(code: object) -> int:
    """Check the exit code of `finish(exit_code=code)`; None means 0.

    >>> checked_exit_code(None), checked_exit_code(3)
    (0, 3)
    """
    try:
        number = 0 if code is None else index(code)  # pyrefly: ignore[bad-argument-type]
    except TypeError:
        raise WrongType(
            f"finish() takes an exit code that is an int, not {type(code).__name__}: {code!r}"
        ) from None
    if not INT64_MIN <= number <= INT64_MAX:
        raise UsageError("finish() takes an exit code of at most 64 bits: give 0 or 1")
    return number


def end_run(recorder: Recorder, ending: Ending) -> None:
    """End a run because its process, or its `with` block, ends; see `finish_run`."""
    if recorder.log.is_child and ending.exit_code:
        finish_run(recorder, exit_code=None)
    else:
        finish_run(recorder, exit_code=ending.exit_code, state=ending.state, reason=ending.reason)


def finish_run(
    recorder: Recorder,
    *,
    exit_code: int | None,
    state: Literal["killed"] | None = None,
    reason: str | None = None,
    quiet: bool | None = None,
    patience_secs: float = math.inf,
) -> None:
    """End a run, unless it has ended already. Bounded in time.

    Args:
        reason: one line about the exception that ended it; secrets in it are redacted.
        patience_secs: longest wait for an upload without progress; the settings can shorten it.
    """
    # Config and summary are read before the log is closed, for the files and the closing lines.
    run = session.run_of(recorder)
    try:
        if not recorder.life.finished:
            recorder.end_integrations()
            recorder.close_watches()
        with session.lock, _Undisturbed(recorder):
            if recorder.life.finished:
                return
            recorder.close_captures()
            recorder.records.record_lost_media()
            recorder.life.mark_finished()
            if run is not None:
                session.remove(run)
            if recorder.life.stopped:
                state = KILLED
                session.stopped_runs.append(recorder.settings.run_id)
            schemas = recorder.history.schemas()
            writer, log = recorder.log.writer, recorder.log.path
            summary: dict[str, Any] = run.summary.as_dict() if run is not None else {}
            config: dict[str, Any] = run.config.as_dict() if run is not None else {}
            is_deleted = writer is not None and writer.is_deleted
            name = run.name if run is not None else name_from_id(recorder.settings.run_id)
            trouble: WeftError | None = None
            if log is not None and not recorder.log.is_child and log.exists():
                try:
                    metadata = counted_metadata(recorder)
                    write_run_files(recorder, config=config, summary=summary, metadata=metadata)
                except WeftError as error:  # the run is strict; its log gets its end first
                    trouble = error
            if reason is not None:
                line = recorder.redactor.text(reason).encode(errors="replace")
                reason = line[:MAX_REASON_BYTES].decode(errors="ignore")
            recorder.history.close(
                None
                if exit_code is None
                else lambda micros: Exit(micros, exit_code, state, reason)
            )
        if recorder.log.is_child or log is None or writer is None:
            return
        if not log.exists():
            if is_deleted:
                fate = "was removed; what was not uploaded is lost"
            else:
                fate = "was moved; `weft sync` there sends what was not uploaded"
            recorder.guard.warn("directory", f"the run's directory {fate}: {log.parent}")
            recorder.uploads.let_go(log)
            return
        if trouble is not None:
            raise trouble
        is_quiet = recorder.settings.is_quiet if quiet is None else quiet
        if not is_quiet and not recorder.settings.silent:
            from weft.sdk.display.printing import ending_lines, history_lines, summary_lines
            from weft.sdk.display.sparklines import sample_values

            samples = sample_values(log, schemas, writer.size)
            ordered = {key: samples[key] for key in summary if key in samples}
            n_curves = recorder.settings.max_end_of_run_history_metrics
            n_values = recorder.settings.max_end_of_run_summary_metrics
            recorder.guard.report(
                [
                    *ending_lines(name, exit_code, state),
                    *history_lines(ordered, n_curves, resumed=run is not None and run.resumed),
                    *summary_lines(summary, n_values),
                ]
            )
        _tell_losses(recorder, writer.n_lost_rows, writer.n_waiting)
        _close_upload(recorder, name, patience_secs, is_quiet=is_quiet)
    except Exception as error:  # noqa: BLE001  the user's program continues after finish()
        recorder.guard.fault(error, "finish()")


class _Undisturbed:
    """Delays the signals that end a process while a log gets its last record.

    Otherwise a Ctrl-C at that moment would leave a run that ended well without an Exit, and it
    would count as crashed.
    """

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._handlers: dict[int, Any] = {}
        self._came: list[int] = []

    def __enter__(self) -> None:
        if threading.current_thread() is not threading.main_thread():
            return  # Python runs handlers in the main thread only
        for name in ("SIGINT", "SIGTERM", "SIGHUP"):
            number = getattr(signal, name, None)
            if number is not None and callable(handler := signal.getsignal(number)):
                self._handlers[number] = handler
                signal.signal(number, self._note)

    def _note(self, number: int, _frame: FrameType | None) -> None:
        self._came.append(number)

    def __exit__(self, *_: object) -> None:
        for number, handler in self._handlers.items():
            signal.signal(number, handler)
        if self._recorder.life.is_signalled and signal.SIGINT in self._came:
            self._came.remove(signal.SIGINT)  # meant for this run, which has ended
        for number in self._came:
            signal.raise_signal(number)


def _tell_losses(recorder: Recorder, n_lost: int, n_waiting: int) -> None:
    n_rows = n_lost + n_waiting
    if n_rows:
        from weft.sdk.display.printing import shown_path

        recorder.guard.tell_loss(
            f"{n_rows} rows were lost, as the disk took no more: {shown_path(recorder.directory)}"
        )
    if recorder.spool.n_lost:
        from weft.records.sizes import lost_media

        recorder.guard.tell_loss(lost_media(recorder.spool.n_lost, recorder.spool.lost))
    n_warnings = recorder.guard.n_warnings
    if n_warnings > len(recorder.guard.counts):
        recorder.guard.say(f"{n_warnings} warnings in all; the first of each kind is above")


def _tell_damage(recorder: Recorder, n_bytes: int) -> None:
    from weft.records.sizes import shown_size
    from weft.sdk.display.printing import shown_path

    folder = shown_path(recorder.directory)
    recorder.guard.tell_loss(
        f"{shown_size(n_bytes)} of the run's log are damaged, what they held is lost: {folder}"
    )


def _tell_failures(recorder: Recorder, result: FinishResult) -> None:
    for sentence in result.failures[:MOST_FAILURES]:
        recorder.guard.tell_loss(sentence)
    n_more = result.n_failures - min(len(result.failures), MOST_FAILURES)
    if n_more > 0:
        recorder.guard.tell_loss(f"{n_more} more files failed: `logs/sidecar.log` names them")


def _tell_lost_artifacts(recorder: Recorder) -> None:
    """Tell of artifacts whose linked files were overwritten; `weft sync` tells of later ones."""
    if not recorder.linked_files:
        return
    from weft.sdk.recording.linked_files import lost_artifacts

    for sentence in lost_artifacts(recorder.linked_files):
        recorder.guard.tell_loss(sentence)


class _Progress:
    """Prints once the rest of an upload that takes long, or the reason for its wait."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._is_said = False

    def tell(self, status: FinishResult) -> None:
        if self._is_said:
            return
        if is_server_starting():
            self._is_said = True
            self._recorder.guard.say(
                "Waiting for the server, which is starting; Ctrl-C lets the run be sent in the "
                "background"
            )
            return
        if not status.n_unsent_files:
            return
        from weft.records.sizes import shown_size

        self._is_said = True
        n_files = "1 file" if status.n_unsent_files == 1 else f"{status.n_unsent_files:,} files"
        size = f" ({shown_size(status.n_unsent_bytes)})" if status.n_unsent_bytes else ""
        self._recorder.guard.say(
            f"Sending {n_files}{size}; Ctrl-C lets the rest be sent in the background"
        )


def _close_upload(recorder: Recorder, name: str, patience_secs: float, *, is_quiet: bool) -> None:
    settings, log = recorder.settings, recorder.log.path
    assert log is not None
    outcome, detail, n_unsent, n_unsent_files = "offline", "", log.stat().st_size, 0
    if settings.mode == "online":
        try:
            result = recorder.uploads.finish(
                log,
                settings.run_id,
                no_progress_secs=min(settings.finish_timeout_secs, patience_secs),
                tell=_Progress(recorder).tell,
            )
            outcome, detail, n_unsent = result.outcome, result.error or "", result.n_unsent_bytes
            n_unsent_files = result.n_unsent_files
            if result.n_damaged_bytes:
                _tell_damage(recorder, result.n_damaged_bytes)
            _tell_failures(recorder, result)
            recorder.note_own_entity(result.entity)
            recorder.upload_watch.tell_warning(result.warning)
            if outcome != "wrong_server":
                recorder.server_url = result.server or recorder.server_url
        except KeyboardInterrupt:
            outcome = "detached"
    else:
        _tell_lost_artifacts(recorder)
        if recorder.spool.n_written:
            recorder.uploads.make_files(log, settings.run_id)
        elif has_task(recorder.directory):
            recorder.uploads.describe(log, settings.run_id)
        recorder.uploads.let_go(log)
    if is_quiet and outcome in {"uploaded", "offline", "no_address"}:
        return
    from weft.client.pages import project_page, run_page
    from weft.sdk.display.printing import end_lines

    base = recorder.server_url
    entity, project = recorder.entity, settings.project
    recorder.guard.report(
        end_lines(
            name=name,
            directory=recorder.directory,
            run_url=run_page(base, entity, project, settings.run_id) if base else None,
            project_url=project_page(base, entity, project) if base else None,
            outcome=outcome,
            detail=detail,
            n_unsent=n_unsent,
            n_unsent_files=n_unsent_files,
        )
    )
    if settings.strict and outcome not in {"uploaded", "offline", "no_address", "detached"}:
        raise Unavailable(f"the run was not uploaded: {detail or outcome}")
