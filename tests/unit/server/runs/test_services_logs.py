"""Console lines of a run: order of several streams, ranges, the end, searches, downloads."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

import pytest

from service_uploads import WriterLog
from weft.errors import ConfigError, FilterError, NotFound
from weft.records.record import Run
from weft.server.services.access.actors import LOCAL
from weft.server.services.access.paths import ProjectPath, RunPath
from weft.server.services.logs import StreamSelection
from weft.server.services.opening.services import Services
from weft.server.storage.contract import ConsoleLine
from weft.wire.projects.live import RunChange
from weft.wire.runs.logs import LogPage

PROJECT = ProjectPath("local", "a")
RUN = RunPath("local", "a", "ab12cd34")
ALL = StreamSelection()


def say(
    services: Services, log: WriterLog, lines: Sequence[ConsoleLine], run: RunPath = RUN
) -> None:
    upload = log.upload(Run(run.run, run.project), rows=[{"loss": 1.0}])
    upload.console = list(lines)
    services.ingest.apply_upload(LOCAL, run, upload)


def texts(page: LogPage) -> list[str]:
    return [line.text for line in page.lines]


def compact(services: Services) -> None:
    project_id = services.stores.find_project(PROJECT)
    with services.stores.metrics.use(project_id) as store:
        store.compact(until_idle=True)


def test_a_bar_and_lines_of_another_stream_are_in_the_order_of_a_terminal(
    services: Services,
) -> None:
    lines = [
        ConsoleLine("stdout", 0, 10, "begin"),
        ConsoleLine("stderr", 0, 90, "outer bar 100%"),
        ConsoleLine("stderr", 1, 50, "inner bar 100%"),
        ConsoleLine("stdout", 1, 40, "epoch 1"),
        ConsoleLine("stdout", 2, 60, "epoch 2"),
    ]
    say(services, WriterLog("w1"), lines)
    page = services.logs.lines(LOCAL, RUN, ALL)
    assert texts(page) == ["begin", "epoch 1", "outer bar 100%", "inner bar 100%", "epoch 2"]
    assert [line.position for line in page.lines] == [0, 1, 2, 3, 4]
    assert page.total == 5
    assert texts(services.logs.tail(LOCAL, RUN, ALL, 2)) == ["inner bar 100%", "epoch 2"]
    only = services.logs.lines(LOCAL, RUN, StreamSelection(stream="stderr"), start=1, limit=5)
    assert [(line.position, line.text) for line in only.lines] == [(1, "inner bar 100%")]


def test_any_range_and_search_equals_brute_force(services: Services) -> None:
    chance = random.Random(5)
    logs = [WriterLog(f"w{nth}") for nth in range(3)]
    latest: dict[tuple[int, str, int], ConsoleLine] = {}
    for _ in range(4):
        for number, log in enumerate(logs):
            lines: list[ConsoleLine] = []
            for stream in ("stdout", "stderr"):
                written = [line for w, s, line in latest if (w, s) == (number, stream)]
                first = len(written)
                for line in range(max(first - 3, 0), first + chance.randrange(700)):
                    micros = 1000 * line + chance.randrange(9000)
                    text = f"{stream} {line} {chance.choice(['good', 'ERROR', 'x'])}"
                    line_of_log = ConsoleLine(stream, line, micros, text)
                    lines.append(line_of_log)
                    old = latest.get((number, stream, line))
                    if old is None or micros >= old.micros:
                        latest[number, stream, line] = line_of_log
            say(services, log, lines)
        if chance.random() < 0.5:
            compact(services)
    expected: list[tuple[int, int, int, str, ConsoleLine]] = []
    for number in range(3):
        for offset, stream in enumerate(("stdout", "stderr")):
            written = sorted(line for w, s, line in latest if (w, s) == (number, stream))
            earliest = 2**62
            for line in reversed(written):
                line_of_log = latest[number, stream, line]
                earliest = min(earliest, line_of_log.micros)
                expected.append((earliest, 2 * number + offset, line, f"w{number}", line_of_log))
    expected.sort(key=lambda position: position[:3])
    truth = [(position, entry[3], entry[4]) for position, entry in enumerate(expected)]

    def told(page: LogPage) -> list[tuple[int, str, ConsoleLine]]:
        assert page.total == len(truth)
        return [
            (
                line.position,
                line.writer,
                ConsoleLine(line.stream, line.line, line.time_micros, line.text),
            )
            for line in page.lines
        ]

    for _ in range(10):
        start, n = chance.randrange(len(truth) + 5), chance.randrange(1, 400)
        page = services.logs.lines(LOCAL, RUN, ALL, start=start, limit=n)
        assert told(page) == truth[start : start + n]
        assert told(services.logs.tail(LOCAL, RUN, ALL, n)) == truth[-n:]
    for pattern, start, limit in (("ERR", 0, 10_000), (r"^stderr \d*7 ", 100, 30), ("$", 7, 50)):
        matching = [position for position in truth[start:] if re.search(pattern, position[2].text)]
        hits = services.logs.hits(LOCAL, RUN, ALL, pattern, regex=True, start=start, limit=limit)
        assert hits.positions == [position for position, _, _ in matching[:limit]]
        assert hits.complete == (len(matching) <= limit)
        page = services.logs.lines(
            LOCAL, RUN, ALL, start=start, limit=limit, search=pattern, regex=True
        )
        assert told(page) == matching[:limit]


def test_a_plain_search_ignores_case_and_takes_signs_as_they_are(services: Services) -> None:
    lines = ["Loss (train) = 0.5", "\x1b[1mLO\x1b[0mSS (train) = 1", "loss train", "tränen Ä"]
    say(
        services,
        WriterLog("w1"),
        [ConsoleLine("stdout", n, n, text) for n, text in enumerate(lines)],
    )
    assert services.logs.hits(LOCAL, RUN, ALL, "loss (train)").positions == [0, 1]
    assert services.logs.hits(LOCAL, RUN, ALL, "ÄN").positions == [3]
    assert services.logs.hits(LOCAL, RUN, ALL, "^LOSS", regex=True).positions == [1]
    assert services.logs.hits(LOCAL, RUN, ALL, r"=\s+\S+$", regex=True).positions == [0, 1]


def test_bad_questions_name_what_is_wrong(services: Services) -> None:
    say(services, WriterLog("w1"), [ConsoleLine("stdout", 0, 1, "a" * 5000)])
    for pattern in ("(", r"\Aa", "(a{1000}){1000}"):
        with pytest.raises(FilterError) as caught:
            services.logs.hits(LOCAL, RUN, ALL, pattern, regex=True)
        assert caught.value.field == "search"
    with pytest.raises(ConfigError, match="search must not be empty"):
        services.logs.hits(LOCAL, RUN, ALL, "")
    with pytest.raises(ConfigError, match="limit must be 1 to 10000"):
        services.logs.lines(LOCAL, RUN, ALL, limit=10_001)
    with pytest.raises(NotFound, match="no writer 'w9'"):
        services.logs.tail(LOCAL, RUN, StreamSelection(writers=["w9"]), 5)
    with pytest.raises(NotFound):
        services.logs.streams(LOCAL, RunPath("local", "a", "unknown"))


def test_a_fork_shows_its_own_output(services: Services) -> None:
    say(services, WriterLog("w1"), [ConsoleLine("stdout", 0, 1, "source")])
    fork = RunPath("local", "a", "fork")
    upload = WriterLog("w2").upload(Run("fork", "a", sources=[("ab12cd34", "w1", 1)]))
    upload.console = [ConsoleLine("stdout", 0, 5, "fork")]
    services.ingest.apply_upload(LOCAL, fork, upload)
    assert texts(services.logs.lines(LOCAL, fork, ALL)) == ["fork"]
    (stream,) = services.logs.streams(LOCAL, fork).streams
    assert (stream.writer, stream.stream, stream.n_lines) == ("w2", "stdout", 1)


def test_a_download_has_every_line_once(services: Services) -> None:
    lines = [ConsoleLine("stdout", n, n, f"\x1b[32mline\x1b[0m {n}") for n in range(12_000)]
    say(services, WriterLog("w1"), lines)
    whole = b"".join(services.logs.text(LOCAL, RUN, ALL)).decode()
    assert whole.splitlines() == [f"line {n}" for n in range(12_000)]
    say(services, WriterLog("w2"), [ConsoleLine("stdout", 0, 0, "other")])
    text = b"".join(services.logs.text(LOCAL, RUN, ALL, codes=True, times=True)).decode()
    assert text.splitlines()[1] == "1970-01-01T00:00:00.000+00:00 [w2] other"
    assert "\x1b[32m" in text.splitlines()[0]


def test_new_lines_are_told_to_pages(services: Services) -> None:
    log = WriterLog("w1")
    say(services, log, [])
    subscription = services.live.subscribe(LOCAL, PROJECT)
    upload = log.upload()
    upload.console = [ConsoleLine("stdout", 0, 1, "hello")]
    services.ingest.apply_upload(LOCAL, RUN, upload)
    news = subscription.take()
    assert news is not None
    change, _ = news
    assert change.runs["ab12cd34"] == RunChange(keys=[], meta=False, logs=True)
