"""The state of a run, from its writers' records and when they were last heard from. Pure."""

from __future__ import annotations

import signal
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from weft.records.states import RUN_STATES, RunState

SILENCE_MICROS: Final = 5 * 60 * 1_000_000
"""A writer not heard from for this long, while the server was up, has fallen silent."""

RUNNING_MICROS: Final = 30 * 1_000_000
"""A writer heard from within this time is surely running: its process beats every 10 s. One that
has been silent for longer may have died, so a rewind drops its rows beyond the step."""


@dataclass(frozen=True, slots=True)
class WriterFacts:
    """The facts about one writer. Times are µs since 1970, corrected by its clock offset.

    Attributes:
        parent: the writer whose process it belongs to; None if it is a script's own writer.
        resumed: whether its script resumed an existing run.
        first_micros: when it was first heard from, by the server's clock.
        beat_micros: when it was last heard from while its process ran; None if never.
        seen_micros: when it was last heard from at all.
        is_of_sidecar: whether it is no process of the script, but records its files.
    """

    writer: str
    parent: str | None
    resumed: bool
    start_micros: int
    first_micros: int
    beat_micros: int | None
    seen_micros: int
    exit_micros: int | None
    exit_code: int | None
    exit_state: str | None
    preempting: bool
    exit_reason: str | None = None
    is_of_sidecar: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """A run's state, the time and exit code of its end, and the reason if it ended badly."""

    state: RunState
    ended_micros: int | None = None
    exit_code: int | None = None
    reason: str | None = None


def judge(writers: Sequence[WriterFacts], *, now_micros: int, server_start_micros: int) -> Verdict:
    """The state of a run.

    A run is running while any live writer is heard from. Once all have ended or fallen silent, it
    has the state that an Exit names; else it failed if an exit code is not 0, crashed if a
    script's own writer ended without Exit, and finished otherwise. In a resumed run only the
    writers since the resume count. Silence counts only while the server was up.
    """
    closed = _closed(writers)
    writers = _present_life(writers)

    def heard(micros: int | None) -> bool:
        return _is_recent(micros, SILENCE_MICROS, now_micros, server_start_micros)

    open_writers = [facts for facts in writers if facts.writer not in closed]
    beating = [facts for facts in open_writers if heard(facts.beat_micros)]
    if beating:
        preempting = any(facts.preempting for facts in beating)
        return Verdict("preempting" if preempting else "running")
    unheard = any(facts.beat_micros is None and heard(facts.seen_micros) for facts in open_writers)
    # Only the log of a sidecar or an editor has come; the script's own will tell how it went.
    headless = all(facts.parent is not None for facts in writers) and any(
        heard(facts.seen_micros) for facts in writers
    )
    if unheard or headless:
        return Verdict("pending")
    return _ended(writers, closed)


def running_writers(
    writers: Sequence[WriterFacts], *, now_micros: int, server_start_micros: int
) -> list[str]:
    """Writers whose processes are running now, as far as a server can know."""
    closed = _closed(writers)
    return [
        facts.writer
        for facts in writers
        if facts.writer not in closed
        and _is_recent(facts.beat_micros, RUNNING_MICROS, now_micros, server_start_micros)
    ]


def _is_recent(
    micros: int | None, span_micros: int, now_micros: int, server_start_micros: int
) -> bool:
    since = max(now_micros - span_micros, -(2**63))
    return micros is not None and max(micros, server_start_micros) > since


def _closed(writers: Sequence[WriterFacts]) -> set[str]:
    """Writers that have ended: by their own Exit, with their parent, or by a child's Exit."""
    closed = {facts.writer for facts in writers if facts.exit_micros is not None}
    closed |= {
        facts.parent
        for facts in writers
        if facts.parent is not None and facts.exit_micros is not None and facts.exit_state
    }
    children: dict[str, list[str]] = {}
    for facts in writers:
        if facts.parent is not None:
            children.setdefault(facts.parent, []).append(facts.writer)
    unvisited = list(closed)
    while unvisited:
        ended = [child for child in children.get(unvisited.pop(), ()) if child not in closed]
        closed.update(ended)
        unvisited += ended
    return closed


def _present_life(writers: Sequence[WriterFacts]) -> list[WriterFacts]:
    """Leave out scripts that had ended when the run was last resumed, with all their writers.

    What such a script's sidecar says later, such as that it died, is about the earlier life.
    """
    resumed = max(
        (facts for facts in writers if facts.resumed),
        key=lambda facts: facts.start_micros,
        default=None,
    )
    if resumed is None:
        return list(writers)
    scripts = _scripts_of(writers)
    return [facts for facts in writers if _is_present(scripts[facts.writer], resumed)]


def _is_present(script: WriterFacts, resumed: WriterFacts) -> bool:
    """Whether a script had not ended when another one resumed the run."""
    if script.start_micros >= resumed.start_micros:
        return True
    if script.exit_micros is not None:
        return script.exit_micros > resumed.start_micros
    return (script.beat_micros or 0) >= _heard_micros(resumed)


