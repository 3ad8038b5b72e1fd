"""`weft.agent()`: calls a function with each parameter set that a sweep hands out."""

from __future__ import annotations

import sys
import time
import traceback
from collections.abc import Callable
from typing import Any

from weft.errors import NotFound, UsageError, WrongType
from weft.sdk.finish import end_run, ending_of
from weft.sdk.guard import guard_for
from weft.sdk.session import session
from weft.sdk.setup.assigned_run import AssignedRun, assign_run, is_assigned_run_begun
from weft.sdk.setup.precedence import read_settings
from weft.sdk.setup.settings import Settings
from weft.sdk.sweeps.failures import Failures
from weft.sdk.sweeps.handing import Handing, find_sweep, parse_sweep
from weft.sdk.sweeps.line import Line
from weft.sweeps.outcomes import RunStatus
from weft.wire.sweeps import RunOrder


def agent(
    sweep_id: str,
    function: Callable[[], Any] | None = None,
    entity: str | None = None,
    project: str | None = None,
    count: int | None = None,
    forward_signals: bool = False,
    term_timeout: float | None = None,
    max_consecutive_failed_runs: int | None = None,
) -> None:
    """Run parameter sets of a sweep until it ends.

    Each call of `function` gets one: `weft.init()` in it starts a run of the sweep, whose config
    has the parameters. An exception ends the run as failed, and the agent takes the next one.
    Without a function the sweep's `program` is started for each.

    Args:
        sweep_id: the id, or `entity/project/id`.
        function: called without arguments.
        entity, project: those of the sweep. Default to the settings'.
        count: most runs of this agent. Defaults to as many as the sweep has.
        forward_signals: whether a program gets the signals that end the agent.
        term_timeout: seconds until a program that is to end is killed. Defaults to the setting
            `agent_kill_delay_secs`.
        max_consecutive_failed_runs: end the agent, with an error, once so many runs have failed
            in a row.

    Raises:
        NotFound: there is no such sweep.
        Unavailable: no server is known, or it can't be reached at the start.
        UsageError: the first runs of this agent all failed, or all that it had; or
            a run of the caller is active.

    >>> import weft
    >>> weft.agent("ab12cd34", function=3)
    Traceback (most recent call last):
      ...
    weft.errors.WrongType: function must be callable without arguments, not int
    """
    if function is not None and not callable(function):
        raise WrongType(
            f"function must be callable without arguments, not {type(function).__name__}"
        )
    if count is not None and count < 1:
        raise UsageError(f"count must be at least 1, not {count}")
    if max_consecutive_failed_runs is not None and max_consecutive_failed_runs < 1:
        raise UsageError(
            f"max_consecutive_failed_runs must be at least 1, not {max_consecutive_failed_runs}"
        )
    settings = read_settings({"entity": entity, "project": project})
    if term_timeout is not None:
        settings = settings.replace(agent_kill_delay_secs=term_timeout)
    handing = find_sweep(parse_sweep(sweep_id, entity, project, settings), settings)
    if function is None:
        from weft.sdk.sweeps.programs import run_programs

        run_programs(
            handing,
            settings,
            count=count,
            forward_signals=forward_signals,
            max_consecutive_failed_runs=max_consecutive_failed_runs,
        )
        return
    if session.run is not None:
        raise UsageError("a run is active: finish it before weft.agent(), which starts its own")
    failures = Failures(settings, quick=False, most_consecutive=max_consecutive_failed_runs)
    FunctionAgent(handing, function, settings, failures).work(count)


class FunctionAgent:
    """Calls a function for each run of a sweep, one after another, in this thread."""

    def __init__(
        self,
        handing: Handing,
        function: Callable[[], Any],
        settings: Settings,
        failures: Failures,
    ) -> None:
        self._handing, self._function, self._settings = handing, function, settings
        self._guard = guard_for(settings)
        self._line = Line(handing, settings, self._guard)
        self._failures = failures

    def work(self, count: int | None) -> None:
        """Run until the sweep ends, or `count` runs were started."""
        self._guard.say(f"Agent of sweep {self._handing.shown}")
        self._line.start()
        n_runs = 0
        waits_for: str | None = None
        try:
            while True:
                orders = self._line.ask(1 if count is None or n_runs < count else 0)
                for order in orders.runs:
                    n_runs += 1
                    waits_for = None
                    self._run(order)
                    if self._failures.are_too_many():
                        self._line.ask(0)
                        raise self._failures.error()
                if orders.runs:
                    continue
                if count is not None and n_runs >= count:
                    break
                if orders.is_done:
                    self._guard.say(f"Agent ends: {orders.reason or 'the sweep has ended'}")
                    break
                if orders.reason != waits_for and orders.reason is not None:
                    self._guard.say(f"Agent waits: {orders.reason}")
                    waits_for = orders.reason
                time.sleep(min(self._settings.agent_report_interval_secs, 2.0))
            self._line.settle(self._settings.finish_timeout_secs)
        except NotFound as error:
            self._guard.say(f"Agent ends: {error}")
        finally:
            assign_run(None)
            self._line.close()
        self._failures.check_all()

    def _run(self, order: RunOrder) -> None:
        """Call the function for one run; its exceptions are printed."""
        assign_run(AssignedRun(order.run, order.config, self._handing.settings, order.resumes))
        self._guard.say(f"Agent starts run {order.run} with")
        for name, value in order.config.items():
            self._guard.say(f"    {name}: {value}")
        status: RunStatus = "finished"
        try:
            self._function()
            _end_runs(None)
        except KeyboardInterrupt as error:
            _end_runs(error)
            if order.run not in session.stopped_runs:
                raise
        except (Exception, SystemExit) as error:  # noqa: BLE001 - of the user's function
            status = "finished" if ending_of(error).exit_code == 0 else "failed"
            traceback.print_exc(file=sys.stderr)
            _end_runs(error)
        finally:
            has_begun = is_assigned_run_begun()
            assign_run(None)
        self._line.end(order.run, status if has_begun else "absent")
        self._failures.note(well=status == "finished")


def _end_runs(error: BaseException | None) -> None:
    """End the runs that the function left active."""
    for run in session.runs[:]:
        end_run(run._recorder, ending_of(error))  # noqa: SLF001
