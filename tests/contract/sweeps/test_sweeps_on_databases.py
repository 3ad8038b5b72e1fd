"""Sweeps on SQLite and on a real PostgreSQL: what agents are given, again and once only, also by
the server that an archive of them was imported to.
"""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import pytest

from archive_edits import Change, entries, in_lines, pack
from at_length import engines_at_length
from service_sweeps import GRID, PROJECT, beat, create, log_run
from service_uploads import START, Clock
from weft.errors import ConfigError, Conflict, CorruptLog, NotFound
from weft.records.record import Exit, Preempting
from weft.server.services.access.actors import LOCAL
from weft.server.services.access.paths import ProjectPath
from weft.server.services.opening.services import Services, open_services
from weft.wire.sweeps import AgentBeat, NewSweep, SweepEdit


@engines_at_length("postgresql")
def test_a_run_whose_records_come_after_its_end_was_told_is_not_handed_out_again(
    services: Services, clock: Clock
) -> None:
    sweep = create(services)
    first, other, absent = (run.run for run in beat(services, sweep, "a", wants=3).runs)
    runs = {first: "finished", other: "finished", absent: "absent"}
    orders = beat(services, sweep, "a", runs=runs)
    assert orders.settled == [absent], "it can't begin any more"
    clock.forward(50)
    orders = beat(services, sweep, "a", runs=runs, wants=1)
    assert ([run.number for run in orders.runs], orders.settled) == ([3], [absent])
    log_run(services, first, sweep, 0.5, Exit(START, 0))
    assert beat(services, sweep, "a", runs=runs).settled == [first, absent]
    clock.forward(20)
    assert beat(services, sweep, "a", runs=runs).settled == [first, other, absent]
    trials = services.sweeps.runs(LOCAL, PROJECT, sweep).runs
    assert [trial.error for trial in trials] == [
        None,
        "the run never began: the function or program did not call weft.init()",
        "the run never began: the function did not call weft.init()",
        None,
    ]


def test_sets_are_given_once_and_again_if_the_answer_was_lost(services: Services) -> None:
    sweep = create(services)
    assert services.sweeps.get(LOCAL, PROJECT, sweep).state == "pending"
    first = beat(services, sweep, "a", wants=2)
    assert [run.config for run in first.runs] == [
        {"lr": 0.1, "n": {"k": 1}},
        {"lr": 0.1, "n": {"k": 2}},
    ]
    assert beat(services, sweep, "a", wants=2).runs == first.runs
    states = {first.runs[0].run: "running"}
    assert beat(services, sweep, "a", wants=1, runs=states).runs == [first.runs[1]]
    other = beat(services, sweep, "b", wants=9)
    assert [run.number for run in other.runs] == [2, 3]
    states = {run.run: "running" for run in first.runs}
    none = beat(services, sweep, "a", wants=1, runs=states)
    assert (none.runs, none.is_done) == ([], False)
    assert none.reason == "all parameter sets have been handed out"
    shown = services.sweeps.get(LOCAL, PROJECT, sweep)
    assert (shown.state, shown.counts.running, shown.n_expected, shown.n_agents) == (
        "running", 4, 4, 2,
    )  # fmt: skip


@engines_at_length("postgresql")
def test_the_best_value_is_found_and_the_sweep_ends(services: Services) -> None:
    sweep = create(services)
    runs = beat(services, sweep, "a", wants=4).runs
    losses = [0.5, 0.25, float("nan"), None]
    for run, loss in zip(runs, losses, strict=True):
        log_run(services, run.run, sweep, loss, Exit(START + 5, 0))
    orders = beat(services, sweep, "a", wants=1, runs={run.run: "finished" for run in runs})
    assert (orders.runs, orders.is_done) == ([], True)
    shown = services.sweeps.get(LOCAL, PROJECT, sweep)
    assert (shown.state, shown.counts.finished, shown.counts.failed) == ("finished", 2, 2)
    assert shown.best is not None
    assert (shown.best.run, shown.best.values) == (runs[1].run, [0.25])
    listed = services.sweeps.runs(LOCAL, PROJECT, sweep, limit=3)
    assert [run.state for run in listed.runs] == ["finished", "finished", "failed"]
    assert listed.runs[2].error == "loss is nan"
    rest = services.sweeps.runs(LOCAL, PROJECT, sweep, cursor=listed.cursor).runs
    assert [run.error for run in rest] == ["the run logged no loss, nor anything else"]


