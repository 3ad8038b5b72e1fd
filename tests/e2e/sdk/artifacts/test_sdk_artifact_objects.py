"""Tables, media and single files of artifacts: added, stored once, and made again by `get()`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import PIL.Image
import pytest

import weft
from at_length import at_length
from live_runs import PROJECT, LiveServer
from media_specimens import SPECIMENS
from sdk_script import run_well
from weft.data_types import BoundingBoxes2D, ImageMask, PartitionedTable
from weft.errors import NotFound, UsageError, WrongType

pytestmark = pytest.mark.timeout(300)


def path_of(name: str) -> str:
    return f"local/{PROJECT}/{name}"


@pytest.fixture
def log(live: LiveServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[weft.Run]:
    """A run in this process, in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    for name, value in live.environment.items():
        monkeypatch.setenv(name, value)
    with weft.init(project=PROJECT, settings=weft.Settings(console="off")) as run:
        yield run


def gray(value: int, side: int = 8) -> np.ndarray:
    return np.full((side, side), value, np.uint8)


def test_a_table_with_images_comes_back_and_each_image_is_stored_once(log: weft.Run) -> None:
    twice = weft.Image(gray(7), caption="seven")
    table = weft.Table(
        columns=["id", "picture", "list", "score"],
        data=[[n, weft.Image(gray(n)), [twice, twice], n / 2] for n in range(12)],
    )
    table.add_data(12, twice, [], None)
    artifact = weft.Artifact("pictures", "dataset")
    entry = artifact.add(table, "eval")
    assert entry.path == "eval.table.parquet"
    assert artifact.add(table, "eval").path == entry.path
    with pytest.raises(TypeError, match="holds tables and media, not dict"):
        artifact.add({}, "x")
    images = [path for path in artifact.paths if path.startswith("media/images/")]
    assert len(images) == 12  # each grey once, although 7 is in each row
    log.log({"eval": table})  # the artifact took nothing from it
    stored = log.log_artifact(artifact).wait(60)

    again = stored.get("eval")
    assert again.columns == ["id", "picture", "list", "score"]
    assert again.get_column("score") == [n / 2 for n in range(12)] + [None]
    assert [row[1].image.getpixel((0, 0)) for row in again.data] == [*range(12), 7]
    assert again.data[3][2][1].image.getpixel((0, 0)) == 7
    assert again.data[3][2][1]._caption == "seven"
    assert stored["eval.table.parquet"].columns == again.columns
    assert stored.get("nothing") is None
    with pytest.raises(KeyError, match="has no file 'nothing'"):
        stored.get_entry("nothing")
    with pytest.raises(NotFound):
        stored.get_entry("nothing")

    derived = weft.Artifact("selected", "dataset")
    derived.add(weft.Table(columns=["picture"], data=[[again.data[3][1]]]), "some")
    references = [entry for entry in derived.manifest.entries if entry.reference]
    assert [reference.reference.partition("pictures:")[2][:16] for reference in references] == [
        "v0/media/images/"
    ]
    selected = log.log_artifact(derived).wait(60)
    [[picture]] = selected.get("some").data
    assert picture.image.getpixel((0, 0)) == 3
    log.log({"from an artifact": picture})


