"""The parts of a live sweep: its agents, its search and the stock of parameter sets."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from weft.errors import LimitExceeded
from weft.server.services.sweeps.agents import SILENCE_MICROS, AgentCall, Agents
from weft.server.services.sweeps.choosing import StockedSearch
from weft.server.services.sweeps.stock import MIN_STOCK, Stock
from weft.server.storage.metadata import Job, MetadataStore, NewSweep, PriorRun, SweepRow
from weft.sweeps.config import parse_config
from weft.sweeps.search.random_search import draw
from weft.sweeps.trials import AgentKey, Trial
from weft.wire.sweeps import AgentBeat

SEED = 3
NOW = 1_000_000_000
RANDOM = {"metric": {"name": "loss"}, "parameters": {"x": {"min": 0.0, "max": 1.0}}}
BAYES = {"method": "bayes", **RANDOM}
GRID = {"method": "grid", "parameters": {"x": {"min": 1, "max": 3}}}


class Sweep:
    """A sweep in a database."""

    def __init__(self, store: MetadataStore, config: dict[str, Any], *prior: PriorRun) -> None:
        self.store, self.config = store, parse_config(config)
        new = NewSweep("s", "s", "", config, SEED, None, "ann", NOW, [*prior])
        with store.write() as tx:
            project_id = store.projects.make(tx, "local", "p", NOW)
            assert store.sweeps.add_sweep(tx, project_id, new)
            row = store.sweeps.find_sweep(tx, project_id, "s")
        assert row is not None
        self.row: SweepRow = row

    def write(self, job: Job) -> Any:
        with self.store.write() as tx:
            return job(tx)

    def agents(self, start_micros: int = 0, now: int = NOW) -> Agents:
        """The agents that are in the database."""
        agents = Agents(self.store.sweeps, self.row)
        with self.store.read() as tx:
            agents.load(self.store.sweeps.agents(tx, self.row.row_id), now, start_micros)
        return agents

    def hear(self, agents: Agents, now: int, *names: str, leaves: bool = False) -> list[AgentKey]:
        """Note messages of agents; their keys in the schedule."""
        calls = [AgentCall("ann", name, AgentBeat(leaves=leaves)) for name in names]
        return [call.agent for call in agents.note_calls(calls, now, self.write).values()]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[MetadataStore]:
    store = MetadataStore(f"sqlite:///{tmp_path / 'metadata.db'}")
    yield store
    store.close()


def search_of(config: dict[str, Any], store: MetadataStore, *prior: PriorRun) -> StockedSearch:
    sweep = Sweep(store, config, *prior)
    return StockedSearch(sweep.config, sweep.row)


def drawn(number: int) -> dict[str, Any]:
    return draw(parse_config(BAYES).space, SEED, number)


# -- agents


def test_an_agent_is_gone_once_it_is_silent_or_leaves(store: MetadataStore) -> None:
    sweep = Sweep(store, GRID)
    agents = sweep.agents()
    ids = sweep.hear(agents, NOW, "a", "b")
    later = NOW + SILENCE_MICROS
    assert (agents.gone(later), agents.alive(later)) == (set(), ids)
    sweep.hear(agents, later, "b")
    assert (agents.gone(later + 1), agents.alive(later + 1)) == ({ids[0]}, [ids[1]])
    sweep.hear(agents, later + 2, "b", leaves=True)
    assert agents.gone(later + 3) == set(ids)
    assert sweep.hear(agents, later + 4, "a", "b") == ids
    assert agents.gone(later + 5) == set()


def test_agents_are_loaded_as_they_were_and_count_from_the_start_of_the_server(
    store: MetadataStore,
) -> None:
    sweep = Sweep(store, GRID)
    agents = sweep.agents()
    (a,) = sweep.hear(agents, NOW, "a")
    (b,) = sweep.hear(agents, NOW, "b", leaves=True)
    restart = NOW + 5 * SILENCE_MICROS
    assert sweep.agents(restart, restart).gone(restart + SILENCE_MICROS) == {b}
    assert sweep.agents(0, restart).gone(restart) == {a, b}
    sweep.hear(agents, restart, "a")
    agents.save_beats(sweep.write)
    assert sweep.agents(0, restart).gone(restart) == {b}


def test_one_agent_too_many_is_refused_alone(
    store: MetadataStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("weft.server.services.sweeps.agents.MAX_AGENTS", 2)
    sweep = Sweep(store, GRID)
    agents = sweep.agents()
    calls = [AgentCall("ann", name, AgentBeat()) for name in ("a", "b", "c")]
    assert [*agents.note_calls(calls, NOW, sweep.write)] == calls[:2]
    assert [call.error is None for call in calls] == [True, True, False]
    assert isinstance(calls[2].error, LimitExceeded)
    assert len(agents.alive(NOW)) == 2


# -- the search


def test_a_search_ends_and_takes_sets_back(store: MetadataStore) -> None:
    search = search_of(GRID, store)
    assert search.ask(range(2)) == [{"x": 1}, {"x": 2}]
    assert search.n_left() == 1
    search.tell(Trial(0, {"x": 1}, "finished", [0.5]))
    search.forget(1)
    assert search.n_left() == 2
    assert search.ask(range(1, 9)) == [{"x": 2}, {"x": 3}]
    assert (search.ask([9]), search.n_left()) == ([], 0)


def test_sets_chosen_ahead_are_used_until_a_result_comes(store: MetadataStore) -> None:
    search, lock = search_of(BAYES, store), nullcontext()
    search.prepare(MIN_STOCK - 1, 100, lock)
    assert search.ask([0]) == [drawn(0)]
    search.prepare(MIN_STOCK, 100, lock)
    assert search.ask([1, 2]) == [drawn(100), drawn(101)]
    for number in range(MIN_STOCK):
        search.tell(Trial(number, drawn(number)))
    search.tell(Trial(0, drawn(0), "finished", [0.5]))
    assert search.ask([20]) == [drawn(20)]
    assert search.n_left() is None


def test_runs_from_before_the_sweep_are_told_to_its_search(store: MetadataStore) -> None:
    prior = [PriorRun(f"r{n}", {"x": n / 12}, [abs(n / 12 - 0.25)]) for n in range(12)]
    (chosen,) = search_of(BAYES, store, *prior).ask([0])
    assert chosen != drawn(0), "chosen by the model"


def test_a_stock_is_as_large_as_the_demand() -> None:
    stock = Stock()
    assert stock.demand(3) == 3
    stock.take(MIN_STOCK - 1, 0, 0)
    assert stock.demand(0) == 0
    stock.take(1, 0, 0)
    assert stock.demand(0) == MIN_STOCK
    assert stock.needs_refill(MIN_STOCK, 0)
    stock.fill([{"x": n} for n in range(MIN_STOCK)], 0)
    assert not stock.needs_refill(MIN_STOCK, 0)
    assert stock.needs_refill(MIN_STOCK, 1)
    assert stock.take(2, n_ended=0, n_open=0) == [{"x": 0}, {"x": 1}]
    assert stock.take(2, n_ended=1, n_open=16) == [{"x": 2}, {"x": 3}]
    assert stock.take(2, n_ended=2, n_open=16) == []
