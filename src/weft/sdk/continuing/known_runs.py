"""Looks up a run that a script wants to continue, on the server and locally. Does I/O.

Called by `weft.sdk.continuing.continued`. Asks the server, for `init_timeout_secs` at most, and
reads the local run directories. They may have more than the server: an offline session, or the
end of one that was killed before its upload was complete.
"""

from __future__ import annotations

import hashlib
import os
import time
from threading import Thread
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec

from weft.client.script_client import ScriptClient
from weft.errors import ConfigError, Gone, NoSuchRun, NotFound, Unavailable, WeftError
from weft.records.ids import DEFAULT_ENTITY
from weft.runlog.layout import ensure_runtime_directory, weft_directory
from weft.runlog.lock import FileLock
from weft.sdk.continuing.local_runs import LocalLog, LocalRuns, belongs_to, is_over, is_sent
from weft.sdk.continuing.merged_logs import overlaid, with_edits
from weft.sdk.display.printing import shown_path
from weft.sdk.recording.directory import fallback_directory
from weft.sdk.rows.steps import FloatOrInt
from weft.sdk.setup.moments import Moment
from weft.wire.runs.continuation import Continuation

if TYPE_CHECKING:
    from weft.sdk.guard import Guard
    from weft.sdk.setup.settings import Settings
    from weft.sync.addresses.server_address import ServerAddress

_RETRY_SECS: Final = 0.25

_QUICK_BYTES: Final = 100_000_000
"""Logs of this size are read in a second. If there is more, the server's answer is used for what
it has, and only the logs that it lacks are read. Only values that both set can then be wrong."""


class _Lookup(NamedTuple):
    run_id: str
    step: FloatOrInt | None
    joining: bool


