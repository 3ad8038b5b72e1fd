"""`weft.Api` against a real server: what scripts logged, read back as people write it."""

from __future__ import annotations

import math
import pickle
import threading
from pathlib import Path
from typing import Any

import pytest

import weft
from at_length import at_length
from live_runs import LiveServer, await_no_sidecar
from sdk_script import run_well, same
from weft.errors import CommError, ConfigError, FilterError, NoSuchProject, NoSuchRun, NotFound
from weft.sdk.reading.stored.run import StoredRun

pytestmark = pytest.mark.timeout(300)

WRITE = """
import math, weft
for number in range(5):
    lr = 10.0 ** -number
    with weft.init(project="sweep", id=f"run{number}", name=f"try {number}",
                   config={"lr": lr, "model": {"depth": number}, "seed": 2**70 + number},
                   tags=["baseline"] if number % 2 else ["baseline", "odd one"],
                   group=f"g{number % 2}", job_type="train", notes="a note") as run:
        run.define_metric("best", summary="min")
        for step in range(100):
            run.log({"loss": lr / (step + 1), "best": lr / (step + 1),
                     **({"val.acc": step / 100} if step % 10 == 0 else {})})
        if number == 4:
            run.log({"loss": math.nan, "odd/name, with comma": 1})
"""


@pytest.fixture(scope="module")
def written(live: LiveServer, tmp_path_factory: pytest.TempPathFactory) -> LiveServer:
    """The server, with what `WRITE` logged."""
    folder = tmp_path_factory.mktemp("written")
    run_well(folder, WRITE, live.environment)
    return live


@pytest.fixture
def script(written: LiveServer, tmp_path: Path) -> Any:
    """Runs a script that asks the server; what it prints."""

    def run(code: str) -> str:
        variables = {
            "WEFT_BASE_URL": written.url, "WEFT_API_KEY": written.process.token,
            "WEFT_PROJECT": "sweep",
        }  # fmt: skip
        return run_well(tmp_path, code, variables).stdout

    return run


def test_the_script_of_the_official_guide_runs_as_it_is(script: Any) -> None:
    # docs.wandb.ai, "Export data", "Querying multiple runs"; only the import differs.
    printed = script(
        """
        import pandas as pd
        import weft as wandb

        api = wandb.Api()
        entity, project = "local", "sweep"
        runs = api.runs(entity + "/" + project)

        summary_list, config_list, name_list = [], [], []
        for run in runs:
            # .summary contains output keys/values for metrics such as accuracy.
            #  We call ._json_dict to omit large files
            summary_list.append(run.summary._json_dict)

            # .config contains the hyperparameters.
            #  We remove special values that start with _.
            config_list.append({k: v for k, v in run.config.items() if not k.startswith("_")})

            # .name is the human-readable name of the run.
            name_list.append(run.name)

        runs_df = pd.DataFrame(
            {"summary": summary_list, "config": config_list, "name": name_list}
        )
        runs_df.to_csv("project.csv")
        print(list(runs_df["name"]), runs_df["config"][1]["lr"], runs_df["summary"][0]["loss"])

        run = api.run("local/sweep/run0")
        if run.state == "finished":
            for i, row in run.history(keys=["loss"]).iterrows():
                last = row["_step"], row["loss"]
        print(*last, run.history().shape, run.history(samples=10).shape[0] <= 10)
        history = run.scan_history()
        losses = [row["loss"] for row in history]
        print(len(losses), len([row["loss"] for row in history]), run.lastHistoryStep)
        metrics_dataframe = run.history()
        metrics_dataframe.to_csv("metrics.csv")
        """
    )
    names, last, counts = printed.splitlines()
    assert names == "['try 0', 'try 1', 'try 2', 'try 3', 'try 4'] 0.1 0.01"
    assert last == "99.0 0.01 (100, 6) True"
    assert counts == "100 100 99"


def test_a_list_of_runs_is_lazy_counted_sliced_and_ordered(written: LiveServer) -> None:
    runs = written.api.runs("local/sweep", per_page=2)
    assert runs.objects == []
    assert len(runs) == 5
    assert len(runs.objects) == 2
    assert [run.id for run in runs[:3]] == ["run0", "run1", "run2"]
    assert runs[-1].id == "run4"
    assert [run.id for run in runs] == [f"run{number}" for number in range(5)]
    assert [run.id for run in written.api.runs("sweep", order="-created_at")[:2]] == [
        "run4",
        "run3",
    ]
    ordered = written.api.runs("sweep", order="+summary_metrics.loss")
    assert [run.id for run in ordered] == ["run3", "run2", "run1", "run0", "run4"]
    assert written.api.runs("sweep", order="config.lr.value")[0].id == "run4"
    assert repr(runs) == "<Runs local/sweep>"


