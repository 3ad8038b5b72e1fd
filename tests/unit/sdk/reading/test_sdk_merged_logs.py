"""The server's state of a run, with the local logs laid over it."""

from __future__ import annotations

from typing import Any

from weft.sdk.continuing.merged_logs import overlaid, with_edits
from weft.wire.runs.continuation import Continuation

RUN = "ab12cd34"


def run(**values: Any) -> Continuation:
    fields: dict[str, Any] = {"run_id": RUN, "name": "n", "state": "finished", **values}
    return Continuation(**fields)


def test_what_the_server_lacks_comes_over_what_it_has() -> None:
    from_server = run(
        last_step=10,
        runtime_micros=5,
        config={"lr": 0.1, "model": {"depth": 2, "width": 8}},
        summary={"loss": 1, "acc": 2},
        summary_set={"best": {"epoch": 1}},
        sources=[(RUN, "w1", None)],
        running=["w1"],
        definitions=[{"name": "loss", "goal": None}],
        aggregates={"loss": {"count": 1, "mean": 1.0, "min": 1, "max": 1, "first": 1}},
        tags=["edited"],
    )
    more = run(
        name="other",
        last_step=12,
        runtime_micros=9,
        config={"model": {"depth": 3}},
        summary={"loss": 0.5},
        summary_set={"best": {"epoch": 2}},
        sources=[(RUN, "w2", None)],
        running=["w2"],
        definitions=[{"name": "loss", "goal": "minimize"}],
        aggregates={"loss": {"count": 1, "mean": 0.5, "min": 0.5, "max": 0.5, "first": 0.5}},
    )
    both = overlaid(from_server, more)
    assert (both.last_step, both.runtime_micros, both.name) == (12, 9, "n")
    assert both.config == {"lr": 0.1, "model": {"depth": 3, "width": 8}}
    assert both.summary == {"loss": 0.5, "acc": 2}
    assert both.summary_set == {"best": {"epoch": 2}}
    assert both.sources == [(RUN, "w1", None), (RUN, "w2", None)]
    assert both.running == ["w1", "w2"]
    assert both.definitions == [{"name": "loss", "goal": "minimize"}]
    assert both.aggregates["loss"] == {
        "count": 2, "mean": 0.75, "min": 0.5, "max": 1, "first": 1
    }  # fmt: skip
    assert both.tags == ["edited"]


def test_older_values_do_not_come_over_newer_ones() -> None:
    from_server = run(last_step=10, runtime_micros=9, summary={"loss": 1})
    both = overlaid(
        from_server, run(last_step=3, runtime_micros=5, summary={"loss": 0.5, "old": 1})
    )
    assert (both.last_step, both.runtime_micros) == (10, 9)
    assert both.summary == {"loss": 1, "old": 1}


def test_a_rewind_that_the_server_lacks_cuts_what_it_has() -> None:
    from_server = run(last_step=100, sources=[(RUN, "w1", None), ("parent", "v", 5)])
    more = run(last_step=12, sources=[(RUN, "w1", 10), (RUN, "w2", None)])
    both = overlaid(from_server, more)
    assert both.last_step == 12
    assert both.sources == [(RUN, "w1", 10), (RUN, "w2", None), ("parent", "v", 5)]
    assert overlaid(from_server, run(sources=[(RUN, "w1", 10)])).last_step == 10


def test_of_a_run_that_lies_here_whole_the_server_s_edits_count() -> None:
    from_server = run(name="renamed", tags=["b"], config={"lr": 0.1, "web": 1}, running=["w9"])
    both = with_edits(run(config={"lr": 0.2}, last_step=5, running=["w1"]), from_server)
    assert (both.name, both.tags, both.last_step) == ("renamed", ["b"], 5)
    assert both.config == {"lr": 0.2, "web": 1}
    assert both.running == ["w1", "w9"]