class KnownRuns:
    """The runs on the server and in the local run directories.

    `fault` is why the server did not answer the last request.
    """

    def __init__(self, settings: Settings, address: ServerAddress | None, guard: Guard) -> None:
        self.guard = guard
        self.fault: WeftError | None = None
        self.weft_dir = weft_directory(settings.dir)
        self._address = address
        self._entity = settings.entity or DEFAULT_ENTITY
        self._project = settings.project
        self._deadline_secs = time.monotonic() + settings.init_timeout_secs
        weft_dirs = [self.weft_dir, weft_directory(fallback_directory())]
        if settings.dir.is_dir() and not os.access(settings.dir, os.W_OK):
            weft_dirs.reverse()
        self._local = LocalRuns(
            weft_dirs, self._entity, self._project, lambda text: guard.warn("run logs", text)
        )

    def claim_unfinished(self) -> tuple[str, FileLock | None] | None:
        """Choose and claim the run for `resume="auto"`, or return None if no run is unfinished.

        Each rank claims a run, so that ranks that start together don't all take the newest one.
        Release the claim when the run's log is open: it shows others that the run is live.
        """
        for run_id in self._local.unfinished():
            claim = self._claim_on(run_id)
            if claim is None or claim.acquire():
                if self._local.is_unfinished(run_id) and not self._is_deleted(run_id):
                    return run_id, claim
                if claim is not None:
                    claim.release(remove=True)
        return None

    def _claim_on(self, run_id: str) -> FileLock | None:
        name = f"{self.weft_dir.absolute()} {self._entity}/{self._project}/{run_id}"
        digest = hashlib.sha256(name.encode(errors="surrogateescape")).hexdigest()[:24]
        try:
            return FileLock(ensure_runtime_directory() / f"{digest}.resume.lock")
        except (OSError, Unavailable):
            return None  # no folder for locks: a race among ranks is better than an error

    def _is_deleted(self, run_id: str) -> bool:
        try:
            self.look_up(run_id)
        except Gone:
            return True
        return False

    def look_up(
        self,
        run_id: str,
        step: FloatOrInt | None = None,
        *,
        joining: bool = False,
        patient: bool = False,
    ) -> Continuation | None:
        """Return a run as it is now or was at a step, or None.

        `joining`: see `LocalRuns.read`. If `patient`, retry until the deadline before continuing
        without the server.
        """
        self.fault = None
        if self._address is None:
            return self._local.read(run_id, step, joining=joining)
        lookup = _Lookup(run_id, step, joining)
        # What is sent while the server answers may not be in its answer.
        unsent = self._unsent(run_id, self._address)
        try:
            answer = self._ask(self._address, lookup, patient=patient)
        except NotFound:
            answer = None
        except Gone as error:
            raise Gone(f"{error}: begin a new run, under another id") from None
        except WeftError as error:
            self.fault = error
            return self._local.read(run_id, step, joining=joining)
        return self._with_local(answer, lookup, unsent)

    def _unsent(self, run_id: str, address: ServerAddress) -> set[str]:
        """The writers of a run whose local logs the server does not have whole."""
        logs = self._local.logs(run_id)
        return {writer for writer, log in logs.items() if _is_unsent(log, address)}

    def _with_local(
        self, answer: Continuation | None, lookup: _Lookup, unsent_before: set[str]
    ) -> Continuation | None:
        """Add to the server's answer what it lacks of local logs.

        `unsent_before` are the writers whose logs it did not have whole when it was asked.
        """
        assert self._address is not None
        address, local = self._address, self._local
        run_id, step, joining = lookup
        own = local.logs(run_id)
        if answer is None:
            # Local logs may belong to runs of another server.
            is_ours = any(belongs_to(log, address) for log in own.values())
            return local.read(run_id, step, joining=joining) if is_ours else None
        over = {name for name in answer.running if name in own and is_over(own[name])}
        running = [name for name in answer.running if name not in over]
        answer = msgspec.structs.replace(answer, running=running)
        family = {run: local.logs(run) for run, _, _ in answer.sources if run != run_id}
        sources = [
            log
            for run, writer, _ in answer.sources
            if run != run_id and (log := family[run].get(writer)) is not None
        ]
        unsent = [
            log
            for log in [*own.values(), *sources]
            if log.writer in unsent_before or _is_unsent(log, address)
        ]
        if not unsent:
            return answer
        family[run_id] = own
        # A rewind that was not uploaded yet removes rows that the server still counts.
        went_back = any(run == run_id for log in unsent for run, _, _ in log.run.sources)
        is_quick = sum(log.n_bytes for log in [*own.values(), *sources]) < _QUICK_BYTES
        is_whole = all(writer in family[run] for run, writer, _ in answer.sources)
        if is_whole and (went_back or is_quick):
            whole = local.read(run_id, step, joining=joining)
            return answer if whole is None else with_edits(whole, answer)
        writers = {log.writer for log in unsent}
        more = local.read(run_id, step, joining=joining, only=writers)
        return answer if more is None else overlaid(answer, more)

    def look_back(self, moment: Moment, argument: str) -> tuple[Continuation, FloatOrInt | None]:
        """Return a run at the moment's step, and that step; by default, the run's last step."""
        run_id, step = moment.run_id, moment.step
        before = self.look_up(run_id, step)
        if before is None and self.fault is not None:
            before = self.look_up(run_id, step, patient=True)
        if before is None:
            raise self.unknown(run_id, argument, "look whether id and project are right")
        self.warn_of_local(before)
        if step is None:
            return before, before.last_step
        if before.last_step is None or before.last_step < step:
            self._check_reached(moment, argument)
        return before, step

    def _check_reached(self, moment: Moment, argument: str) -> None:
        now = self.look_up(moment.run_id)
        if now is None or moment.step is None:
            return
        # If its rows are cut there already, the script was restarted or another rank rewound it.
        again = any(run == moment.run_id and last == moment.step for run, _, last in now.sources)
        if not again and (now.last_step is None or now.last_step < moment.step):
            end = "has no rows" if now.last_step is None else f"ends at step {now.last_step}"
            raise ConfigError(
                f"{argument}: run {moment.run_id!r} {end}; name an earlier step, or write "
                f"{moment.run_id!r} for its end"
            )

    def warn_of_local(self, before: Continuation) -> None:
        """Warn if the server did not answer and only local logs were read."""
        if self.fault is None:
            return
        at = "it has no rows" if before.last_step is None else f"step {before.last_step}"
        self.guard.warn(
            "resume",
            f"the server can't tell, {self.fault}: run {before.run_id!r} continues from its "
            f"logs in {shown_path(self.weft_dir)} ({at})",
        )

    def unknown(self, run_id: str, argument: str, remedy: str) -> WeftError:
        """Return the error for a required run that was not found."""
        if self.fault is not None:
            return self.unanswered(
                argument, "start the server, or come back to where the run lies"
            )
        path = f"{self._entity}/{self._project}/{run_id}"
        searched = f"at {self._address.url} or " if self._address else ""
        return NoSuchRun(
            f"{argument}: no run {path} {searched}in {shown_path(self.weft_dir)}; {remedy}"
        )

    def unanswered(self, argument: str, remedy: str) -> Unavailable:
        """Return the error for a server whose answer is required."""
        return Unavailable(f"{argument} has to ask the server, {self.fault}: {remedy}")

    def _ask(self, address: ServerAddress, lookup: _Lookup, *, patient: bool) -> Continuation:
        while True:
            try:
                return self._ask_once(address, lookup)
            except Unavailable:
                if not patient or time.monotonic() + _RETRY_SECS >= self._deadline_secs:
                    raise
            time.sleep(_RETRY_SECS)

    def _ask_once(self, address: ServerAddress, lookup: _Lookup) -> Continuation:
        """Ask in a thread: a DNS lookup has no timeout, and a server may send slowly."""
        if time.monotonic() > self._deadline_secs:
            raise Unavailable(f"{address.url} did not answer in time")
        client = ScriptClient(address.url, address.key, address.policy)
        outcome: list[Any] = []

        def work() -> None:
            try:
                run_id, step, joining = lookup
                answer = client.continuation(
                    self._entity, self._project, run_id, step, joining=joining
                )
            except Exception as error:  # noqa: BLE001  raised again below
                outcome.append(error)
            else:
                outcome.append(answer)

        thread = Thread(target=work, name="weft-resume", daemon=True)
        thread.start()
        thread.join(max(0.0, self._deadline_secs - time.monotonic()))
        if not outcome:
            client.abort()
            raise Unavailable(f"{address.url} did not answer in time")
        client.close()
        if isinstance(outcome[0], Exception):
            raise outcome[0]
        return outcome[0]


def _is_unsent(log: LocalLog, address: ServerAddress) -> bool:
    return belongs_to(log, address) and not is_sent(log, address)
