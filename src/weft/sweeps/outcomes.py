"""The results of trials: derived from the reports about their runs. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Literal, NamedTuple

from weft.records.states import ENDED_STATES, RunState
from weft.sweeps.config import Metric
from weft.sweeps.trials import Trial
from weft.sweeps.values import read_values

RunStatus = Literal["running", "finished", "failed", "absent"]
"""The state of a run, as its agent says: `absent` if it can't begin any more."""


class RunCheck(NamedTuple):
    """A trial whose run is to be looked at: `ended_as` its agent says, if it says so; `is_lost` is
    true if its agent is gone.
    """

    trial: Trial
    ended_as: RunStatus | None
    is_lost: bool


class RunReport(NamedTuple):
    """The state of a run (`absent` before it begins) and, once it has ended, its results.

    `stopped_by` is a user or rule. `ended_micros` is None if only the time of this report is
    known.
    """

    state: RunState | Literal["absent", "deleted"]
    summary: Mapping[str, Any] | None = None
    exit_code: int | None = None
    stopped_by: str | None = None
    ended_micros: int | None = None


def settle_trial(
    check: RunCheck,
    report: RunReport,
    metrics: Sequence[Metric],
    now_micros: int,
    new_run: Callable[[], str],
) -> Trial:
    """Return the trial as it is after a report about its run, which was not deleted.

    `new_run` makes the run's id if the trial is queued for another agent. The lost agent may yet
    begin the run under the old id.

    >>> from weft.records.ids import new_run_id
    >>> check = RunCheck(Trial(0, {"lr": 0.1}, run="r0", agent="a"), None, is_lost=True)
    >>> settle_trial(check, RunReport("absent"), [], 5, lambda: "r1")[2:6]
    ('queued', None, 'r1', None)
    >>> report = RunReport("finished", summary={"loss": 0.5})
    >>> settle_trial(check, report, [Metric("loss")], 5, new_run_id)[2:5]
    ('finished', [0.5], 'r0')
    """
    trial = check.trial
    if report.state == "preempted":
        return trial._replace(state="queued", agent=None, resumes=True)
    if report.state == "absent":
        if check.ended_as is not None:
            error = _NEVER_BEGAN[check.ended_as]
            return trial._replace(state="failed", error=error, ended_micros=now_micros)
        if check.is_lost:
            return trial._replace(state="queued", agent=None, run=new_run())
        return trial
    if report.state not in ENDED_STATES:
        return trial
    return _end_trial(trial, report, metrics)._replace(
        ended_micros=report.ended_micros or now_micros
    )


_NEVER_BEGAN: Final[Mapping[str, str]] = {
    "absent": "the run never began: the function did not call weft.init()",
    "finished": "the run never began: the function or program did not call weft.init()",
    "failed": "the run never began: the function or program failed before weft.init()",
}


def _end_trial(trial: Trial, report: RunReport, metrics: Sequence[Metric]) -> Trial:
    """Return a trial whose run has ended."""
    values, error = (
        ([], "the run crashed: it left no summary")
        if report.summary is None
        else read_values(report.summary, metrics)
    )
    if report.state != "finished" and not trial.stopped_early:
        # The value of a failed run counts for the search if the metrics' `impute` says so.
        counts = error is None and all(metric.impute != "worst" for metric in metrics)
        return trial._replace(
            state="failed",
            values=values if counts and values else None,
            error=f"the run {_failure_of(report)}",
        )
    if error is not None:
        return trial._replace(state="failed", error=error)
    loss = metrics[0].loss(values[0]) if len(metrics) == 1 else None
    return trial._replace(state="finished", values=values, loss=loss, error=None)


def _failure_of(report: RunReport) -> str:
    if report.stopped_by is not None:
        return f"was stopped by {report.stopped_by}"
    words = "was killed" if report.state == "killed" else report.state
    return f"{words} with exit code {report.exit_code}" if report.exit_code else words