@pytest.mark.parametrize(
    ("filters", "ids"),
    [
        ({"config.lr": {"$gt": 0.01}}, "01"),
        ({"config.lr.value": {"$lte": 0.01, "$ne": 0.001}}, "24"),
        ({"config.model.depth": {"$in": [1, 3]}}, "13"),
        ({"$or": [{"display_name": "try 2"}, {"name": "run3"}]}, "23"),
        ({"tags": "odd one"}, "024"),
        ({"tags": {"$in": ["odd one", "none"]}, "group": "g0"}, "024"),
        ({"state": "finished", "summary_metrics.loss": {"$lt": 0.002}}, "123"),
        ({"displayName": {"$regex": "^try [0-2]$"}}, "012"),
        ({"$not": {"group": "g0"}}, "13"),
        ({"config.nothing": {"$exists": False}, "jobType": "train"}, "01234"),
        ({"state": "running"}, ""),
        ('config.lr > 0.01 and tags has "odd one"', "0"),
        ('summary.loss < 0.002 or name = "try 0"', "0123"),
        ("", "01234"),
        (None, "01234"),
    ],
)
def test_filters_choose_runs(written: LiveServer, filters: Any, ids: str) -> None:
    runs = written.api.runs("local/sweep", filters)
    assert [run.id for run in runs] == [f"run{number}" for number in ids]
    assert len(written.api.runs("local/sweep", filters)) == len(ids)


def test_a_wrong_filter_says_where(written: LiveServer) -> None:
    for wrong in ("config.lr >", {"config.lr": {"$almost": 1}}, {"nonsense": 1}):
        with pytest.raises(FilterError):
            written.api.runs("sweep", wrong)
    with pytest.raises(ConfigError):
        written.api.runs("sweep", order="nonsense")
    with pytest.raises(ConfigError):
        written.api.runs("sweep", 5)  # type: ignore[arg-type]


def test_a_run_has_all_that_was_said_of_it(written: LiveServer) -> None:
    run = written.api.run("sweep/run3")
    assert run.path == ["local", "sweep", "run3"]
    assert written.api.run("/".join(run.path)) == run
    assert written.api.run(run.url) == run
    assert (run.group, run.job_type, run.notes, run.tags) == (
        "g1",
        "train",
        "a note",
        ["baseline"],
    )
    assert (run.state, run.exit_code) == ("finished", 0)
    assert run.config == {"lr": 10.0**-3, "model": {"depth": 3}, "seed": 2**70 + 3}
    assert run.rawconfig is run.config
    assert '"lr": {"value": 0.001' in run.json_config
    assert run.summary["val"]["acc"] == run.summary["val.acc"] == 0.9
    assert run.summary.loss == run.summary_metrics["loss"] == 10.0**-5
    assert run.summary["best"] == {"min": 10.0**-5}
    assert run.created_at[:2] == run.started_at[:2] == (run.ended_at or "")[:2] == "20"
    assert (run.createdAt, run.jobType, run.displayName) == (run.created_at, "train", "try 3")
    assert run.history_line_count == run.historyLineCount == 100
    assert run.history_keys["keys"]["loss"]["typeCounts"] == [{"type": "float", "count": 100}]
    assert repr(run) == "<Run local/sweep/run3 (finished)>"
    assert run.sweep is None
    again: StoredRun = pickle.loads(pickle.dumps(run))
    assert (again, again.lastHistoryStep) == (run, 99)


