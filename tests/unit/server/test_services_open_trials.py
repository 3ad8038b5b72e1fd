"""The open trials of a sweep: found by number, run and agent, and given again in bounds."""

from __future__ import annotations

from weft.server.services.sweeps.open_trials import OpenTrials
from weft.server.storage.metadata import TrialRow


def trial(number: int, agent_id: int | None = None, *, is_queued: bool = False) -> TrialRow:
    return TrialRow(number, f"run{number}", agent_id, {}, state="queued" if is_queued else "given")


def test_trials_are_found_by_number_run_and_agent() -> None:
    trials = OpenTrials()
    trials.put([trial(0, agent_id=7), trial(1, agent_id=8), trial(2, agent_id=7), trial(3)])
    assert len(trials) == 4
    assert [one.number for one in trials] == [0, 1, 2, 3]
    assert trials[2].run == "run2"
    assert trials.of_run("run1") == trials[1]
    assert trials.of_run("unknown") is None
    assert [one.number for one in trials.of_agent(7)] == [0, 2]
    assert trials.of_agent(9) == []


def test_a_trial_that_changes_hands_leaves_its_agent_and_run() -> None:
    trials = OpenTrials()
    trials.put([trial(0, agent_id=7)])
    trials.put([trial(0, agent_id=8)._replace(run="again")])
    assert trials.of_agent(7) == []
    assert trials.of_run("run0") is None
    assert [one.run for one in trials.of_agent(8)] == ["again"]
    trials.drop(0)
    trials.drop(0)
    assert len(trials) == 0
    assert trials.of_agent(8) == []
    assert trials.of_run("again") is None


def test_at_most_the_wanted_number_of_queued_trials_is_given_in_order() -> None:
    trials = OpenTrials()
    trials.put([trial(number, is_queued=number % 2 == 1) for number in range(8)])
    assert [one.number for one in trials.queued(2)] == [1, 3]
    assert [one.number for one in trials.queued(9)] == [1, 3, 5, 7]
    assert trials.queued(0) == []
