"""An artifact as a draft, as it is logged, and stored: what each can do, without a server."""

from __future__ import annotations

import pickle
import warnings
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

import weft
from weft.client.artifact_client import ArtifactClient, VersionTarget
from weft.client.shared import AlwaysAt, Server, SharedTransport
from weft.errors import CommError, ConfigError, NotFound, Unavailable, UsageError
from weft.records.files.artifacts import ManifestEntry
from weft.sdk.artifacts.fetching.staged import StagedFiles
from weft.sdk.artifacts.fetching.version_files import VersionFiles
from weft.sdk.artifacts.states.description import Description
from weft.sdk.artifacts.states.logged import Logged
from weft.sdk.artifacts.states.sending import Sent
from weft.wire.artifacts.artifacts import Artifact as StoredArtifact

NOWHERE = ArtifactClient(SharedTransport(AlwaysAt(Server("http://127.0.0.1:9", None))))
"""A client of a server that is not there: what these tests call asks none."""

Answer = tuple[ArtifactClient, StoredArtifact] | None


def version(state: str = "stored", **fields: Any) -> StoredArtifact:
    values: dict[str, Any] = {
        "entity": "ann", "project": "p", "name": "data", "type": "dataset",
        "version": "v3" if state == "stored" else None, "state": state, "aliases": ["latest"],
        "tags": ["clean"], "description": "Of the server", "metadata": {"rows": 2},
        "digest": "d1", "n_files": 2, "n_bytes": 9, "created_micros": 0, "expires_micros": None,
        "ttl_secs": 60, "logged_by": None, "error": None,
    }  # fmt: skip
    return StoredArtifact(**(values | fields))


def logged(find_version: Callable[[], Answer], **fields: Any) -> weft.Artifact:
    description = Description("data", "dataset", "Of the script", {"rows": 1}, ["raw"])
    return weft.Artifact.of_state(Logged(description, find_version, **fields))


def offline() -> Answer:
    raise Unavailable("the run is offline: `weft sync` sends it")


def staged(folder: Path, *names: str) -> weft.Artifact:
    folder.mkdir(exist_ok=True)
    for name in names:
        (folder / name).write_text(name)
    entries = [ManifestEntry(name, len(name)) for name in names]
    entries.append(ManifestEntry("far.csv", 7, reference="s3://bucket/far.csv", checksum="etag"))
    target = VersionTarget("ann", "p", "data", "")
    files = VersionFiles(StagedFiles(folder, entries), target, len(entries), 100)
    return logged(offline, project=("ann", "p"), staged=files)


OF_A_VERSION: dict[str, Callable[[weft.Artifact], object]] = {
    "version": lambda artifact: artifact.version,
    "digest": lambda artifact: artifact.digest,
    "qualified_name": lambda artifact: artifact.qualified_name,
    "aliases": lambda artifact: artifact.aliases,
    "is_link": lambda artifact: artifact.is_link,
    "collection": lambda artifact: artifact.collection,
    "download": lambda artifact: artifact.download(),
    "verify": lambda artifact: artifact.verify(),
    "get": lambda artifact: artifact.get("table"),
    "logged_by": lambda artifact: artifact.logged_by(),
    "unlink": lambda artifact: artifact.unlink(),
    "delete": lambda artifact: artifact.delete(),
    "new_draft": lambda artifact: artifact.new_draft(),
}


@pytest.mark.parametrize("operation", OF_A_VERSION)
def test_an_operation_of_a_version_says_why_there_is_none(operation: str) -> None:
    call = OF_A_VERSION[operation]
    for artifact, message in (
        (weft.Artifact("data", "dataset"), "artifact data was not logged yet"),
        (logged(lambda: None), r"artifact data is not stored yet: call wait\(\)"),
        (logged(lambda: (NOWHERE, version("awaited"))), r"is not stored yet: call wait\(\)"),
        (logged(lambda: (NOWHERE, version("part"))), r"is a part of a version: run\.finish_art"),
    ):
        with pytest.raises(UsageError, match=message):
            call(artifact)


