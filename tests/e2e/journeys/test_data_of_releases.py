"""Data of earlier releases in today's server: every page has the values that were written then.

`tests/fixtures/release_data_script.py` wrote the data, and states each value.
"""

from __future__ import annotations

import io
import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import PIL.Image
import pytest

from at_length import case_at_length
from chart_questions import chart
from live_runs import LiveServer
from postgres_cluster import PostgresCluster
from release_data import RELEASES, load_metadata_of_release, unpack_release
from sdk_script import run_well
from server_process import wait_until
from weft.sdk.reading.stored.run import StoredRun
from weft.wire.ingest.uploads import Ack
from weft_command import run_weft

PROJECT = "/api/v1/projects/local/digits"

RUNS = {"train", "fork", "resumed", "failed", "data-0", "data-1", "model"}

pytestmark = pytest.mark.timeout(300)


class Data:
    """A running server on a release's data, with clients of it.

    Attributes:
        folder: where the archive was unpacked.
        metadata: options that name the metadata database.
    """

    def __init__(self, folder: Path, live: LiveServer, metadata: list[str]) -> None:
        self.folder = folder
        self.live = live
        self.metadata = metadata
        self.http = httpx.Client(base_url=live.url, trust_env=False, timeout=60)

    def get(self, address: str, **query: Any) -> Any:
        return json.loads(self.content(f"{PROJECT}{address}", **query))

    def content(self, address: str, **query: Any) -> bytes:
        answer = self.http.get(address, params=query)
        assert answer.status_code == 200, answer.text
        return answer.content

    def post(self, address: str, body: Any) -> Any:
        answer = self.http.post(f"{PROJECT}/{address}", json=body)
        assert answer.is_success, answer.text
        return answer.json()

    def run(self, run_id: str) -> StoredRun:
        return self.live.api.run(f"local/digits/{run_id}")


@pytest.fixture(
    scope="module",
    params=[
        case
        for release in RELEASES
        for case in ((release, "sqlite"), case_at_length((release, "postgresql")))
    ],
    ids="-".join,
)
def data(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    postgres_cluster: PostgresCluster,
) -> Iterator[Data]:
    release, engine = request.param
    folder = tmp_path_factory.mktemp("release")
    unpack_release(release, folder)
    metadata = list[str]()
    if engine == "postgresql":
        (folder / "data" / "metadata.db").unlink()
        url = postgres_cluster.new_database()
        load_metadata_of_release(folder, url)
        metadata = ["--metadata-url", url]
    # Whenever the test runs, the run in the trash is still there.
    with LiveServer(folder, "--trash-days", "36500", *metadata) as live:
        data = Data(folder, live, metadata)
        yield data
        data.http.close()


def test_runs_have_their_values(data: Data) -> None:
    run = data.run("train")
    assert (run.name, run.notes, run.group) == ("wide net", "the first *wide* one", "nets")
    assert (run.tags, run.job_type, run.state) == (["best", "wide"], "train", "finished")
    assert run.config == {"lr": 0.01, "model": {"depth": 3}, "layers": [1, 2]}
    assert run.summary["loss"] == 1 / 200
    assert run.summary["val/acc"] == {"max": 0.9}
    assert run.summary["answer"] == 42
    assert data.run("failed").summary["loss"] == 9
    failed = data.get("/runs/failed")
    assert (failed["state"], failed["exit_code"], failed["name"]) == ("failed", 3, "too fast")
    assert failed["color"] == 5
    (alert,) = data.get("/runs/train/alerts")["alerts"]
    assert (alert["title"], alert["text"]) == ("loss is nan", "at step 50")


def test_the_list_of_runs_filters_and_orders(data: Data) -> None:
    query = {"filter": "config.lr < 1", "order": "-summary.loss"}
    runs = data.post("runs/query", query)["runs"]
    assert [run["id"] for run in runs] == ["fork", "train"]
    ids = {run["id"] for run in data.post("runs/query", {})["runs"]}
    assert ids >= RUNS
    assert "trashed" not in ids
    groups = data.post("runs/groups", {"by": ["job_type"]})["groups"]
    assert [group["n_runs"] for group in groups if group["values"] == ["data"]] == [2]


def test_history_has_each_row_and_charts_each_point(data: Data) -> None:
    losses = [row["loss"] for row in data.run("train").scan_history(keys=["loss"])]
    assert math.isnan(losses[50])
    assert losses[51] == math.inf
    assert losses[52:] == [1 / (step + 1) for step in range(52, 200)]
    fork = [row["loss"] for row in data.run("fork").scan_history(keys=["loss"])]
    assert fork[52:] == [*losses[52:100], *[2.0] * 10]
    resumed = data.run("resumed").scan_history(keys=["_step", "loss"])
    assert [row["loss"] for row in resumed] == [0, 1, 2, 3, 4, 5]
    curve = chart(data.live.process, "digits", "train", "loss")
    assert (curve["n_points"], curve["max64"][0]) == (198, 1.0)
    accuracy = chart(data.live.process, "digits", "train", "val/acc")
    assert (accuracy["axis_metric"], max(accuracy["max64"])) == ("epoch", 0.9)
    assert data.run("train").system_metrics


