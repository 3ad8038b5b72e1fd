"""Resume, fork and rewind: settles what a run goes on with. Does I/O: asks the server, reads logs.

Receives `Settings` from `weft.sdk.start`; hands back what the run log says of it and what history,
config and summary begin with. Loaded only by runs that ask for it.

Who knows the run: the server, for `init_timeout_secs` at most, and the run directories here, which
may have more than the server (an offline life, a crash before the upload was through). Where the
server can't be reached the directories alone decide, with a warning; where no server is meant to
be there (mode offline, none known), without one.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from threading import Thread
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec

from weft.client.endpoints import Client
from weft.errors import ConfigError, Gone, NotFound, Unavailable, WeftError
from weft.records.continuation import Continuation
from weft.records.ids import DEFAULT_ENTITY
from weft.records.record import MetricDefinition
from weft.records.record import Run as RunRecord
from weft.runlog.layout import weft_directory
from weft.sdk.local_runs import LocalRuns, belongs_to, is_over, is_sent
from weft.sdk.merged_logs import overlaid, with_edits
from weft.sdk.moments import Moment, parse_moment
from weft.sdk.printing import shown_path

if TYPE_CHECKING:
    from weft.sdk.config import Config
    from weft.sdk.guard import Guard
    from weft.sdk.history import History
    from weft.sdk.settings import Settings
    from weft.sdk.summary import Summary
    from weft.sync.where import Where

FloatOrInt = int | float

_RETRY_SECS: Final = 0.25

_QUICK_BYTES: Final = 100_000_000
"""Logs of this size are read in a second. Where there is more the server's word is taken for what
it has, and only logs that it lacks are read: right but for values set twice within that."""


class Continued(NamedTuple):
    """What a run begins with.

    Attributes:
        resume: the word for the run log: `allow`, `must`, `auto`, `rewind`; None = a fork.
        before: the run that it goes on with, or was forked from; None = there was none that
            anybody could tell of.
        fork_run, fork_step, sources: as in `weft.records.record.Run`.
        first_step: of the first row that names none.
    """

    run_id: str
    resume: str | None
    before: Continuation | None = None
    fork_run: str | None = None
    fork_step: FloatOrInt | None = None
    sources: Sequence[tuple[str, str, FloatOrInt]] = ()
    first_step: int = 0

    @property
    def is_fork(self) -> bool:
        return self.fork_run is not None and self.fork_run != self.run_id

    @property
    def same_run(self) -> Continuation | None:
        """The run as it was, where it is the same one; None = it is new, or a fork."""
        return None if self.is_fork else self.before

    def note_in(self, record: RunRecord) -> RunRecord:
        """The Run record with what it says of all this."""
        return msgspec.structs.replace(
            record,
            resume=self.resume,
            runtime_micros=self.before.runtime_micros if self.before else 0,
            fork_run=self.fork_run,
            fork_step=self.fork_step,
            sources=list(self.sources),
        )

    def fill(self, history: History, config: Config, summary: Summary) -> None:
        """Give config, summary and definitions what they had before.

        A fork writes all that into its own log: what becomes of the other run is not its business.
        """
        if self.before is None:
            return
        if self.is_fork:
            for fields in self.before.definitions:
                history.define(MetricDefinition(**fields, overwrite=True))
            config.update(self.before.config)
            summary.update(self.before.summary_set)
        else:
            config._load(self.before.config)  # pyright: ignore[reportPrivateUsage]
            summary._load_set(self.before.summary_set)  # pyright: ignore[reportPrivateUsage]


def continue_run(settings: Settings, where: Where | None, guard: Guard) -> Continued | None:
    """Settle what a run goes on with.

    Args:
        settings: `run_id` may be empty: no id was given.
        where: the server; None = none is known, or mode offline.

    Returns:
        None: the run is a new one.

    Raises:
        ConfigError: the settings contradict each other or the run.
        NotFound: the run that has to be there is not.
        Gone: it was deleted.
        Unavailable: the server has to be asked and does not answer.
    """
    moment_of = {name: getattr(settings, name) for name in ("fork_from", "resume_from")}
    moments = {name: parse_moment(name, text) for name, text in moment_of.items() if text}
    _refuse_contradictions(settings, moments)
    if settings.mode == "disabled":
        return None
    runs = _Runs(settings, where, guard)
    if "fork_from" in moments:
        return _fork(runs, settings.run_id, moments["fork_from"])
    if "resume_from" in moments:
        return _rewind(runs, moments["resume_from"])
    return _resume(runs, settings.run_id, settings.resume)


def _refuse_contradictions(settings: Settings, moments: dict[str, Moment]) -> None:
    run_id = settings.run_id
    fork, rewind = moments.get("fork_from"), moments.get("resume_from")
    if fork is not None and fork.run_id == run_id:
        raise ConfigError(
            f"a fork needs an id of its own, and id and fork_from are both {run_id!r}: leave id "
            f"out, or go back in the run itself with resume_from={settings.fork_from!r}"
        )
    if rewind is not None and run_id not in {"", rewind.run_id}:
        raise ConfigError(
            f"resume_from goes back in run {rewind.run_id!r}, and id is {run_id!r}: leave id out, "
            f"or begin a new run there with fork_from={settings.resume_from!r}"
        )
    if settings.resume == "must" and not run_id:
        raise ConfigError(
            "resume='must' has to know which run: weft.init(id=..., resume='must'), or set "
            "WEFT_RUN_ID; resume='auto' finds the last one here that did not end well"
        )


# -- the three ways ---


def _resume(runs: _Runs, run_id: str, word: str | None) -> Continued | None:
    if not run_id and word == "auto":
        run_id = runs.find_unfinished() or ""
    if not run_id:
        return None  # an id that is made now is nobody's
    before = runs.look_up(run_id, patient=word in {"must", "never"})
    if word == "must" and runs.fault is not None:
        raise runs.unanswered(
            "resume='must'", "start it, or use resume='allow' to go on with what lies here"
        )
    if before is None:
        if word == "must":
            raise runs.unknown(run_id, "resume='must'", "to begin it, use resume='allow'")
        if word == "never" and runs.fault is not None:
            raise runs.unanswered("resume='never'", "choose an id that is new for sure")
        if runs.fault is None or word == "never":
            return None
        guard = runs.guard
        guard.warn(
            "resume",
            f"whether there is a run {run_id!r} can't be told, {runs.fault}, and none lies in "
            f"{shown_path(runs.place)}: its steps begin at 0, beside those of the other if there "
            "is one",
        )
        return Continued(run_id, word)
    if word == "never":
        raise ConfigError(
            f"run {run_id!r} is there already and resume='never': choose another id, leave it "
            "out, or go on with the run by resume='allow'"
        )
    runs.warn_of_local(before)
    return Continued(run_id, word, before, first_step=_next_step(before.last_step))


def _fork(runs: _Runs, run_id: str, moment: Moment) -> Continued:
    from weft.records.ids import new_run_id

    what = f"fork_from={_shown(moment)!r}"
    parent, step = runs.look_back(moment, what)
    sources = [
        (run, writer, step if last is None else min(last, step))
        for run, writer, last in parent.sources
        if step is not None
    ]
    return Continued(
        run_id or new_run_id(), None, parent, moment.run_id, step, sources, _next_step(step)
    )


def _rewind(runs: _Runs, moment: Moment) -> Continued:
    what = f"resume_from={_shown(moment)!r}"
    before, step = runs.look_back(moment, what)
    # A writer of this run that runs now is another rank that went back a moment ago, or a process
    # that nobody asked: it is not cut.
    sources = [
        (run, writer, step if last is None else min(last, step))
        for run, writer, last in before.sources
        if step is not None and not (run == moment.run_id and writer in before.running)
    ]
    first_step = _next_step(step)
    return Continued(moment.run_id, "rewind", before, moment.run_id, step, sources, first_step)


def _next_step(step: FloatOrInt | None) -> int:
    return 0 if step is None else math.floor(step) + 1


def _shown(moment: Moment) -> str:
    return moment.run_id if moment.step is None else f"{moment.run_id}?_step={moment.step}"


# -- who knows the run ---


class _Runs:
    """The runs that the server and the directories here know.

    Attributes:
        fault: why the server did not answer when it was last asked; None = it did, or there is
            none to ask.
        place: where the directories lie.
    """

    def __init__(self, settings: Settings, where: Where | None, guard: Guard) -> None:
        self.guard = guard
        self.fault: WeftError | None = None
        self.place = weft_directory(settings.dir)
        self._where = where
        self._entity = settings.entity or DEFAULT_ENTITY
        self._project = settings.project
        self._deadline_secs = time.monotonic() + settings.init_timeout_secs
        self._local = LocalRuns(
            self.place, self._entity, self._project, lambda text: guard.warn("run logs", text)
        )

    def find_unfinished(self) -> str | None:
        """The run that `auto` means; None = there is none to go on with."""
        run_id = self._local.find_unfinished()
        if run_id is None:
            return None
        try:
            self.look_up(run_id)
        except Gone:
            return None  # somebody deleted it, which is an end, too
        return run_id

    def look_up(
        self, run_id: str, step: FloatOrInt | None = None, *, patient: bool = False
    ) -> Continuation | None:
        """A run as it is now, or was at a step; None = nobody who could be asked knows it.

        Args:
            patient: try again while the time lasts, rather than go on without the server.

        Raises:
            Gone: it was deleted.
        """
        self.fault = None
        if self._where is None:
            return self._local.read(run_id, step)
        try:
            known = self._ask(self._where, run_id, step, patient=patient)
        except NotFound:
            known = None
        except Gone as error:
            raise Gone(f"{error}: begin a new run, under another id") from None
        except WeftError as error:
            self.fault = error
            return self._local.read(run_id, step)
        return self._with_local(known, run_id, step)

    def _with_local(
        self, known: Continuation | None, run_id: str, step: FloatOrInt | None
    ) -> Continuation | None:
        """What the server knows, and beyond it what lies here and did not get there."""
        assert self._where is not None
        where, local = self._where, self._local
        logs = local.logs(run_id)
        unsent = {name: log for name, log in logs.items() if not is_sent(log, where)}
        if known is None:
            # Runs of another server, whose logs lie here too, are none of this one's.
            is_ours = any(belongs_to(log, where) for log in logs.values())
            return local.read(run_id, step) if is_ours else None
        over = {name for name in known.running if name in logs and is_over(logs[name])}
        running = [name for name in known.running if name not in over]
        known = msgspec.structs.replace(known, running=running)
        unsent = {name: log for name, log in unsent.items() if belongs_to(log, where)}
        if not unsent:
            return known
        # A rewind that the server has not heard of takes rows away from what it knows.
        went_back = any(run == run_id for log in unsent.values() for run, _, _ in log.run.sources)
        is_quick = sum(log.n_bytes for log in logs.values()) < _QUICK_BYTES
        if (went_back or is_quick) and all(
            writer in local.logs(run) for run, writer, _ in known.sources
        ):
            whole = local.read(run_id, step)
            return known if whole is None else with_edits(whole, known)
        more = local.read(run_id, step, only=unsent)
        return known if more is None else overlaid(known, more)

    def look_back(self, moment: Moment, what: str) -> tuple[Continuation, FloatOrInt | None]:
        """A run at a step of its own, and that step; at its end if the moment names none.

        Raises:
            NotFound, Gone, Unavailable: as `look_up`, and where nobody knows it.
            ConfigError: the run has not come to that step.
        """
        run_id, step = moment
        before = self.look_up(run_id, step)
        if before is None and self.fault is not None:
            before = self.look_up(run_id, step, patient=True)
        if before is None:
            raise self.unknown(run_id, what, "look whether id and project are right")
        self.warn_of_local(before)
        if step is None:
            return before, before.last_step
        if before.last_step is None or before.last_step < step:
            self._check_reached(moment, what)
        return before, step

    def _check_reached(self, moment: Moment, what: str) -> None:
        now = self.look_up(moment.run_id)
        if now is None or moment.step is None:
            return
        # Its own rows are cut there already: a script that is started again, or another rank.
        again = any(run == moment.run_id and last == moment.step for run, _, last in now.sources)
        if not again and (now.last_step is None or now.last_step < moment.step):
            end = "has no rows" if now.last_step is None else f"ends at step {now.last_step}"
            raise ConfigError(
                f"{what}: run {moment.run_id!r} {end}; name an earlier step, or write "
                f"{moment.run_id!r} for its end"
            )

    def warn_of_local(self, before: Continuation) -> None:
        """Say that only what lies here was looked at, where that is so."""
        if self.fault is None:
            return
        at = "it has no rows" if before.last_step is None else f"step {before.last_step}"
        self.guard.warn(
            "resume",
            f"the server can't tell, {self.fault}: run {before.run_id!r} is taken up as it lies "
            f"in {shown_path(self.place)} ({at})",
        )

    def unknown(self, run_id: str, what: str, remedy: str) -> WeftError:
        """The error for a run that has to be there."""
        if self.fault is not None:
            return self.unanswered(what, "start the server, or come back to where the run lies")
        path = f"{self._entity}/{self._project}/{run_id}"
        asked = f"at {self._where.url} and " if self._where else ""
        return NotFound(f"{what}: no run {path} {asked}in {shown_path(self.place)}; {remedy}")

    def unanswered(self, what: str, remedy: str) -> Unavailable:
        """The error for a server that has to be asked."""
        return Unavailable(f"{what} has to ask the server, {self.fault}: {remedy}")

    def _ask(
        self, where: Where, run_id: str, step: FloatOrInt | None, *, patient: bool
    ) -> Continuation:
        while True:
            try:
                return self._ask_once(where, run_id, step)
            except Unavailable:
                if not patient or time.monotonic() + _RETRY_SECS >= self._deadline_secs:
                    raise
            time.sleep(_RETRY_SECS)

    def _ask_once(self, where: Where, run_id: str, step: FloatOrInt | None) -> Continuation:
        """Ask in a thread: finding a host's address knows no timeout, and a server may trickle."""
        if time.monotonic() > self._deadline_secs:
            raise Unavailable(f"{where.url} did not answer in time")
        client = Client(where.url, where.key, where.policy)
        outcome: list[Any] = []

        def work() -> None:
            try:
                answer = client.continuation(self._entity, self._project, run_id, step)
            except Exception as error:  # noqa: BLE001  raised again below
                outcome.append(error)
            else:
                outcome.append(answer)

        thread = Thread(target=work, name="weft-resume", daemon=True)
        thread.start()
        thread.join(max(0.0, self._deadline_secs - time.monotonic()))
        if not outcome:
            client.abort()
            raise Unavailable(f"{where.url} did not answer in time")
        client.close()
        if isinstance(outcome[0], Exception):
            raise outcome[0]
        return outcome[0]
