"""Requests of a view that the command line makes without a browser."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from weft.cli.static.panel_requests import MAX_MATCHES
from weft.cli.static.shown import shown_runs
from weft.cli.static.view_plan import Plan, drawn_set, plan_of
from weft.wire.metrics.metrics import MetricNames
from weft.wire.projects.view_files import MAX_FILE_PANELS


def names_of(
    *numbers: str, objects: tuple[str, ...] = (), kinds: tuple[str, ...] = ()
) -> MetricNames:
    return MetricNames(
        numbers=list(numbers),
        objects=list(objects),
        kinds=list(kinds) or ["histogram"] * len(objects),
        chart_tables=[],
        n_runs=[1] * (len(numbers) + len(objects)),
        system=[],
        both=[],
        hidden=[],
        steps=[],
        total=len(numbers) + len(objects),
    )


def rows_of(n: int, **fields: Any) -> list[dict[str, Any]]:
    return [
        {"id": f"r{i:03}", "name": "run", "color": 1, "state": "finished", **fields}
        for i in range(n)
    ]


class OfProject:
    """The metrics and runs of a project."""

    def metrics(self, pattern: str) -> list[str]:
        return [f"{pattern}/a", f"{pattern}/b"]

    def media(self, query: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        item = {"file": {"path": "media/table.parquet", "state": "stored"}, "join": None}
        chart = {"preset": "wandb/line/v0", "fields": {"y": "loss", "x": "step", "z": "other"}}
        items = [{**item, "chart": chart}, {**item, "chart": {"preset": "absent", "fields": {}}}]
        return [{"run": "r001", "key": query["keys"][0], "items": items}]

    def chart_presets(self) -> list[Mapping[str, Any]]:
        spec = {"encoding": {"x": {"field": "${field:x}"}, "y": {"field": "${field:y}"}}}
        columns = {"x": "step", "y": "value"}
        preset = {"name": "line", "aliases": ["wandb/line/v0"], "spec": spec}
        return [{**preset, "default_columns": columns}]

    def runs(self, query: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        return list(rows_of(3)) if query["filter"] == "name = run" else []


def plan_with(panel: dict[str, Any], document: dict[str, Any] | None = None) -> Plan:
    """The plan of a view with one panel over two runs."""
    view = {**(document or {}), "panels": {"own": {"id": "own", **panel}}}
    return plan_of(view, drawn_set(view, rows_of(2)), names_of(), OfProject())


def of_panel(plan: Plan) -> list[tuple[str, Any]]:
    """Path and body of the requests of a view's only panel."""
    return [(request.path, request.body) for request in plan.requests[2:]]


class TestShownRuns:
    def test_the_newest_and_those_with_an_open_eye(self) -> None:
        rows = rows_of(14)
        document = {"selection": {"base": "newest", "on": ["r013"], "off": ["r001"]}}
        ids = [row["id"] for row in shown_runs(document, rows)]
        assert ids == [f"r{i:03}" for i in (0, *range(2, 10), 13)]

    def test_none_but_those_that_are_on(self) -> None:
        document = {"selection": {"base": "none", "on": ["r002"], "off": []}}
        assert [row["id"] for row in shown_runs(document, rows_of(4))] == ["r002"]

    def test_the_first_groups_but_those_that_are_hidden(self) -> None:
        document = {"groupBy": ["config.n"], "hiddenGroups": ["[1]"], "shownGroups": ["[11]"]}
        rows = [{**row, "values": [float(n)]} for n, row in enumerate(rows_of(13))]
        shown = shown_runs(document, rows, range(11))
        assert [row["values"][0] for row in shown] == [0, *range(2, 10), 11]

    def test_all_groups_where_the_list_has_no_more(self) -> None:
        document = {"groupBy": ["tags", "config.n"], "hiddenGroups": ['["a", null]']}
        rows = [
            {**row, "values": [tags, None], "nulls": nulls}
            for row, tags, nulls in zip(
                rows_of(3), (["a", "b"], ["a"], []), ([1], [], []), strict=True
            )
        ]
        shown = shown_runs(document, rows, ["a", "b", {"_type": "missing"}])
        assert [row["id"] for row in shown] == ["r001", "r002"]


def test_runs_of_one_name_have_their_ids_in_it() -> None:
    assert [run["name"] for run in drawn_set({}, rows_of(2))["runs"]] == [
        "run (r000)",
        "run (r001)",
    ]