def test_media_files_and_console_lines_are_there(data: Data) -> None:
    body = {"runs": ["train"], "keys": ["image", "page"]}
    series = {entry["key"]: entry for entry in data.post("media/query", body)["series"]}
    ((image,), (page,)) = (series[key]["items"] for key in ("image", "page"))
    assert (image["kind"], image["caption"], page["kind"]) == ("image", "a ramp", "html")
    picture = PIL.Image.open(io.BytesIO(data.content(image["file"]["url"])))
    assert picture.getpixel((3, 5)) == (48, 80, 128)
    assert data.content(page["file"]["url"]) == b"<p>hello</p>"
    assert data.content(f"{PROJECT}/runs/train/files/notes.txt") == b"saved with the run\n"
    table = data.post("tables/query", {"run": "train", "key": "predictions"})
    assert table["rows"] == [[7, 0.9], [2, 0.4], [1, None]]
    lines = [line["text"] for line in data.get("/runs/train/logs")["lines"]]
    assert lines == ["epoch 0 is done", "a warning"]


def test_artifacts_have_their_files_lineage_and_links(data: Data) -> None:
    dataset = data.live.api.artifact("local/digits/numbers:clean")
    assert (dataset.version, dataset.metadata, dataset.type) == ("v0", {"rows": 10}, "dataset")
    assert [run.id for run in dataset.used_by()] == ["model"]
    newest = data.get("/artifacts/numbers/versions/v1")
    assert (newest["aliases"], newest["tags"]) == (["latest"], ["small"])
    assert 10**9 <= newest["ttl_secs"] < 10**9 + 60  # it was set within a minute of the logging
    path = f"{PROJECT}/artifacts/numbers/versions/v1/files/new.csv"
    assert data.content(path) == b"1\n" * 5
    linked = data.live.api.artifact("registry/model/digits:staging")
    assert linked.is_link
    assert linked.source_artifact.qualified_name == "local/digits/net:v0"
    weights = Path(linked.download(str(data.folder / "model")), "weights.bin")
    assert weights.read_bytes() == bytes(range(256))


def test_the_project_has_its_sweep_view_and_trash(data: Data) -> None:
    assert data.get("")["description"] == "reads *digits*"
    (sweep,) = data.get("/sweeps")["sweeps"]
    assert (sweep["name"], sweep["state"], sweep["best"]["number"]) == (
        "grid of lr", "finished", 0
    )  # fmt: skip
    trials = data.get(f"/sweeps/{sweep['id']}/runs")["runs"]
    assert [(trial["parameters"], trial["values"]) for trial in trials] == [
        ({"lr": lr}, [lr**2]) for lr in (1, 2, 3)
    ]
    (view,) = data.get("/views")["views"]
    assert data.get(f"/views/{view['id']}")["document"] == {"filter": "config.lr < 1"}
    assert data.post("runs/trashed/undelete", None) == {"restored": True}
    assert data.run("trashed").summary["loss"] == 1
    users = run_weft("server", "user", "list", "--data", data.live.process.data, *data.metadata)
    assert "grace" in users.stdout


def test_an_archive_of_then_is_imported(data: Data) -> None:
    archive = data.folder / "project.weft.zip"
    done = run_weft("import", archive, "--project", "copy", env=data.live.environment)
    assert done.exit_code == 0, done.stderr
    copy, original = (
        [row["loss"] for row in data.live.api.run(f"local/{name}/fork").scan_history()]
        for name in ("copy", "digits")
    )
    assert repr(copy) == repr(original)  # they have a NaN
    assert data.live.api.artifact("local/copy/numbers:clean").version == "v0"


def test_run_logs_of_then_are_sent(data: Data) -> None:
    sent = run_weft("sync", data.folder / "runs" / "weft", env=data.live.environment)
    assert sent.exit_code == 0, sent.stderr
    run = data.run("afloat")
    assert (run.state, run.config) == ("finished", {"lr": 0.5})
    rows = [(row["loss"], row["text"]) for row in run.scan_history(keys=["loss", "text"])]
    assert rows == [(1 / (step + 1), f"step {step}") for step in range(20)]
    assert [line["text"] for line in data.get("/runs/afloat/logs")["lines"]] == ["printed at sea"]
    series = data.post("media/query", {"runs": ["afloat"], "keys": ["image"]})["series"]
    picture = PIL.Image.open(io.BytesIO(data.content(series[0]["items"][0]["file"]["url"])))
    assert picture.getpixel((0, 0)) == (9, 9, 9)
    hull = f"{PROJECT}/artifacts/boat/versions/v0/files/hull.txt"
    assert data.content(hull) == b"oak"
    assert [row["loss"] for row in data.run("sunk").scan_history()] == [5]


def test_a_run_of_then_continues_and_the_data_are_sound(data: Data, tmp_path: Path) -> None:
    run_well(
        tmp_path,
        """
        import weft
        with weft.init(id="resumed", project="digits", resume="must") as run:
            assert run.step == 6, run.step
            run.log({"loss": 6.0})
        """,
        data.live.environment,
    )
    wait_until(lambda: data.run("resumed").state == "finished")
    losses = [row["loss"] for row in data.run("resumed").scan_history(keys=["loss"])]
    assert losses == [0, 1, 2, 3, 4, 5, 6]
    folder = ("--data", data.live.process.data, *data.metadata)
    checked = run_weft("server", "check", *folder, "--json")
    assert checked.report["n_problems"] == 0, checked.report


class _AckOf010(msgspec.Struct):
    """The fields of an acknowledgement for a client of 0.1.0; a wrong type ends its upload."""

    position: int
    time_micros: int
    pause_millis: int = 0
    n_lacking: int = 0
    stop: bool = False


@pytest.mark.parametrize("stopped_by", [None, "ada"])
def test_the_client_of_0_1_0_reads_acknowledgements(stopped_by: str | None) -> None:
    ack = Ack(position=9, time_micros=1, stop=stopped_by is not None, stopped_by=stopped_by)
    read = msgspec.json.decode(msgspec.json.encode(ack), type=_AckOf010)
    assert (read.position, read.stop) == (9, stopped_by is not None)