def test_rows_come_by_keys_and_steps(written: LiveServer) -> None:
    run = written.api.run("sweep/run4")
    assert len(list(run.scan_history(page_size=7))) == 101
    rows = list(run.scan_history(min_step=20, max_step=40))
    assert [row["_step"] for row in rows] == list(range(20, 40))
    assert len(list(run.scan_history(["val.acc"]))) == 10
    both = list(run.scan_history(["val.acc", "loss"]))
    assert len(both) == 101
    complete = list(run.scan_history(["val.acc", "loss"], complete=True))
    assert [row["_step"] for row in complete] == list(range(0, 100, 10))
    comma = list(run.scan_history(["odd/name, with comma"]))
    assert [row["odd/name, with comma"] for row in comma] == [1]
    steps = list(run.scan_history(["_step"]))
    assert steps == [{"_step": step} for step in range(101)]
    with pytest.warns(UserWarning, match="run run4 has no metric 'nothing'"):
        assert list(run.scan_history(["nothing"])) == []
    scan = run.scan_history(["loss"], page_size=10)
    assert next(scan)["_step"] == 0
    assert [row["_step"] for row in scan] == list(range(101))


def test_thinned_rows_keep_spikes_and_ends(written: LiveServer) -> None:
    run = written.api.run("sweep/run4")
    rows = run.history(samples=20, pandas=False)
    assert len(rows) <= 20
    assert (rows[0]["_step"], rows[-1]["_step"]) == (0, 100)
    assert same(rows[-1]["loss"], math.nan)
    assert max(row["loss"] for row in rows if row["loss"] == row["loss"]) == 10.0**-4
    assert len(run.history(samples=1000, pandas=False)) == 101
    table = run.history(keys=["val.acc"])
    assert list(table.columns) == ["_step", "val.acc"]
    assert len(table) == 10
    by_metric = run.history(keys=["loss"], x_axis="val.acc", pandas=False)
    assert [row["val.acc"] for row in by_metric] == [step / 100 for step in range(0, 100, 10)]
    empty = run.history(keys=["nothing"])
    assert list(empty.columns) == ["_step", "nothing"]
    assert len(empty) == 0


def test_histories_of_many_runs_as_lists_and_tables(written: LiveServer) -> None:
    runs = written.api.runs("sweep")
    rows = runs.histories(samples=10, keys=["loss"])
    assert {row["run_id"] for row in rows} == {f"run{number}" for number in range(5)}
    pandas = runs.histories(samples=10, keys=["loss"], format="pandas")
    assert list(pandas.columns) == ["_step", "loss", "run_id"]
    assert len(pandas) == len(rows)
    polars = runs.histories(samples=10, keys=["loss"], format="polars")
    assert polars.shape == pandas.shape
    with pytest.raises(ConfigError, match="format"):
        runs.histories(format="excel")  # type: ignore[arg-type]


def test_projects_and_people(written: LiveServer) -> None:
    api = written.api
    assert "sweep" in [project.name for project in api.projects()]
    assert list(api.projects("nobody")) == []
    project = api.project("sweep")
    assert (project.id, project.path, project.n_runs) == ("local/sweep", ["local", "sweep"], 5)
    assert project.url == f"{written.url}/local/sweep"
    assert project.created_at[:2] == "20"
    assert len(project.runs({"group": "g1"})) == 2
    assert api.from_path("local/sweep").id == project.id
    assert api.from_path("local/sweep/runs/run1") == api.run("sweep/run1")
    assert (api.default_entity, api.viewer.username, api.viewer.entity) == ("local",) * 3
    assert api.user("local") == api.viewer
    assert api.user("nobody") is None
    assert (api.settings["entity"], api.settings["base_url"]) == ("local", written.url)


def test_what_is_not_there_is_told_as_scripts_expect_it(written: LiveServer) -> None:
    api = written.api
    for catch in (CommError, NotFound, ValueError, NoSuchRun, weft.Error):
        with pytest.raises(catch, match="nothere"):
            api.run("sweep/nothere")
    for catch in (CommError, NotFound, ValueError, NoSuchProject):
        with pytest.raises(catch, match="noproject"):
            len(api.runs("noproject"))
        with pytest.raises(catch, match="noproject"):
            api.project("noproject").id  # noqa: B018
    for wrong in ("", "a/b/c/d/e", 5):
        with pytest.raises((ConfigError, TypeError, AttributeError)):
            api.run(wrong)  # type: ignore[arg-type]
    with pytest.raises(ConfigError):
        api.run("sweep/run1").scan_history("loss")
    with pytest.raises(ConfigError):
        api.run("sweep/run1").history(stream="nonsense")  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="directory"):
        weft.Api("localhost:8080")