def _heard_micros(resumed: WriterFacts) -> int:
    """When a script that resumed the run was first heard from, by the clock of beats.

    Beats use the server's clock; a log that was sent later has only its own clock.
    """
    return resumed.start_micros if resumed.beat_micros is None else resumed.first_micros


@dataclass(frozen=True, slots=True)
class Resumption:
    """A time when a run was resumed, and the end of its life before."""

    before: Verdict
    resumed: WriterFacts


def find_resumptions(writers: Sequence[WriterFacts]) -> list[Resumption]:
    """The times when a run was resumed after it had ended, oldest first.

    A script that joins while others run, such as another rank, resumes nothing.
    """
    scripts = _scripts_of(writers)
    closed = _closed(writers)
    later = sorted(writers, key=lambda facts: scripts[facts.writer].start_micros, reverse=True)
    resumptions: list[Resumption] = []
    # Writers since the last resumption; the latest end of their scripts, or beat of one without.
    life: list[WriterFacts] = []
    exit_micros = beat_micros = -(2**63)
    for resumed in sorted(writers, key=lambda facts: facts.start_micros):
        if not resumed.resumed or resumed.parent is not None:
            continue
        while later and scripts[later[-1].writer].start_micros < resumed.start_micros:
            life.append(later.pop())
            script = scripts[life[-1].writer]
            if script.exit_micros is None:
                beat_micros = max(beat_micros, script.beat_micros or 0)
            else:
                exit_micros = max(exit_micros, script.exit_micros)
        has_ended = exit_micros <= resumed.start_micros and beat_micros < _heard_micros(resumed)
        if life and has_ended:
            before = _ended(life, closed)
            # A sidecar may have noticed later that its script had died.
            ended = min(before.ended_micros or resumed.start_micros, resumed.start_micros)
            resumptions.append(Resumption(replace(before, ended_micros=ended), resumed))
            life = []
            exit_micros = beat_micros = -(2**63)
    return resumptions


def _scripts_of(writers: Sequence[WriterFacts]) -> dict[str, WriterFacts]:
    """The script's own writer that each writer belongs to, as far as it is known."""
    by_name = {facts.writer: facts for facts in writers}
    scripts: dict[str, WriterFacts] = {}
    for facts in writers:
        ancestors: dict[str, WriterFacts] = {}
        while facts.writer not in ancestors and facts.writer not in scripts:
            ancestors[facts.writer] = facts
            facts = by_name.get(facts.parent or "", facts)
        script = scripts.get(facts.writer, facts)
        scripts.update(dict.fromkeys(ancestors, script))
    return scripts


def _ended(writers: Sequence[WriterFacts], closed: set[str]) -> Verdict:
    exits = sorted(
        (facts for facts in writers if facts.exit_micros is not None),
        key=lambda facts: facts.exit_micros or 0,
    )
    # `weft sync` tells the end of a script that died.
    without_exit = [
        facts
        for facts in writers
        if facts.parent is None and (facts.exit_micros is None or facts.exit_state == "crashed")
    ]
    # A sidecar continues to record files after its script has ended.
    ended = [
        facts.exit_micros or 0 for facts in exits if facts.exit_state or not facts.is_of_sidecar
    ]
    ended += [
        facts.beat_micros or facts.start_micros
        for facts in without_exit
        if facts.writer not in closed
    ]
    failures = [facts.exit_code for facts in exits if facts.exit_code]
    code = failures[-1] if failures else (0 if exits and not without_exit else None)
    state: RunState
    stated = [facts.exit_state for facts in exits if facts.exit_state in RUN_STATES]
    if (failures or without_exit) and any(facts.preempting for facts in writers):
        state = "preempted"
    elif stated:
        state = stated[-1]
    elif failures:
        state = "failed"
    elif without_exit or not exits:
        state = "crashed"
    else:
        state = "finished"
    reason = None if state == "finished" else _reason_of(state, exits, code)
    return Verdict(state, max(ended, default=None), code, reason)


def _reason_of(state: RunState, exits: Sequence[WriterFacts], code: int | None) -> str | None:
    """The reason of a bad end; None if only the console output can tell.

    Of several failed ranks the first one tells it: the others fail because it is gone.
    """
    reasons = [facts.exit_reason for facts in exits if facts.exit_code and facts.exit_reason]
    words = reasons[0] if reasons else _signal_words(code)
    if state == "preempted":
        return f"preempted: {words}" if words else "preempted"
    if words or state != "crashed":
        return words
    if any(facts.exit_state == "crashed" for facts in exits):
        return "the process ended without an exit code, as after kill -9 or when memory ran out"
    return f"no heartbeat for {SILENCE_MICROS // 60_000_000} minutes"


def _signal_words(code: int | None) -> str | None:
    """The signal that an exit code means: 128 + n to a shell, -n to Python's subprocess."""
    if code is None:
        return None
    number = -code if code < 0 else code - 128
    if number == signal.SIGINT:
        return "interrupted (SIGINT)"
    try:
        return f"killed by signal {number} ({signal.Signals(number).name})"
    except ValueError:
        return None