@engines_at_length("postgresql")
def test_what_did_not_begin_goes_to_another_agent_under_a_new_id(
    services: Services, clock: Clock
) -> None:
    sweep = create(services)
    runs = beat(services, sweep, "a", wants=2).runs
    log_run(services, runs[0].run, sweep, 0.5)
    clock.forward(61)
    beat(services, sweep, "b")
    services.sweeps.get(LOCAL, PROJECT, sweep)
    (requeued,) = beat(services, sweep, "b", wants=1).runs
    assert (requeued.number, requeued.config) == (runs[1].number, runs[1].config)
    assert requeued.run != runs[1].run
    late = beat(services, sweep, "a", runs={run.run: "running" for run in runs})
    assert late.stop == [runs[1].run]
    agents = services.sweeps.agents(LOCAL, PROJECT, sweep).agents
    assert [(agent.number, agent.n_runs, agent.runs) for agent in agents] == [
        (1, 1, [runs[0].run]),
        (2, 1, [requeued.run]),
    ]


@engines_at_length("postgresql")
def test_an_agent_that_leaves_gives_back_what_did_not_begin(services: Services) -> None:
    sweep = create(services)
    (run,) = beat(services, sweep, "a", wants=1).runs
    beat(services, sweep, "a", leaves=True)
    (again,) = beat(services, sweep, "b", wants=1).runs
    assert (again.number, again.config) == (run.number, run.config)


@engines_at_length("postgresql")
def test_a_preempted_run_continues_with_another_agent(services: Services, clock: Clock) -> None:
    sweep = create(services)
    (run,) = beat(services, sweep, "a", wants=1).runs
    log_run(services, run.run, sweep, 0.5, Preempting(START), Exit(START + 5, 1, "preempted"))
    beat(services, sweep, "a", runs={run.run: "failed"})
    (again,) = beat(services, sweep, "b", wants=1).runs
    assert (again.run, again.resumes) == (run.run, True)


def test_a_server_that_starts_again_goes_on_where_it_was(
    url: str | None, clock: Clock, tmp_path: Path
) -> None:
    services = open_services(tmp_path, url, now=clock, jobs=False)
    sweep = create(services)
    first = beat(services, sweep, "a", wants=2).runs
    services.close()
    services = open_services(tmp_path, url, now=clock, jobs=False)
    states = {first[0].run: "running"}
    assert beat(services, sweep, "a", wants=1, runs=states).runs == [first[1]]
    assert [run.number for run in beat(services, sweep, "b", wants=4).runs] == [2, 3]
    services.close()


def test_many_agents_at_once_get_distinct_sets(services: Services) -> None:
    config = {"method": "grid", "parameters": {"n": {"min": 1, "max": 100}}}
    sweep = create(services, config)
    numbers: list[int] = []

    def ask(agent: str) -> None:
        for _ in range(5):
            states = dict.fromkeys(runs_of_agent.setdefault(agent, []), "running")
            for run in beat(services, sweep, agent, wants=1, runs=states).runs:
                runs_of_agent[agent].append(run.run)
                numbers.append(run.number)

    runs_of_agent: dict[str, list[str]] = {}
    threads = [threading.Thread(target=ask, args=(f"a{n}",)) for n in range(20)]
    for run in threads:
        run.start()
    for run in threads:
        run.join()
    assert sorted(numbers) == list(range(100))


@engines_at_length("postgresql")
def test_runs_that_name_a_sweep_are_taken_in(services: Services) -> None:
    sweep = create(services, GRID, id="offline1")
    assert sweep == "offline1"
    log_run(services, "r1", sweep, 0.5, Exit(START + 5, 0), lr=0.1, n={"k": 2})
    log_run(services, "r2", sweep, 0.5, Exit(START + 5, 0), lr=7, n={"k": 2})
    shown = services.sweeps.get(LOCAL, PROJECT, sweep)
    assert (shown.state, shown.counts.finished) == ("running", 1)
    rest = beat(services, sweep, "a", wants=9).runs
    assert [trial.config["n"]["k"] for trial in rest] == [1, 1, 2]


@engines_at_length("postgresql")
def test_a_deleted_run_frees_its_set_in_a_grid(services: Services) -> None:
    sweep = create(services)
    runs = beat(services, sweep, "a", wants=4).runs
    log_run(services, runs[2].run, sweep, 0.5)
    services.runs.delete(LOCAL, PROJECT.run(runs[2].run))
    services.sweeps.get(LOCAL, PROJECT, sweep)
    (again,) = beat(services, sweep, "b", wants=1).runs
    assert again.config == runs[2].config
    assert again.number == 4