def test_settings_may_be_given_as_the_official_client_takes_them(written: LiveServer) -> None:
    api = weft.Api(
        overrides={"base_url": written.url, "entity": "local", "project": "sweep"},
        timeout=20,
        api_key=written.process.token,
    )
    assert api.run("run2").name == "try 2"
    assert len(api.runs()) == 5


def test_many_threads_ask_one_api(written: LiveServer) -> None:
    counts: list[int] = []

    def ask(number: int) -> None:
        run = written.api.run(f"sweep/run{number % 5}")
        counts.append(len(list(run.scan_history(["loss"]))))

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(counts) == 12
    assert set(counts) == {100, 101}


def test_a_forked_process_asks_with_a_connection_of_its_own(script: Any) -> None:
    printed = script(
        """
        import multiprocessing
        import weft

        api = weft.Api()
        runs = list(api.runs())

        def count(run):
            return len(list(run.scan_history(["loss"], page_size=10)))

        if __name__ == "__main__":
            with multiprocessing.get_context("fork").Pool(3) as pool:
                print(pool.map(count, runs))
            print([count(run) for run in runs])
        """
    )
    assert printed.splitlines() == ["[100, 100, 100, 100, 101]"] * 2


@at_length
def test_a_run_and_a_project_may_be_called_runs(
    live: LiveServer, environment: dict[str, str], tmp_path: Path
) -> None:
    code = "import weft\nweft.init(id='runs', project='runs').log({'a': 1})\n"
    run_well(tmp_path, code, environment)
    for path in ("local/runs/runs", "runs/runs", "local/runs/runs/runs"):
        assert live.api.run(path).id == "runs"
    assert [run.id for run in live.api.runs("runs")] == ["runs"]
    assert live.api.run(live.api.run("runs/runs").url).lastHistoryStep == 0


@at_length
def test_rows_of_several_writers_come_apart_too(
    live: LiveServer, environment: dict[str, str], tmp_path: Path
) -> None:
    code = """
    import weft
    for writer in range(2):
        run = weft.init(id="shared01")
        for step in range(3):
            run.log({"n": 10 * writer + step})
        run.finish()
    """
    run_well(tmp_path, code, environment)
    run = live.api.run("tests/shared01")
    assert sorted(row["n"] for row in run.scan_history()) == [0, 1, 2, 10, 11, 12]
    apart = list(run.scan_history(apart=True, page_size=2))
    writers = [row["_writer"] for row in apart]
    assert len(set(writers)) == 2
    assert writers == [writers[0]] * 3 + [writers[-1]] * 3
    assert sorted(row["n"] for row in apart[:3]) in ([0, 1, 2], [10, 11, 12])


def test_what_was_measured_of_the_machine_can_be_read(
    live: LiveServer, environment: dict[str, str], tmp_path: Path
) -> None:
    code = """
    import time, weft
    from weft.records.record import System
    from weft.runlog.layout import logs_of
    from weft.runlog.reader import read_records

    def is_measured():
        logs = logs_of(run.directory)
        return any(isinstance(record, System) for log in logs for record in read_records(log))

    with weft.init(id="measured") as run:
        run.log({"loss": 1, "system": {"load": 5.0}})
        while not is_measured():
            time.sleep(0.1)
    """
    run_well(tmp_path, code, {**environment, "WEFT_SYSTEM_INTERVAL": "0.5"})
    await_no_sidecar()  # what it measured is uploaded: the run's end says that of its rows only
    run = live.ended("measured")
    rows = run.history(stream="system", pandas=False)
    names = {name for row in rows for name in row if not name.startswith("_")}
    assert "system.cpu" in names
    assert all(name.startswith("system.") for name in names)
    assert "system.load" not in names
    assert list(run.history_keys["keys"]) == ["loss", "system.load"]
    assert next(iter(run.scan_history(["system.load"])))["system.load"] == 5.0
    assert live.api.history([run]).pandas()["system.load"].tolist() == [5.0]
    assert "loss" in run.history(pandas=False)[0]
    assert not any("system.cpu" in row for row in run.scan_history())
    assert run.history(stream="events", pandas=False) == rows
    last = [row["system.cpu"] for row in run.scan_history(["system.cpu"], stream="system")][-1]
    assert run.system_metrics["system.cpu"] == last
    table = live.api.history([run], stream="system").pandas()
    assert "system.cpu" in table.columns
