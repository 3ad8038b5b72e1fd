"""Alerts and gaps of runs, with the steps that they lie between."""

from __future__ import annotations

import random

import pytest

from service_uploads import SECOND, START, WriterLog
from weft.errors import LimitExceeded
from weft.records.record import Alert, Exit, Gap, Run
from weft.server.services.access.actors import LOCAL
from weft.server.services.access.paths import ProjectPath, RunPath
from weft.server.services.charting import run_events
from weft.server.services.opening.services import Services
from weft.wire.metrics.metrics import RunEvent

PROJECT = ProjectPath("local", "mnist")

RUN = Run("ab12cd34", "mnist", start_micros=START, micros=START)
PATH = RunPath("local", "mnist", "ab12cd34")


def events(services: Services, *runs: str) -> list[RunEvent]:
    return services.run_events.events(LOCAL, PROJECT, runs or ("ab12cd34",)).events


def alert(secs: float, title: str) -> Alert:
    return Alert(START + int(secs * SECOND), title, "why", "WARN")


def test_events_lie_between_the_rows_around_them(services: Services) -> None:
    log = WriterLog("w1")
    records = [
        alert(-5, "early"),
        alert(3, "at row 3"),
        alert(3.5, "after row 3"),
        alert(99, "late"),
        Gap(7, START + 5 * SECOND + 1, START + 7 * SECOND - 1, 2),
    ]
    rows = [{"loss": n / 10} for n in range(10)]
    services.ingest.apply_upload(LOCAL, PATH, log.upload(RUN, *records, rows=rows))
    by_name = {
        event.title or event.kind: (event.step, event.end_step) for event in events(services)
    }
    assert by_name == {
        "early": (None, 0),
        "at row 3": (3, 4),
        "after row 3": (3, 4),
        "gap": (5, 7),
        "late": (9, None),
    }
    gap = next(event for event in events(services) if event.kind == "gap")
    assert (gap.n_rows, gap.n_lines, gap.writer) == (7, 2, "w1")
    assert (gap.time_micros, gap.end_micros) == (START + 5 * SECOND + 1, START + 7 * SECOND - 1)


def test_a_gap_is_between_rows_of_its_own_writer(services: Services) -> None:
    """Rows of another writer, logged meanwhile, do not make it shorter; an alert is anybody's."""
    first, second = WriterLog("w1"), WriterLog("w2")
    gap = Gap(3, START + int(2.5 * SECOND), START + int(4.5 * SECOND))
    rows = [{"loss": 1.0}] * 3
    services.ingest.apply_upload(LOCAL, PATH, first.upload(RUN, gap, rows=rows))
    services.ingest.apply_upload(LOCAL, PATH, first.upload(rows=rows, secs=5))
    services.ingest.apply_upload(
        LOCAL, PATH, second.upload(RUN, alert(3.2, "a"), rows=[{"loss": 2.0}] * 20)
    )
    by_kind = {event.kind: (event.step, event.end_step) for event in events(services)}
    # w1 logged steps 0 to 2, then 3 to 5 from second 5 on; w2 a step a second
    assert by_kind == {"gap": (2, 3), "alert": (3, 4)}


def test_many_events_are_placed_as_brute_force_places_them(services: Services) -> None:
    """Over several uploads, whose rows lie apart in the store."""
    pick = random.Random(5)
    log = WriterLog("w1")
    times: list[int] = []
    for _ in range(20):
        secs = (times[-1] - START) / SECOND + pick.randint(1, 90) if times else 0.0
        n = pick.randint(1, 50)
        times += [START + int(secs * SECOND) + k * SECOND for k in range(n)]
        services.ingest.apply_upload(
            LOCAL, PATH, log.upload(RUN, rows=[{"loss": 0.5}] * n, secs=secs)
        )
    times_of_alerts = [
        pick.randint(START - 10 * SECOND, times[-1] + 10 * SECOND) for _ in range(200)
    ]
    times_of_alerts += pick.sample(times, 20)
    alerts = [Alert(at, "t", "", "INFO") for at in times_of_alerts]
    services.ingest.apply_upload(LOCAL, PATH, log.upload(*alerts))
    answer = events(services)
    assert [event.time_micros for event in answer] == sorted(times_of_alerts)
    for event in answer:
        before = [step for step, at in enumerate(times) if at <= event.time_micros]
        after = [step for step, at in enumerate(times) if at > event.time_micros]
        assert event.step == (before[-1] if before else None)
        assert event.end_step == (after[0] if after else None)


def test_a_resumed_run_has_an_event_between_its_lives_and_one_at_its_end(
    services: Services,
) -> None:
    rows = [{"loss": 1.0}] * 5
    services.ingest.apply_upload(
        LOCAL, PATH, WriterLog("w1").upload(RUN, Exit(START + 6 * SECOND, 9), rows=rows)
    )
    (end,) = events(services)
    assert (end.kind, end.title, end.exit_code, end.step) == ("end", "failed", 9, None)
    assert end.time_micros == START + 6 * SECOND

    again = START + 60 * SECOND
    second = WriterLog("w2", anchor=again)
    resumed = Run("ab12cd34", "mnist", start_micros=again, micros=again, resume="allow")
    services.ingest.apply_upload(LOCAL, PATH, second.upload(resumed, rows=rows, secs=1))
    (resumption,) = events(services)
    assert (resumption.kind, resumption.title, resumption.exit_code) == ("resume", "failed", 9)
    assert (resumption.time_micros, resumption.end_micros) == (START + 6 * SECOND, again)
    assert (resumption.step, resumption.end_step) == (4, 0)

    services.ingest.apply_upload(LOCAL, PATH, second.upload(Exit(again + 9 * SECOND, 0)))
    assert [event.kind for event in events(services)] == ["resume"]


def test_events_of_several_runs_come_by_time_the_newest_first_to_stay(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_events, "MAX_EVENTS", 20)
    for n, run_id in enumerate(("r1", "r2")):
        path = RunPath("local", "mnist", run_id)
        half = [alert(2 * k + n, f"{run_id} {k}") for k in range(15)]
        services.ingest.apply_upload(
            LOCAL, path, WriterLog("w").upload(Run(run_id, "mnist"), *half, rows=[{"a": 1.0}])
        )
    answer = services.run_events.events(LOCAL, PROJECT, ["r1", "nobody", "r2", "r1"])
    assert (len(answer.events), answer.truncated) == (20, True)
    times = [event.time_micros for event in answer.events]
    assert times == sorted(times)
    assert [event.title for event in answer.events[:2]] == ["r1 5", "r2 5"]
    assert events(services, "r2")[0].title == "r2 0"


def test_a_question_is_about_a_thousand_runs_at_most(services: Services) -> None:
    services.ingest.apply_upload(LOCAL, PATH, WriterLog("w1").upload(RUN))
    with pytest.raises(LimitExceeded):
        events(services, *(f"r{n}" for n in range(1001)))