def test_a_sweep_is_edited_listed_and_deleted(services: Services) -> None:
    first, second = create(services), create(services)
    page = services.sweeps.list(LOCAL, PROJECT, limit=1)
    assert ([sweep.id for sweep in page.sweeps], page.total) == ([second], 2)
    rest = services.sweeps.list(LOCAL, PROJECT, cursor=page.cursor).sweeps
    assert [sweep.id for sweep in rest] == [first]
    edit = SweepEdit(name="grid", description="lr", run_cap=1, state="paused")
    shown = services.sweeps.edit(LOCAL, PROJECT, first, edit)
    assert (shown.name, shown.run_cap, shown.n_expected, shown.state) == ("grid", 1, 1, "paused")
    assert beat(services, first, "a", wants=1).reason == "the sweep is paused"
    services.sweeps.edit(LOCAL, PROJECT, first, SweepEdit(state="running"))
    (run,) = beat(services, first, "a", wants=2).runs
    log_run(services, run.run, first, 0.5)
    services.sweeps.edit(LOCAL, PROJECT, first, SweepEdit(state="cancelled"))
    orders = beat(services, first, "a", wants=1, runs={run.run: "running"})
    assert (orders.stop, orders.is_done, orders.state) == ([run.run], True, "cancelled")
    services.sweeps.delete(LOCAL, PROJECT, first)
    with pytest.raises(NotFound, match=f"no sweep {first} in local/mnist"):
        beat(services, first, "a", wants=1)
    assert services.runs.get(LOCAL, PROJECT.run(run.run)).sweep == first


@engines_at_length("postgresql")
def test_what_can_not_be_created_is_refused(services: Services) -> None:
    create(services, GRID, id="mine")
    with pytest.raises(Conflict, match="has a sweep mine already"):
        create(services, GRID, id="mine")
    with pytest.raises(ConfigError, match="method is 'x'"):
        create(services, {**GRID, "method": "x"})
    checked = services.sweeps.check(LOCAL, PROJECT, json.dumps({**GRID, "metod": 1}))
    assert checked.problems == ["metod is not a key; did you mean 'method'?"]
    checked = services.sweeps.check(LOCAL, PROJECT, json.dumps(GRID))
    assert (checked.problems, checked.n_expected, len(checked.samples)) == ([], 4, 3)


def archive_of(services: Services, path: Path) -> tuple[Path, str]:
    """An archive of a sweep of three runs of three agents, and the sweep: one run has ended, one
    is in the trash, one did not begin.
    """
    sweep = create(services)
    runs = [beat(services, sweep, agent, wants=1).runs[0] for agent in ("a", "b", "c")]
    for run, agent in zip(runs[:2], ("a", "b"), strict=True):
        log_run(services, run.run, sweep, 0.5, Exit(START + 5, 0))
        beat(services, sweep, agent, runs={run.run: "finished"})
    services.runs.delete(LOCAL, PROJECT.run(runs[1].run))
    path.write_bytes(b"".join(services.archives.export(LOCAL, PROJECT)))
    return path, sweep


@engines_at_length("postgresql")
def test_an_imported_sweep_goes_on_where_it_was(services: Services, tmp_path: Path) -> None:
    archive, sweep = archive_of(services, tmp_path / "p.zip")
    there = ProjectPath("local", "there")
    report = services.archives.import_(LOCAL, archive, there)
    assert (report.n_runs, report.n_sweeps) == (1, 1)
    runs = services.sweeps.runs(LOCAL, there, sweep).runs
    runs_kept = [
        run for run in services.sweeps.runs(LOCAL, PROJECT, sweep).runs if run.number != 1
    ]
    assert runs == runs_kept
    assert [(run.number, run.state, run.values) for run in runs] == [
        (0, "finished", [0.5]),
        (2, "running", None),
    ]
    shown = services.sweeps.get(LOCAL, there, sweep)
    was = services.sweeps.get(LOCAL, PROJECT, sweep)
    assert (shown.config, shown.seed, shown.best) == (was.config, was.seed, was.best)
    agents = services.sweeps.agents(LOCAL, there, sweep).agents
    assert [(agent.id, agent.number, agent.n_runs) for agent in agents] == [
        ("a", 1, 1), ("b", 2, 0), ("c", 3, 1),
    ]  # fmt: skip
    # the agent's run is still its own; the set of the run in the trash is free again
    orders = services.sweeps.answer_beat(LOCAL, there, sweep, "c", AgentBeat(wants=9))
    assert [run.number for run in orders.runs] == [2, 3, 4]
    assert orders.runs[0].run == runs[1].run


def for_each_agent(trials: list[dict[str, Any]]) -> None:
    """Each trial once for each agent, as older versions exported sweeps of several agents."""
    trials[:] = [{**trial, "agent": agent} for trial in trials for agent in ("a", "b", "c")]