def test_media_of_each_kind_come_back(log: weft.Run, tmp_path: Path) -> None:
    artifact = weft.Artifact("media", "dataset")
    mask = np.zeros((8, 8), np.uint8)
    mask[2:4] = 1
    box = {"position": {"minX": 0.1, "maxX": 0.4, "minY": 0, "maxY": 1}, "class_id": 1}
    image = weft.Image(
        np.zeros((3, 8, 8)),
        caption="layers",
        grouping=3,
        boxes={"truth": {"box_data": [box], "class_labels": {1: "cat"}}},
        masks={"truth": {"mask_data": mask, "class_labels": {1: "cat"}}},
    )
    PIL.Image.new("RGB", (5, 4), (255, 0, 0)).save(tmp_path / "red.jpg")
    left = weft.Table(columns=["id", "a"], data=[["x", 1]])
    right = weft.Table(columns=["id", "b"], data=[["x", 2]])
    artifact["image"] = image
    artifact["file"] = weft.Image(str(tmp_path / "red.jpg"))
    (tmp_path / "red.jpg").write_bytes(b"overwritten")
    artifact["sound"] = weft.Audio(np.zeros(800), sample_rate=8000, caption="silence")
    artifact["video"] = weft.Video(np.zeros((4, 3, 16, 16), np.uint8), fps=2, format="gif")
    artifact["page"] = weft.Html("<p>hello</p>")
    artifact["points"] = weft.Object3D([[0, 0, 0], [1, 2, 3]])
    artifact["water"] = weft.Molecule("1\nwater\nO 0 0 0", file_type="xyz")
    artifact["plot"] = weft.Plotly({"data": [{"y": [1, 2]}], "layout": {}})
    artifact["counts"] = weft.Histogram([1, 2, 3], num_bins=2)
    artifact["names"] = weft.Classes(["dog", "cat"])
    artifact["mask"] = ImageMask({"mask_data": mask}, "mask")
    artifact["boxes"] = BoundingBoxes2D({"box_data": [box]}, "boxes")
    artifact["joined"] = weft.JoinedTable(left, right, "id")
    artifact["parts/0"] = left
    artifact["parts/1"] = left
    artifact["by path"] = weft.JoinedTable("parts/0.table.json", "parts/1.table.json", "id")
    artifact["all"] = PartitionedTable("parts")
    stored = log.log_artifact(artifact).wait(60)

    restored = stored["image"]
    assert (restored.width, restored.height, restored._caption) == (8, 8, "layers")
    assert restored.reference(dict.fromkeys(restored.payloads(), "x"))["grouping"] == 3
    assert restored._masks["truth"].class_labels == {1: "cat"}
    assert restored._boxes["truth"].box_data[0]["class_id"] == 1
    assert stored["file"].image.size == (5, 4)
    assert (stored["sound"].duration_secs, stored["sound"]._caption) == (0.1, "silence")
    assert stored["video"].duration_secs == 2.0
    assert stored["page"].html == "<p>hello</p>"
    assert stored["points"].n_points == 2
    assert stored["counts"] == weft.Histogram([1, 2, 3], num_bins=2)
    assert stored["names"].names == {0: "dog", 1: "cat"}
    assert stored["joined"] == weft.JoinedTable(left, right, "id")
    assert stored["by path"]._tables == (left, left)
    assert [row for _, row in stored["all"].iterrows()] == [["x", 1], ["x", 1]]
    for name, kind in (
        ("water", weft.Molecule), ("plot", weft.Plotly), ("mask", ImageMask),
        ("boxes", BoundingBoxes2D),
    ):  # fmt: skip
        assert isinstance(stored[name], kind)


def test_an_object_of_each_media_kind_comes_back_as_its_class(
    log: weft.Run, tmp_path: Path
) -> None:
    artifact = weft.Artifact("kinds", "dataset")
    values = {kind: specimen.make(tmp_path) for kind, specimen in SPECIMENS.items()}
    chart = values.pop("chart")
    with pytest.raises(WrongType, match="holds tables and media, not CustomChart"):
        artifact.add(chart, "chart")
    for kind, value in values.items():
        artifact.add(value, kind)
    stored = log.log_artifact(artifact).wait(60)
    assert {kind: type(stored[kind]) for kind in values} == {
        kind: type(value) for kind, value in values.items()
    }
    graph = stored["graph"]
    assert (graph.format, graph["in"].name) == ("keras", "stem")
    assert [(edge.from_node.id, edge.to_node.id) for edge in graph.edges] == [("in", "out")]