class TestPlan:
    def test_settings_of_view_section_and_panel_decide_the_request(self) -> None:
        document = {
            "settings": {"axis": "step"},
            "sections": {"val": {"settings": {"axis": "time"}}},
            "panels": {"auto:val/b": {"settings": {"hasOutliers": False}}},
            "groupBy": ["config.lr"],
        }
        shown = drawn_set(document, rows_of(2))
        _, _, *requests = plan_of(document, shown, names_of("a", "val/b"), OfProject()).requests
        panels = [request.body["panels"][0] for request in requests if request.path == "series"]
        assert [panel["axis"] for panel in panels] == ["step", "time", "time"]
        assert [panel["bounds"] for panel in panels] == [None, {"lo": 0.05, "hi": 0.95}, None]
        assert panels[0]["group"] == {"by": ["config.lr"], "center": "mean", "band": "stderr"}

    def test_media_are_the_last_of_each_run(self) -> None:
        plan = plan_with({"kind": "media", "keys": ["image"]})
        body = {"runs": ["r000", "r001"], "keys": ["image"], "skip_awaited": []}
        assert (plan.n_omitted, of_panel(plan)) == (0, [("media/query", body)])

    def test_automatic_panels_of_objects_are_drawn(self) -> None:
        kinds = ("image", "html", "chart", "other")
        names = names_of(objects=kinds, kinds=kinds)
        plan = plan_of({}, drawn_set({}, rows_of(2)), names, OfProject())
        media = [request.body for request in plan.requests if request.path == "media/query"]
        assert [body["keys"] for body in media if body] == [["html"], ["image"], ["chart"]]
        assert [r.path for r in plan.requests].count("tables/query-many") == 1
        assert plan.n_omitted == 0

    def test_a_chart_has_the_rows_of_the_columns_that_it_draws(self) -> None:
        plan = plan_with({"kind": "chart", "keys": ["curve"]})
        (_, media), (presets, _), (path, rows) = of_panel(plan)
        assert (media["keys"], presets, path) == (["curve"], "/chart-presets", "tables/query-many")
        columns = ["loss", "step"]
        table = {"run": "r001", "path": "media/table.parquet", "columns": columns, "limit": 10_000}
        assert rows == {"tables": [table]}

    @pytest.mark.parametrize(
        "panel",
        [
            {"kind": "chart", "options": {"isTable": True}},
            {"kind": "media", "options": {"layout": "grid"}},
        ],
    )
    def test_panels_of_contents_of_files_are_counted(self, panel: dict[str, Any]) -> None:
        plan = plan_with({**panel, "keys": ["image"]})
        assert plan.n_omitted == 1
        assert [request.path.split("?")[0] for request in plan.requests] == [
            "metrics/names",
            "run-events",
        ]

    @pytest.mark.parametrize("kind", ["scatter", "parallel", "importance", "comparer", "markdown"])
    def test_panels_of_what_the_file_has_of_its_runs_need_no_request(self, kind: str) -> None:
        plan = plan_with({"kind": kind, "keys": ["a"]})
        assert (plan.n_omitted, of_panel(plan)) == (0, [])

    def test_bars_ask_for_a_number_of_each_run(self) -> None:
        last = plan_with({"kind": "bar", "keys": ["a"]})
        assert of_panel(last) == [("latest", {"runs": ["r000", "r001"], "keys": ["a"]})]
        [(path, body)] = of_panel(
            plan_with({"kind": "bar", "keys": ["a"], "options": {"figure": "max"}})
        )
        assert path == "series"
        assert body["full"]
        assert body["panels"][0] == {
            "runs": ["r000", "r001"],
            "keys": ["a"],
            "axis": "step",
            "n_buckets": 64,
        }

    def test_bars_of_groups_have_the_colors_of_all_groups(self) -> None:
        plan = plan_with({"kind": "bar", "keys": ["a"]}, {"groupBy": ["config.lr"]})
        assert [path for path, _ in of_panel(plan)] == ["runs/groups", "latest"]

    def test_a_table_has_its_first_rows(self) -> None:
        sort = {"column": "loss", "descending": True}
        plan = plan_with({"kind": "table", "keys": ["samples"], "options": {"sort": sort}})
        (_, steps), (_, media), (path, rows) = of_panel(plan)
        assert path == "tables/query"
        assert (rows["run"], rows["path"]) == ("r001", "media/table.parquet")
        assert (rows["sort"], rows["offset"]) == (sort, 0)
        assert steps["runs"] == media["runs"] == ["r000", "r001"]

    def test_the_tables_of_all_runs_as_one_are_left_out(self) -> None:
        plan = plan_with({"kind": "table", "keys": ["samples"], "options": {"entry": "all"}})
        assert plan.n_omitted == 1

    def test_a_number_has_its_curve_and_its_step(self) -> None:
        plan = plan_with({"kind": "scalar", "keys": ["a"]})
        queries = [body["panels"][0]["axis"] for _, body in of_panel(plan)]
        assert queries == ["step", "defined", "step"]

    def test_the_baseline_is_drawn_next_to_groups(self) -> None:
        panel = {"kind": "line", "keys": ["a"], "section": "charts"}
        plan = plan_with(panel, {"groupBy": ["config.lr"], "baseline": "r001"})
        bodies = [body["panels"][0] for path, body in of_panel(plan) if path == "series"]
        assert [(body["runs"], body["group"] is None) for body in bodies] == [
            (["r000", "r001"], False),
            (["r001"], True),
        ]

    def test_a_pattern_draws_the_metrics_that_it_matches(self) -> None:
        plan = plan_with({"kind": "line", "keys": ["a"], "pattern": "l.ss*", "section": ""})
        (path, _), (_, body) = of_panel(plan)
        assert path == f"metrics?search=l.ss*&limit={MAX_MATCHES}&regex=true"
        assert body["panels"][0]["keys"] == ["a", "l.ss*/a", "l.ss*/b"]

    def test_a_panel_with_a_filter_draws_runs_of_its_own(self) -> None:
        panel = {"kind": "line", "keys": ["a"], "section": "", "runFilter": "name = run"}
        order = [{"column": "created", "descending": False}]
        rows, events, series = of_panel(plan_with(panel, {"order": order}))
        assert rows == (
            "runs/query",
            {"filter": "name = run", "order": order, "columns": ["tags"], "limit": 1000},
        )
        assert series[1]["panels"][0]["runs"] == events[1]["runs"] == ["r000", "r001", "r002"]

    def test_a_file_has_so_many_panels(self) -> None:
        names = names_of(*(f"m{i:03}" for i in range(MAX_FILE_PANELS)), objects=("weights",))
        plan = plan_of({}, drawn_set({}, rows_of(1)), names, OfProject())
        assert plan.n_omitted == 1
        assert len(plan.requests) == MAX_FILE_PANELS + 2
