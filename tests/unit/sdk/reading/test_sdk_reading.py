"""Parts of `weft.Api` alone: lists by pages, rows by pages, thinned rows, edits."""

from __future__ import annotations

import itertools
import math
import pickle
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from at_length import case_at_length
from fault_server import Answer, FaultServer
from weft.client.api_client import ApiClient, Page
from weft.client.shared import AlwaysAt, Server, SharedTransport
from weft.errors import ConfigError, MissingLibrary
from weft.libraries.optional import needed
from weft.queries.thinning import thinned
from weft.sdk.reading.pages import Pages
from weft.sdk.reading.paths import ProjectName, RunName, project_name, run_name
from weft.sdk.reading.rows.scan import HistoryScan
from weft.sdk.reading.stored.edits import changes
from weft.sdk.reading.stored.summary import StoredSummary
from weft.wire.server.server import ServerInfo, get_server

JSON = {"Content-Type": "application/json"}
DEFAULT = ProjectName("local", "uncategorized")


class Numbers(Pages[int]):
    """Ten numbers; says what was asked for."""

    def __init__(self, per_page: int, *, total: int | None = 10) -> None:
        super().__init__(per_page)
        self.asked: list[str | None] = []
        self.total = total

    def _ask(self, cursor: str | None) -> Page:
        self.asked.append(cursor)
        first = int(cursor or 0)
        last = min(first + self.per_page, 10)
        items = [{"n": number} for number in range(first, last)]
        return Page(items, str(last) if last < 10 else None, self.total)

    def _item(self, fields: dict[str, Any]) -> int:
        return fields["n"]


def test_a_list_asks_for_no_more_than_is_looked_at() -> None:
    numbers = Numbers(3)
    assert numbers.asked == []
    assert (numbers[0], numbers.asked) == (0, [None])
    assert (len(numbers), numbers.asked) == (10, [None])
    assert (numbers[2:5], numbers.asked) == ([2, 3, 4], [None, "3"])
    assert next(iter(numbers)) == 0
    assert numbers.asked == [None, "3"]
    assert numbers[-1] == 9
    assert list(numbers) == list(range(10))
    assert len(numbers.asked) == 4
    with pytest.raises(IndexError):
        numbers[10]


@pytest.mark.parametrize("total", [10, None])
@pytest.mark.parametrize("per_page", [1, 3, 10, 20])
def test_a_list_by_pages_is_a_list(per_page: int, total: int | None) -> None:
    whole = list(range(10))
    for part in (slice(None), slice(2, 5), slice(-3, None), slice(0, -2), slice(8, 99, 2),
                 slice(None, None, -1), slice(5, 2)):  # fmt: skip
        assert Numbers(per_page, total=total)[part] == whole[part], part
    assert len(Numbers(per_page, total=total)) == 10
    assert list(reversed(Numbers(per_page))) == whole[::-1]
    assert 7 in Numbers(per_page)
    assert bool(Numbers(per_page))
    numbers = Numbers(per_page)
    assert [numbers.next() for _ in range(10)] == whole
    with pytest.raises(StopIteration):
        next(numbers)


def questions_of(server: FaultServer) -> ApiClient:
    return ApiClient(SharedTransport(AlwaysAt(Server(server.url))))


def test_rows_are_asked_for_page_by_page_and_each_loop_begins_anew() -> None:
    server = FaultServer()
    with server:
        pages = [
            b'{"rows": [{"_step": 0, "a": 1}, {"_step": 1, "a": 1, "b": 2}], "cursor": "x"}',
            b'{"rows": [{"_step": 2, "b": 1}], "cursor": null}',
        ]
        requests = iter(pages * 2)
        server.fault = lambda _: Answer(200, next(requests), JSON)
        scan = HistoryScan(
            questions_of(server), RunName("local", "p", "r"), keys=["a", "b"], page_size=2,
            min_step=0, max_step=None, complete=False, superseded=False,
        )  # fmt: skip
        assert [row["_step"] for row in scan] == [0, 1, 2]
        assert [row["_step"] for row in scan] == [0, 1, 2]
        requests = iter(pages)
        complete = HistoryScan(
            questions_of(server), RunName("local", "p", "r"), keys=["a", "b"], page_size=2,
            min_step=None, max_step=None, complete=True, superseded=False,
        )  # fmt: skip
        assert [row["_step"] for row in complete] == [1]


def test_what_asks_a_server_can_be_pickled_and_asks_from_there() -> None:
    with FaultServer() as server:
        server.fault = lambda _: Answer(200, b'{"version": "1", "server": "a"}', JSON)
        again: ApiClient = pickle.loads(pickle.dumps(questions_of(server)))
        assert again.call(get_server) == ServerInfo(version="1", server="a")


values = st.one_of(
    st.floats(allow_nan=True, allow_infinity=True),
    st.integers(-(2**70), 2**70),
    st.booleans(),
    st.text(max_size=3),
    st.none(),
)
rows = st.lists(st.dictionaries(st.sampled_from("abc"), values), max_size=200)


def extremes(rows: list[dict[str, Any]]) -> dict[str, tuple[Any, Any]]:
    columns: dict[str, list[Any]] = {}
    for row in rows:
        for key, value in row.items():
            if isinstance(value, (int, float)) and math.isfinite(value):
                columns.setdefault(key, []).append(value)
    return {key: (min(numbers), max(numbers)) for key, numbers in columns.items()}