def test_files_of_one_artifact_are_referred_to_by_another(log: weft.Run, tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text("x,y")
    first = weft.Artifact("source", "dataset")
    entry = first.add_file(tmp_path / "data.csv", "in/data.csv")
    assert (entry.path, entry.size, entry.ref) == ("in/data.csv", 3, None)
    with pytest.raises(UsageError, match="was not logged yet"):
        entry.ref_url()
    first.remove(entry)
    entry = first.add_file(tmp_path / "data.csv", "in/data.csv")
    stored = log.log_artifact(first).wait(60)
    entry = stored.get_entry("in/data.csv")
    assert Path(entry.download(tmp_path / "got")).read_text() == "x,y"
    with pytest.raises(ValueError, match="is no reference"):
        entry.ref_target()

    second = weft.Artifact("derived", "dataset")
    [added] = second.add_reference(entry)
    second.add_reference(entry.ref_url(), "again.csv")
    assert (
        added.ref_target()
        == entry.ref_url()
        == f"weft-artifact://{stored.qualified_name}/in/data.csv"
    )
    derived = log.log_artifact(second).wait(60)
    folder = Path(derived.download())
    assert (folder / "data.csv").read_text() == (folder / "again.csv").read_text() == "x,y"
    (folder / "data.csv").write_text("z")
    derived.download()
    assert (folder / "data.csv").read_text() == "x,y"
    third = weft.Artifact("third", "dataset")
    [entry_of_third] = third.add_reference(derived.get_entry("data.csv"))
    assert entry_of_third.ref == entry.ref_url()
    stored.delete(delete_aliases=True)
    (folder / "data.csv").unlink()
    with pytest.raises(weft.CommError, match="has no version 'v0'"):
        derived.download(skip_cache=True)


@at_length
def test_a_table_of_another_artifact_is_read_there(log: weft.Run) -> None:
    first = weft.Artifact("tables", "dataset")
    first.add(weft.Table(columns=["picture"], data=[[weft.Image(gray(5))]]), "in/table")
    stored = log.log_artifact(first).wait(60)
    second = weft.Artifact("refers", "dataset")
    second.add_reference(stored.get_entry("in/table"), "mine.table.parquet")
    derived = log.log_artifact(second).wait(60)
    [[picture]] = derived.get("mine").data
    assert picture.image.getpixel((0, 0)) == 5


@pytest.mark.parametrize("path", ["../../secret.png", "/etc/passwd", "not-there.png"])
def test_an_object_that_names_a_strange_file_is_refused(log: weft.Run, path: str) -> None:
    artifact = weft.Artifact("strange", "dataset")
    with artifact.new_file("evil.image-file.json") as file:
        json.dump({"_type": "image-file", "path": path}, file)
    with artifact.new_file("unknown.mask.json") as file:
        json.dump({"_type": "newer-kind"}, file)
    stored = log.log_artifact(artifact).wait(60)
    with pytest.raises(NotFound, match="has no file"):
        stored.get("evil")
    with pytest.raises(UsageError, match="unknown type 'newer-kind'"):
        stored.get("unknown")


def test_media_with_an_address_are_for_artifacts_only(
    log: weft.Run, capsys: pytest.CaptureFixture[str]
) -> None:
    image = weft.Image("s3://bucket/cat.jpg", caption="cat")
    log.log({"image": image})
    assert "s3://bucket/cat.jpg has no content here" in capsys.readouterr().err
    log.log({"table": weft.Table(columns=["a"], data=[[image]])})
    assert "add it to an artifact" in capsys.readouterr().err
    with pytest.raises(UsageError, match="is not here: download s3://"):
        image.image  # noqa: B018
    artifact = weft.Artifact("addresses", "dataset")
    artifact.add(weft.Table(columns=["a"], data=[[image]]), "table")
    artifact["sound"] = weft.Audio("https://host/a.wav")
    assert {entry.reference for entry in artifact.manifest.entries if entry.reference} == {
        "s3://bucket/cat.jpg", "https://host/a.wav",
    }  # fmt: skip


@at_length
def test_objects_survive_a_script_of_its_own(live: LiveServer, tmp_path: Path) -> None:
    run_well(
        tmp_path,
        """
        import weft
        with weft.init() as run:
            made = weft.Artifact("scripted", "dataset")
            made.add(weft.Table(columns=["x"], data=[[n] for n in range(1000)]), "numbers")
            run.log_artifact(made).wait(60)
        with weft.init() as run:
            table = run.use_artifact("scripted").get("numbers")
            assert table.get_column("x") == [*range(1000)]
        """,
        live.environment,
    )
    assert live.api.artifact(path_of("scripted")).file_count == 1
