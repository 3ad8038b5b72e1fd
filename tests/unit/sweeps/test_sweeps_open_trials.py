"""The open trials of a sweep: looked up by number, run and agent, and queued in order."""

from __future__ import annotations

from weft.sweeps.open_trials import OpenTrials
from weft.sweeps.trials import Trial


def trial(number: int, agent: int | None = None, *, is_queued: bool = False) -> Trial:
    return Trial(number, {}, "queued" if is_queued else "given", run=f"run{number}", agent=agent)


def open_trials(*trials: Trial) -> OpenTrials:
    opened = OpenTrials()
    for trial in trials:
        opened.put(trial)
    return opened


def test_trials_are_looked_up_by_number_run_and_agent() -> None:
    trials = open_trials(trial(0, agent=7), trial(1, agent=8), trial(2, agent=7), trial(3))
    assert len(trials) == 4
    assert [trial.number for trial in trials] == [0, 1, 2, 3]
    assert trials[2].run == "run2"
    assert trials.of_run("run1") == trials[1]
    assert trials.of_run("unknown") is None
    assert [trial.number for trial in trials.of_agent(7)] == [0, 2]
    assert trials.of_agent(9) == []


def test_a_trial_that_changes_hands_leaves_its_agent_and_run() -> None:
    trials = open_trials(trial(0, agent=7))
    trials.put(trial(0, agent=8)._replace(run="again"))
    assert trials.of_agent(7) == []
    assert trials.of_run("run0") is None
    assert [trial.run for trial in trials.of_agent(8)] == ["again"]
    trials.drop(0)
    trials.drop(0)
    assert len(trials) == 0
    assert trials.of_agent(8) == []
    assert trials.of_run("again") is None


def test_queued_trials_come_in_the_order_in_which_they_were_queued() -> None:
    trials = open_trials(*(trial(number, is_queued=number % 2 == 1) for number in range(8)))
    assert [trial.number for trial in trials.queued(2)] == [1, 3]
    trials.put(trial(1, agent=7))
    trials.put(trial(1, is_queued=True))
    trials.drop(5)
    assert [trial.number for trial in trials.queued(9)] == [3, 7, 1]
    assert trials.queued(0) == []
