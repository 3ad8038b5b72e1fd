"""Keeps the state of a run in metadata in line with `states.judge`."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from functools import partial
from typing import cast

from weft.errors import WeftError
from weft.records.actions.activity import ActivityAction
from weft.records.states import ENDED_STATES
from weft.server.services.access.actors import SYSTEM
from weft.server.services.live_runs.run_entry import RunEntry
from weft.server.services.live_runs.states import Verdict, judge
from weft.server.services.stores.activity import NEWS_MICROS
from weft.server.services.stores.stores import Stores
from weft.server.services.summaries.printed_errors import (
    CRASHED_LINES,
    FAILED_LINES,
    printed_error,
)
from weft.server.storage.metadata import OPEN_STATES, Transaction


def refresh_states(stores: Stores, entries: Sequence[RunEntry]) -> None:
    """Write the states of runs that differ from those in metadata, in one transaction."""
    if stores.metadata.is_shared:
        # Another server may have heard from them, so that they have not fallen silent.
        ending = [entry for entry in entries if _is_ending(stores, entry)]
        if ending:
            follow_metadata(stores, ending)
    changed: list[tuple[RunEntry, Verdict]] = []
    printing: list[tuple[RunEntry, Verdict]] = []
    # Locks of the same order are taken in ascending order of row id.
    by_row = {entry.row_id: entry for entry in entries}
    with ExitStack() as locks:
        for _, entry in sorted(by_row.items()):
            locks.enter_context(entry.lock)
            verdict = _judge(stores, entry)
            if (
                verdict.state != entry.state
                or _is_told_later(entry, verdict)
                or _has_ended_again(entry, verdict)
            ):
                changed.append((entry, verdict))
            elif _may_have_printed(entry, verdict):
                printing.append((entry, verdict))
        jobs = [partial(_write_state, stores, *change) for change in changed]
        ended = [change for change in changed if _is_news(*change, stores.now())]
        noting = [partial(_note_ends, stores, ended)] if ended and stores.activity.is_on else []
        outcomes = stores.metadata.write_together([*jobs, *noting])[: len(jobs)] if jobs else []
        for (entry, verdict), outcome in zip(changed, outcomes, strict=True):
            if not isinstance(outcome, BaseException):
                entry.set_verdict(verdict)
    for entry, verdict in changed:
        if _may_have_printed(entry, verdict):
            _add_printed_reason(stores, entry, verdict)
        stores.live.publish(SYSTEM, entry.path, meta=True)
    for entry, verdict in printing:
        if _add_printed_reason(stores, entry, verdict):
            stores.live.publish(SYSTEM, entry.path, meta=True)
    for outcome in outcomes:
        if isinstance(outcome, BaseException):
            raise outcome


def follow_metadata(stores: Stores, entries: Sequence[RunEntry]) -> None:
    """Take what other servers have written of runs and their writers."""
    by_row = {entry.row_id: entry for entry in entries}
    row_ids = sorted(by_row)
    with ExitStack() as locks:
        # Before the read: what is written here meanwhile must not be undone in memory.
        for row_id in row_ids:
            locks.enter_context(by_row[row_id].lock)
        with stores.metadata.read() as tx:
            rows = stores.metadata.runs.by_ids(tx, row_ids)
            writers = stores.metadata.writers.of_runs(tx, row_ids)
        for row_id, row in rows.items():
            by_row[row_id].merge_run(row, writers[row_id])


def _is_ending(stores: Stores, entry: RunEntry) -> bool:
    """Whether a run would end by the facts in this server's memory."""
    with entry.lock:
        return entry.state in OPEN_STATES and _judge(stores, entry).state not in OPEN_STATES


def _judge(stores: Stores, entry: RunEntry) -> Verdict:
    return judge(
        [writer.facts() for writer in entry.writers.values()],
        now_micros=stores.now(),
        server_start_micros=stores.start_micros if entry.was_open else 0,
    )


def _is_told_later(entry: RunEntry, verdict: Verdict) -> bool:
    """Whether a failed run's Exit came without its reason first: an upload's header has none."""
    return verdict.state == "failed" and verdict.reason not in {None, entry.reason}


def _has_ended_again(entry: RunEntry, verdict: Verdict) -> bool:
    """Whether all of a resumed life, or another rank's end, came after the run had ended."""
    is_later = (verdict.ended_micros or 0) > (entry.ended_micros or 0)
    return verdict.state in ENDED_STATES and is_later


def _may_have_printed(entry: RunEntry, verdict: Verdict) -> bool:
    """Whether output that was not searched yet may tell why the run ended badly."""
    is_untold = verdict.state == "crashed" or (
        verdict.state == "failed" and verdict.reason is None
    )
    return is_untold and entry.searched != (verdict.state, entry.n_printed)


def _add_printed_reason(stores: Stores, entry: RunEntry, verdict: Verdict) -> bool:
    """Take the reason of a bad end from what the run printed. Return whether it changed.

    Only a later traceback replaces a reason that was printed before.
    """
    searched = verdict.state, entry.n_printed
    n_lines = FAILED_LINES if verdict.state == "failed" else CRASHED_LINES
    # Outside of the entry's lock, which is taken after a store's.
    try:
        with stores.metrics.use(entry.project_id) as store:
            error = printed_error(store, entry.path.run, n_lines)
        is_first = entry.reason in {None, verdict.reason}
        if error is None or error.text == entry.reason or not (is_first or error.ends_traceback):
            entry.searched = searched
            return False
        with stores.metadata.write() as tx:
            stores.metadata.runs.set_reason(tx, entry.row_id, verdict.state, error.text)
        entry.reason = error.text
        entry.searched = searched
        return True
    except WeftError:
        return False  # the run was moved or deleted, or the database is away: its state is right


def _is_news(entry: RunEntry, verdict: Verdict, now_micros: int) -> bool:
    """Whether a run has ended now. The end of one that was uploaded later is old."""
    if verdict.state not in ENDED_STATES or entry.state in ENDED_STATES:
        return False
    return entry.state != "pending" or (verdict.ended_micros or 0) > now_micros - NEWS_MICROS


def _note_ends(stores: Stores, ended: Sequence[tuple[RunEntry, Verdict]], tx: Transaction) -> None:
    """Note in the activity that runs ended, those of one user and state as one entry."""
    users = stores.metadata.activity.users_of_runs(tx, [entry.row_id for entry, _ in ended])
    groups: dict[tuple[int, str, ActivityAction], list[str]] = {}
    for entry, verdict in ended:
        action = cast("ActivityAction", f"run.{verdict.state}")
        key = (entry.project_id, users.get(entry.row_id, ""), action)
        groups.setdefault(key, []).append(entry.path.run)
    for (project_id, user, action), runs in groups.items():
        stores.activity.note_runs(tx, project_id, user, action, runs)


def _write_state(stores: Stores, entry: RunEntry, verdict: Verdict, tx: Transaction) -> None:
    stores.metadata.runs.set_state(
        tx,
        entry.row_id,
        state=verdict.state,
        ended_micros=verdict.ended_micros,
        exit_code=verdict.exit_code,
        reason=verdict.reason,
    )
    if verdict.state not in OPEN_STATES:
        if entry.stopper is not None:
            stores.metadata.runs.end_stop(tx, entry.row_id)
    elif entry.state not in OPEN_STATES:
        stores.metadata.runs.forget_stop(tx, entry.row_id)
