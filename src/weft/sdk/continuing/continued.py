"""Resume, fork and rewind: decides which run a new process continues, and from which step.

Receives `Settings` from `weft.sdk.start` and asks `weft.sdk.continuing.known_runs`, which does the
I/O. Returns the fields for the run log and the initial history, config and summary. Loaded only by
runs that ask for it.

If the server can't be reached, only the local run directories are used, with a warning. In mode
offline, or if no address is known, they are used without a warning.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from weft.errors import ConfigError
from weft.records.ids import new_run_id
from weft.records.record import MetricDefinition
from weft.records.record import Run as RunRecord
from weft.sdk.continuing.known_runs import KnownRuns
from weft.sdk.display.printing import shown_path
from weft.sdk.rows.beginning import Beginning
from weft.sdk.rows.steps import FloatOrInt
from weft.sdk.setup.moments import Moment, parse_moment
from weft.wire.runs.continuation import Continuation

if TYPE_CHECKING:
    from weft.runlog.lock import FileLock
    from weft.sdk.dicts.config import Config
    from weft.sdk.dicts.summary import Summary
    from weft.sdk.guard import Guard
    from weft.sdk.rows.history import History
    from weft.sdk.setup.settings import Settings
    from weft.sync.addresses.server_address import ServerAddress


class Continued(NamedTuple):
    """The beginning of a run.

    Attributes:
        resume: the value for the run log: `allow`, `must`, `auto` or `rewind`. None for a fork.
        before: the run that it continues or was forked from. None if no such run was found.
        fork_run, fork_step, sources: as in `weft.records.record.Run`.
        first_step: the step of the first row that is logged without `step`.
        claim: held until the run's log is open, so that no other process continues the same run.
    """

    run_id: str
    resume: str | None
    before: Continuation | None = None
    fork_run: str | None = None
    fork_step: FloatOrInt | None = None
    sources: Sequence[tuple[str, str, FloatOrInt]] = ()
    first_step: int = 0
    claim: FileLock | None = None

    @property
    def is_fork(self) -> bool:
        return self.fork_run is not None and self.fork_run != self.run_id

    @property
    def same_run(self) -> Continuation | None:
        """The earlier state of this run. None if it is a new run or a fork."""
        return None if self.is_fork else self.before

    @property
    def beginning(self) -> Beginning:
        """The state before the first row. A fork has no definitions yet: `fill` writes them."""
        if self.before is None:
            return Beginning(self.first_step)
        before = self.before
        definitions = () if self.is_fork else before.definitions
        resumed_run = self.run_id if self.fork_run is None else None
        return Beginning(
            self.first_step, before.summary, before.aggregates, definitions, resumed_run
        )

    def note_in(self, record: RunRecord) -> RunRecord:
        """Return the Run record with the fields about resume and fork filled in."""
        return msgspec.structs.replace(
            record,
            resume=self.resume,
            runtime_micros=self.before.runtime_micros if self.before else 0,
            fork_run=self.fork_run,
            fork_step=self.fork_step,
            sources=list(self.sources),
        )

    def fill(self, history: History, config: Config, summary: Summary) -> None:
        """Fill config, summary and definitions from the earlier run. The run's log is open.

        A fork writes all of them into its own log, so that it does not depend on the other run.
        """
        if self.claim is not None:
            self.claim.release(remove=True)
        if self.before is None:
            return
        if self.is_fork:
            for fields in self.before.definitions:
                history.define(MetricDefinition(**fields, overwrite=True))
            config.update(self.before.config)
            summary.update(self.before.summary_set)
        else:
            config._load(self.before.config)  # noqa: SLF001
            summary._load_set(self.before.summary_set)  # noqa: SLF001


def continue_run(
    settings: Settings, address: ServerAddress | None, guard: Guard
) -> Continued | None:
    """Find the run that a new process continues; None if it is a new run.

    `address` is None if no server is known or mode is offline; `run_id` may be empty.
    """
    moment_of = {name: getattr(settings, name) for name in ("fork_from", "resume_from")}
    moments = {name: parse_moment(name, text) for name, text in moment_of.items() if text}
    _refuse_contradictions(settings, moments)
    if settings.mode == "disabled":
        return None
    runs = KnownRuns(settings, address, guard)
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


def _resume(runs: KnownRuns, run_id: str, word: str | None) -> Continued | None:
    claim: FileLock | None = None
    if not run_id and word == "auto":
        run_id, claim = runs.claim_unfinished() or ("", None)
    if not run_id:
        return None  # no run can exist under an id that is generated now
    before = runs.look_up(run_id, joining=True, patient=word in {"must", "never"})
    if word == "must" and runs.fault is not None:
        raise runs.unanswered(
            "resume='must'", "start it, or use resume='allow' to continue with what is here"
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
            f"can't tell whether run {run_id!r} exists ({runs.fault}), and it is not in "
            f"{shown_path(runs.weft_dir)}: its steps begin at 0; if that run exists, "
            "both have rows at the same steps",
        )
        return Continued(run_id, word)
    if word == "never":
        raise ConfigError(
            f"run {run_id!r} is there already and resume='never': choose another id, leave it "
            "out, or continue the run with resume='allow'"
        )
    runs.warn_of_local(before)
    first_step = _next_step(before.last_step)
    return Continued(run_id, word, before, first_step=first_step, claim=claim)


def _fork(runs: KnownRuns, run_id: str, moment: Moment) -> Continued:
    argument = f"fork_from={_shown(moment)!r}"
    parent, step = runs.look_back(moment, argument)
    sources = [
        (run, writer, step if last is None else min(last, step))
        for run, writer, last in parent.sources
        if step is not None
    ]
    return Continued(
        run_id or new_run_id(), None, parent, moment.run_id, step, sources, _next_step(step)
    )


def _rewind(runs: KnownRuns, moment: Moment) -> Continued:
    argument = f"resume_from={_shown(moment)!r}"
    before, step = runs.look_back(moment, argument)
    # A live writer of this run is another rank that rewound a moment ago, or an unrelated process:
    # its rows are not cut.
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