def test_only_a_draft_is_changed(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("x")
    stored = weft.Artifact.from_server(NOWHERE, version())
    for artifact in (logged(lambda: None), stored):
        for change in (
            lambda artifact=artifact: artifact.add_file(tmp_path / "a.csv"),
            lambda artifact=artifact: artifact.add_dir(tmp_path),
            lambda artifact=artifact: artifact.add_reference("s3://bucket/key"),
            lambda artifact=artifact: artifact.new_file("b").__enter__(),
            lambda artifact=artifact: artifact.remove("a.csv"),
            lambda artifact=artifact: setattr(artifact, "distributed_id", "x"),
        ):
            with pytest.raises(UsageError, match="data was logged already and can't be changed"):
                change()


SETTABLE: dict[str, Any] = {
    "description": "Later", "metadata": {"rows": 3}, "tags": ["late"], "ttl": timedelta(days=1),
}  # fmt: skip


@pytest.mark.parametrize("attribute", SETTABLE)
def test_a_change_that_would_be_lost_is_warned_of(attribute: str) -> None:
    """Once it is stored, the server's description replaces that of the script."""
    for find_version in (lambda: None, lambda: (NOWHERE, version("awaited")), offline):
        artifact = logged(find_version)
        before = getattr(artifact, attribute)
        with pytest.warns(UserWarning, match=f"so {attribute} stays as it is: set it before"):
            setattr(artifact, attribute, SETTABLE[attribute])
        assert getattr(artifact, attribute) == before
    draft = weft.Artifact("data", "dataset")
    setattr(draft, attribute, SETTABLE[attribute])
    assert getattr(draft, attribute) == SETTABLE[attribute]


@pytest.mark.parametrize("change", [{"rows": 5}, {"model": object()}, {"nested": {"depth": 2}}])
def test_a_change_of_metadata_in_place_that_is_lost_is_warned_of(change: dict[str, Any]) -> None:
    answers: list[Answer] = [None, (NOWHERE, version())]
    artifact = logged(lambda: answers.pop(0))
    artifact.metadata.update(change)
    assert artifact.is_draft()
    with pytest.warns(UserWarning, match="metadata of artifact data was changed after .* lost"):
        artifact.wait()
    assert artifact.metadata == {"rows": 2}


def test_metadata_as_it_was_logged_becomes_stored_without_a_warning() -> None:
    artifact = logged(lambda: (NOWHERE, version()))
    artifact.metadata.update(rows=7)
    artifact.metadata.update(rows=1)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert artifact.wait().metadata == {"rows": 2}


def test_a_change_of_a_version_that_is_stored_by_now_is_of_that_version() -> None:
    answers: list[Answer] = [(NOWHERE, version())]
    artifact = logged(lambda: answers.pop(0))
    artifact.metadata = {"rows": 3}
    assert (artifact.version, artifact.metadata, artifact.tags) == ("v3", {"rows": 3}, ["clean"])
    with pytest.raises(Unavailable):  # the server is sent the change
        artifact.tags = ["late"]


def test_waiting_looks_again_once_the_sidecar_has_sent_all() -> None:
    progress = [*[Sent(0, 100, 2)] * 30, Sent(100, 0, 0)]
    answers: list[Answer] = []

    def sending() -> Sent:
        return progress.pop(0) if len(progress) > 1 else progress[0]

    def find_version() -> Answer:
        answers.append((NOWHERE, version()) if len(progress) == 1 else None)
        return answers[-1]

    assert logged(find_version, sending=sending).wait(30).version == "v3"
    assert len(answers) < 20, "the server is asked less often than the sidecar"


def test_a_logged_artifact_becomes_the_version_that_the_server_has() -> None:
    answers: list[Answer] = [None, (NOWHERE, version("awaited")), (NOWHERE, version())]
    artifact = logged(lambda: answers.pop(0))
    assert (artifact.name, artifact.tags, artifact.ttl, artifact.id) == (
        "data",
        ["raw"],
        None,
        None,
    )
    assert (artifact.description, artifact.metadata) == ("Of the script", {"rows": 1})
    assert artifact.state == "PENDING"
    assert artifact.is_draft()
    assert artifact.version == "v3"
    assert not answers  # and no server is asked again
    assert artifact.state == "COMMITTED"
    assert artifact.logged is None
    assert (artifact.name, artifact.id) == ("data:v3", "ann/p/data:v3")
    assert artifact.url == "http://127.0.0.1:9/ann/p/artifacts/dataset/data/v3"
    assert (artifact.description, artifact.metadata) == ("Of the server", {"rows": 2})
    assert (artifact.tags, artifact.ttl) == (["clean"], timedelta(seconds=60))
    assert (artifact.size, artifact.file_count) == (9, 2)
    assert artifact.source_qualified_name == "ann/p/data:v3"


def test_a_late_answer_does_not_take_a_stored_version_back() -> None:
    answers = [version("awaited"), version()]

    def find_version() -> Answer:
        answer = answers.pop(0)
        if answers:
            assert not artifact.is_draft()  # as another thread finds meanwhile
        return NOWHERE, answer

    artifact = logged(find_version)
    artifact.is_draft()
    assert artifact.version == "v3"
    assert answers == []


def test_waiting_ends_with_the_version_a_failure_a_part_or_the_time() -> None:
    with pytest.raises(UsageError, match=r"data was not logged: run\.log_artifact\(\) does that"):
        weft.Artifact("data", "dataset").wait()
    answers: list[Answer] = [None, (NOWHERE, version())]
    assert logged(lambda: answers.pop(0)).wait(30).version == "v3"
    failed = logged(lambda: (NOWHERE, version("failed", error="a.csv was changed")))
    with pytest.raises(CommError, match=r"data can't be stored: a\.csv was changed"):
        failed.wait()
    with pytest.raises(Unavailable, match="artifact data is not stored after 0 s"):
        logged(lambda: None).wait(0)
    part = logged(lambda: (NOWHERE, version("part")))
    assert part.wait() is part
    stored = weft.Artifact.from_server(NOWHERE, version())
    assert stored.wait(0) is stored


def test_an_offline_run_reads_what_it_logged(tmp_path: Path) -> None:
    artifact = staged(tmp_path / "run", "b.txt", "a.table.json")
    assert artifact.paths == ["a.table.json", "b.txt", "far.csv"]
    assert (artifact.file_count, len(artifact.files())) == (3, 3)
    assert [file.name for file in artifact.files(start="b")] == ["b.txt", "far.csv"]
    assert artifact.get_entry("a").path == "a.table.json"
    assert artifact.get_entry("far.csv").ref == "s3://bucket/far.csv"
    with pytest.raises(KeyError, match="artifact data has no file 'c'"):
        artifact.get_entry("c")
    assert artifact.get("c") is None
    folder = artifact.download(tmp_path / "got", allow_missing_references=True)
    assert (Path(folder) / "b.txt").read_text() == "b.txt"
    with pytest.raises(NotFound, match="artifact data has no file 'c'"):
        artifact.fetch(["c"])
    for refused in (artifact.get_entry("b.txt").ref_url, artifact.delete, artifact.used_by):
        with pytest.raises(Unavailable, match="`weft sync` sends it"):
            refused()


def test_a_draft_takes_over_the_files_of_a_version(tmp_path: Path) -> None:
    draft = staged(tmp_path / "run", "b.txt", "c.txt").new_draft()
    assert draft.is_draft()
    assert draft.paths == ["b.txt", "c.txt", "far.csv"]
    assert draft.draft.base == VersionTarget("ann", "p", "data", "")
    assert (draft.description, draft.metadata) == ("Of the script", {"rows": 1})
    draft.remove("c.txt")
    with pytest.raises(UsageError, match=r"has a file 'b\.txt' already"):
        draft.new_file("b.txt").__enter__()
    with draft.new_file("b.txt", "w") as file:
        file.write("changed")
    assert (draft.size, draft.file_count) == (14, 2)
    entries = {entry.path: entry for entry in draft.manifest.entries}
    assert entries["b.txt"].sha256 == ""
    assert entries["far.csv"].reference == "s3://bucket/far.csv"
    with pytest.raises(UsageError, match=r"has a file 'b\.txt' already"):
        draft.add_file(tmp_path / "run" / "c.txt", "b.txt")


@pytest.mark.parametrize("add", ["add_file", "add_reference", "new_file", "add"])
def test_no_file_of_a_draft_is_a_folder_of_another(add: str, tmp_path: Path) -> None:
    """They could not be downloaded to a disk together."""
    (tmp_path / "x").write_text("x")

    def put(draft: weft.Artifact, path: str) -> None:
        if add == "new_file":
            with draft.new_file(path, "w") as file:
                file.write("x")
        elif add == "add":
            draft.add(weft.Table(columns=["x"], data=[[1]]), path)
        else:
            getattr(draft, add)(str(tmp_path / "x"), path)

    end = ".table.parquet" if add == "add" else ""
    draft = weft.Artifact("data", "dataset")
    draft.add_file(tmp_path / "x", f"a{end}")
    with pytest.raises(UsageError, match=rf"has a file 'a{end}', and 'a{end}/b/c{end}' would be"):
        put(draft, f"a{end}/b/c")
    draft.remove(f"a{end}")
    put(draft, f"a{end}/b/c")
    for path in (f"a{end}", f"a{end}/b"):
        with pytest.raises(UsageError, match=f"has files in a folder {path!r}"):
            draft.add_file(tmp_path / "x", path, overwrite=True)
    draft.remove(f"a{end}/b")
    draft.add_file(tmp_path / "x", f"a{end}")
    assert draft.paths == [f"a{end}"]


def test_a_folder_is_added_once_although_links_in_it_lead_back(tmp_path: Path) -> None:
    for name in ("data/a/x", "data/b/y", "outside/z"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text(name)
    for link, target in {
        "self": "data", "up": ".", "a/b": "data/b", "b/a": "data/a", "far": "outside",
    }.items():  # fmt: skip
        (tmp_path / "data" / link).symlink_to(tmp_path / target)
    draft = weft.Artifact("data", "dataset")
    draft.add_dir(tmp_path / "data")
    assert draft.paths == ["a/b/y", "a/x", "b/a/x", "b/y", "far/z"]


def test_a_download_names_what_is_in_the_way(tmp_path: Path) -> None:
    artifact = staged(tmp_path / "run", "b.txt")
    root = tmp_path / "root"
    (root / "b.txt").mkdir(parents=True)
    for download in (
        lambda: artifact.fetch(["b.txt"], root),
        lambda: artifact.get_entry("b.txt").download(root),
        lambda: next(iter(artifact.files())).download(str(root), replace=True),
    ):
        with pytest.raises(ConfigError, match=r"at \S+/root/b\.txt: \S+/b\.txt is a folder"):
            download()
    (tmp_path / "file").write_text("x")
    with pytest.raises(
        ConfigError, match=r"at \S+/file/x/b\.txt: \S+/file is a file, not a folder"
    ):
        next(iter(artifact.files())).download(tmp_path / "file" / "x")


def test_an_object_is_looked_for_among_many_files_of_its_name(tmp_path: Path) -> None:
    names = [f"eval.{number:03}" for number in range(150)]
    artifact = staged(tmp_path / "run", *names, "eval.table.json")
    assert artifact.get_entry("eval").path == "eval.table.json"


def test_a_logged_artifact_of_another_process_can_be_copied(tmp_path: Path) -> None:
    """As multiprocessing hands it on."""
    artifact = pickle.loads(pickle.dumps(staged(tmp_path / "run", "b.txt")))
    assert artifact.paths == ["b.txt", "far.csv"]
    assert msgspec.json.encode(artifact.manifest)