@engines_at_length("postgresql")
def test_an_archive_with_a_line_for_each_agent_is_imported_without_agents(
    services: Services, tmp_path: Path
) -> None:
    archive, sweep = archive_of(services, tmp_path / "p.zip")
    contents = entries(archive)
    in_lines("trials.jsonl", for_each_agent)(contents)
    there = ProjectPath("local", "there")
    report = services.archives.import_(LOCAL, pack(tmp_path / "old.zip", contents), there)
    assert (report.n_runs, report.n_sweeps) == (1, 1)
    runs = services.sweeps.runs(LOCAL, there, sweep).runs
    assert [(run.number, run.state, run.agent) for run in runs] == [
        (0, "finished", None),
        (2, "running", None),
    ]
    # no one knows whose the run was that did not begin: it is given again, under a new id
    services.sweeps.get(LOCAL, there, sweep)
    (again,) = services.sweeps.answer_beat(LOCAL, there, sweep, "b", AgentBeat(wants=1)).runs
    assert again.number == 2
    assert again.run != runs[1].run


def with_other_state(trials: list[dict[str, Any]]) -> None:
    for_each_agent(trials)
    trials[1] = {**trials[1], "trial": {**trials[1]["trial"], "resumes": True}}


@engines_at_length("postgresql")
def test_a_sweep_that_the_project_has_is_refused_or_left_out(
    services: Services, tmp_path: Path
) -> None:
    archive, sweep = archive_of(services, tmp_path / "p.zip")
    there = ProjectPath("local", "there")
    new = NewSweep(config=json.dumps({**GRID, "name": "mine"}), id=sweep)
    services.sweeps.create(LOCAL, there, new)
    with pytest.raises(Conflict, match=f"local/there already has sweeps of the archive: {sweep};"):
        services.archives.import_(LOCAL, archive, there)
    report = services.archives.import_(LOCAL, archive, there, skip_existing=True)
    assert (report.n_runs, report.n_sweeps) == (1, 0)
    assert services.sweeps.get(LOCAL, there, sweep).name == "mine"


def in_trial(**changes: Any) -> Change:
    return in_lines("trials.jsonl", lambda trials: trials[0]["trial"].update(changes))


def in_trial_line(**changes: Any) -> Change:
    return in_lines("trials.jsonl", lambda trials: trials[0].update(changes))


def agents_twice(sweeps: list[dict[str, Any]]) -> None:
    sweeps[0]["agents"] *= 2


def in_sweep(**changes: Any) -> Change:
    return in_lines("sweeps.jsonl", lambda sweeps: sweeps[0]["sweep"].update(changes))


HOSTILE: dict[str, Change] = {
    "lacks trials": lambda contents: contents.__delitem__("trials.jsonl"),
    "has sweep": in_lines("sweeps.jsonl", lambda sweeps: sweeps.append(sweeps[0])),
    "sweep may not hold": in_sweep(sweep="a/b"),
    "method is 'x'": in_sweep(config=json.dumps({**GRID, "method": "x"})),
    "Input data was truncated": in_sweep(config="{"),
    "Expected `array`": in_sweep(prior="{}"),
    "Invalid enum value 'done'": in_sweep(state="done"),
    "wrong value of sweep.created_micros": in_sweep(created_micros="soon"),
    "an agent twice": in_lines("sweeps.jsonl", agents_twice),
    "lacks the sweep": in_trial_line(sweep="other"),
    "an agent that the sweep lacks": in_trial_line(agent="d"),
    "trials.jsonl, line 3: .* there twice": in_lines(
        "trials.jsonl", lambda trials: trials.append(trials[0])
    ),
    "trials.jsonl, line 2: .* there twice": in_lines("trials.jsonl", with_other_state),
    "invalid number": in_trial(number=99),
    "run may not hold": in_trial(run="../x"),
    "invalid values": in_trial(metric_values="[0.5, 1]"),
    "trial 0 of sweep .* has invalid values": in_trial(metric_values="[NaN]"),
    "wrong value of sweep_trial.parameters": in_trial(parameters="[]"),
    "unknown columns of sweep_trial": in_trial(password="x"),
}


@engines_at_length("postgresql")
def test_a_hostile_archive_of_a_sweep_is_refused_whole(services: Services, tmp_path: Path) -> None:
    archive, _ = archive_of(services, tmp_path / "p.zip")
    there = ProjectPath("local", "there")
    for message, change in HOSTILE.items():
        contents = entries(archive)
        change(contents)
        with pytest.raises(CorruptLog, match=message):
            services.archives.import_(LOCAL, pack(tmp_path / "bad.zip", contents), there)
        with pytest.raises(NotFound):
            services.sweeps.list(LOCAL, there)
