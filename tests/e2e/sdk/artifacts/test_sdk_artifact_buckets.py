"""References to files in buckets: noted with size and ETag, fetched, checked."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import obstore
import pytest

import weft
from at_length import at_length
from live_runs import PROJECT, LiveServer
from s3_server import NewBucket, S3Server
from weft.errors import UsageError
from weft.sdk.artifacts.remote.stores import store_of

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def log(live: LiveServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[weft.Run]:
    """A run in this process, in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    for name, value in live.environment.items():
        monkeypatch.setenv(name, value)
    with weft.init(project=PROJECT, settings=weft.Settings(console="off")) as run:
        yield run


def test_files_of_a_bucket(
    log: weft.Run,
    s3_bucket: NewBucket,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in s3_bucket.environment.items():
        monkeypatch.setenv(name, value)
    for key in ("data/a.csv", "data/deep/b.csv", "data.csv", "other/c"):
        obstore.put(s3_bucket.store(), key, key.encode())
    bucket_url = s3_bucket.url
    artifact = weft.Artifact("from-bucket", "dataset")
    [added] = artifact.add_reference(f"{bucket_url}/data.csv", "one.csv")
    assert (added.path, added.size) == ("one.csv", 8)
    assert added.digest == hashlib.md5(b"data.csv").hexdigest()
    entries = artifact.add_reference(f"{bucket_url}/data", "in")
    assert [entry.path for entry in entries] == ["in/a.csv", "in/deep/b.csv"]
    assert entries[1].ref_target() == f"{bucket_url}/data/deep/b.csv"
    with pytest.raises(UsageError, match="more files than max_objects=1"):
        artifact.add_reference(f"{bucket_url}/data/", max_objects=1)
    with pytest.raises(UsageError, match="no file or folder"):
        artifact.add_reference(f"{bucket_url}/none")
    [folder] = artifact.add_reference(f"{bucket_url}/other", checksum=False)
    assert (folder.path, folder.size) == ("other", 0)
    artifact.remove("other")
    stored = log.log_artifact(artifact).wait(60)

    got = Path(stored.download())
    assert (got / "in" / "deep" / "b.csv").read_text() == "data/deep/b.csv"
    stored.verify()
    obstore.put(s3_bucket.store(), "data/a.csv", b"other")
    with pytest.raises(ValueError, match=rf"^in/a\.csv was changed: {bucket_url}/data/a\.csv$"):
        stored.verify()
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    store_of.cache_clear()
    with pytest.raises(weft.CommError, match=r"can't be read|may not be read"):
        weft.Artifact("a", "b").add_reference(f"{bucket_url}/data.csv")
    store_of.cache_clear()


@at_length
def test_an_address_may_name_a_version_of_an_object(
    log: weft.Run, s3_server: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in s3_server.environment().items():
        monkeypatch.setenv(name, value)
    bucket, store = s3_server.versioned_bucket()
    first = obstore.put(store, "data.csv", b"first")["version"]
    second = obstore.put(store, "data.csv", b"second")["version"]
    artifact = weft.Artifact("versions", "dataset")
    [entry] = artifact.add_reference(f"{bucket}/data.csv?versionId={first}")
    assert (entry.path, entry.digest) == ("data.csv", hashlib.md5(b"first").hexdigest())
    artifact.add_reference(f"{bucket}/data.csv", "newest.csv")
    artifact.add_reference(f"{bucket}/", "all")
    stored = log.log_artifact(artifact).wait(60)
    obstore.put(store, "data.csv", b"third")
    assert stored.get_entry("data.csv").ref_target() == f"{bucket}/data.csv?versionId={first}"
    assert Path(stored.get_entry("data.csv").download()).read_bytes() == b"first"
    newest = stored.get_entry("newest.csv")
    assert newest.ref_target() == f"{bucket}/data.csv?versionId={second}"
    assert Path(newest.download()).read_bytes() == b"second"
    # S3 lists no versions, so the files of a folder are those of today.
    assert stored.get_entry("all/data.csv").ref_target() == f"{bucket}/data.csv"
    with pytest.raises(ValueError, match=r"^all/data\.csv was changed"):
        stored.verify()


@at_length
def test_images_in_a_bucket_are_fetched_by_get(
    log: weft.Run, s3_bucket: NewBucket, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    import PIL.Image

    for name, value in s3_bucket.environment.items():
        monkeypatch.setenv(name, value)
    PIL.Image.new("L", (3, 2), 7).save(tmp_path / "seven.png")
    obstore.put(s3_bucket.store(), "seven.png", (tmp_path / "seven.png").read_bytes())
    artifact = weft.Artifact("bucket-images", "dataset")
    image = weft.Image(f"{s3_bucket.url}/seven.png", caption="seven")
    artifact.add(weft.Table(columns=["picture"], data=[[image]]), "pictures")
    assert {entry.reference for entry in artifact.manifest.entries if entry.reference} == {
        f"{s3_bucket.url}/seven.png"
    }
    stored = log.log_artifact(artifact).wait(60)
    [[cell]] = stored.get("pictures").data
    assert (cell.image.size, cell.image.getpixel((0, 0))) == ((3, 2), 7)
    log.log({"from a bucket": cell})


def test_an_address_without_a_bucket_is_refused() -> None:
    with pytest.raises(UsageError, match="names no bucket"):
        weft.Artifact("a", "dataset").add_reference("s3://")