@given(rows, st.integers(1, 60))
def test_fewer_rows_keep_order_ends_and_every_extreme(
    rows: list[dict[str, Any]], samples: int
) -> None:
    for position, row in enumerate(rows):
        row["_step"] = position
    thinner = thinned(iter(rows), samples)
    steps = [row["_step"] for row in thinner]
    assert steps == sorted(set(steps))
    if len(rows) <= samples:
        assert thinner == rows
    else:
        assert thinner[0] is rows[0]
        assert thinner[-1] is rows[-1]
        # Three of each of three metrics, and both ends, are never left out.
        assert samples <= len(thinner) <= max(samples, 11)
    assert extremes(thinner) == extremes(rows)


@pytest.mark.parametrize("n_rows", [500, 501, 999, 1000, 1001, case_at_length(100_000)])
def test_fewer_rows_are_as_many_as_asked_for_and_cover_all_of_the_run(n_rows: int) -> None:
    rng = random.Random(5)
    for logged in (lambda _: rng.random(), float, lambda _: 1.0):
        rows = [{"_step": step, "loss": logged(step)} for step in range(n_rows)]
        thinner = [row["_step"] for row in thinned(rows, 500)]
        assert len(thinner) == 500
        gaps = [after - before for before, after in itertools.pairwise(thinner)]
        assert max(gaps) <= max(n_rows // 60, 2)


def test_paths_name_runs_and_projects_in_each_form() -> None:
    run = RunName("lab", "digits", "ab12cd34")
    for path in (
        "lab/digits/ab12cd34", "/lab/digits/runs/ab12cd34/", "lab/digits:ab12cd34",
        "http://127.0.0.1:8080/lab/digits/runs/ab12cd34",
        "https://weft.example.org/under/here/lab/digits/runs/ab12cd34?x=1#y",
    ):  # fmt: skip
        assert run_name(path, DEFAULT) == run
    assert run_name("/runs/ab12cd34", DEFAULT) == RunName("local", "uncategorized", "ab12cd34")
    assert run_name("local/p/runs", DEFAULT) == RunName("local", "p", "runs")
    assert run_name("p/runs", DEFAULT) == RunName("local", "p", "runs")
    assert run_name("runs", DEFAULT) == RunName("local", "uncategorized", "runs")
    assert run_name("local/p/runs/runs", DEFAULT) == RunName("local", "p", "runs")
    assert run_name("local/runs/ab12cd34", DEFAULT) == RunName("local", "runs", "ab12cd34")
    for wrong in ("", "/", "a//b", "a/b/c/d", "a/b/c/d/e", "http://h/a/b"):
        with pytest.raises(ConfigError):
            run_name(wrong, DEFAULT)
    assert project_name(None, DEFAULT) == DEFAULT
    assert project_name("http://h/lab/digits/workspace", DEFAULT) == ("lab", "digits")
    for wrong in ("a/b/c", "/", "http://h/"):
        with pytest.raises(ConfigError):
            project_name(wrong, DEFAULT)


def test_only_what_was_changed_is_told() -> None:
    before: dict[str, Any] = {
        "lr": 0.1,
        "nan": math.nan,
        "list": [1, {"a": math.nan}],
        "m": {"a": {"b": 1}, "c": 2},
    }
    same: dict[str, Any] = {
        "lr": 0.1,
        "nan": math.nan,
        "list": [1, {"a": math.nan}],
        "m": {"a": {"b": 1}, "c": 2},
    }
    assert changes(before, same, is_input=True) == {}
    assert changes(before, {**same, "lr": 1}, is_input=True)["set"] == [[["lr"], 1]]
    assert changes({"x": 1}, {"x": True}, is_input=True)["set"] == [[["x"], True]]
    del same["m"]["a"]
    assert changes(before, same, is_input=True) == {"set": [], "removed": [["m", "a"]]}
    leaf = changes({"m": {"a": 1}}, {"m": 5}, is_input=True)
    assert leaf == {"set": [[["m"], 5]], "removed": []}
    assert changes({"m": 5}, {"m": {"a": 1}}, is_input=True)["set"] == [[["m", "a"], 1]]
    numbered: dict[Any, Any] = {"t": (1, 2), 3: "x"}
    assert changes({}, numbered, is_input=True)["set"] == [
        [["t"], [1, 2]], [["3"], "x"]
    ]  # fmt: skip


def test_a_summary_is_saved_when_it_is_told_to() -> None:
    saved: list[dict[str, Any]] = []
    summary = StoredSummary({"val.acc": 0.5, "best": {"epoch": 3}}, saved.append)
    summary["new"] = 1
    summary.flag = True
    summary["best"]["epoch"] = 4
    del summary["val.acc"]
    assert saved == []
    summary.update({"more": 2})
    assert saved == [
        {
            "set": [[["best", "epoch"], 4], [["new"], 1], [["flag"], True], [["more"], 2]],
            "removed": [["val.acc"]],
        }
    ]
    summary.update({"more": 3}, overwrite=False)
    assert len(saved) == 1
    plain = getattr(summary, "_json_dict")  # noqa: B009  it is W&B's, who calls it so
    assert plain == {"best": {"epoch": 4}, "new": 1, "flag": True, "more": 2}
    assert type(plain) is dict
    assert pickle.loads(pickle.dumps(summary)) == dict(summary)


def test_a_library_that_is_not_there_is_named_with_its_command() -> None:
    with pytest.raises(MissingLibrary, match="pip install") as caught:
        needed("weft_has_no_such_library", "a test")
    assert isinstance(caught.value, ImportError)
