"""The files of a run from the spool to their records, made by a real file worker."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from files_at_work import FilesAtWork, files_at_work
from made_logs import make_log, make_run_directory
from weft.records.files.artifacts import Chunk, ManifestEntry
from weft.records.record import Artifact, File, Run
from weft.runlog.links import place_file
from weft.runlog.reader import read_header
from weft.runlog.spool import MANIFEST, SAVED, Job, spool_path, write_spool
from weft.sdk.media.batch import SlotFiles
from weft.sdk.media.media import Payload
from weft.sync.files import unannounced
from weft.sync.files.existing_files import HASHED_HERE_BYTES
from weft.sync.files.run_files import RunFiles
from weft.sync.files.saved import LIVE_SECS
from weft.sync.files.spool_queue import LATER_SECS, MOST_TAKEN
from weft.sync.files.worker import FileResult, Order, hash_existing
from weft.sync.files.worker_process import FileWorker
from weft.sync.sidecar_log import SidecarLog
from weft.sync.uploading.contents_ahead import ContentsAhead


def record_of(path: str, content: bytes) -> File:
    return File(path, len(content), hashlib.sha256(content).hexdigest())


def save(work: FilesAtWork, source: Path, path: str, policy: str) -> None:
    place_file(source, work.directory / "files" / path)
    work.save(source, path, policy)


def test_payloads_become_files_with_records_in_their_order(tmp_path: Path) -> None:
    with files_at_work(tmp_path) as work:
        contents = {f"media/x_{number}": bytes([number]) * number for number in range(40)}
        for path, content in contents.items():
            work.spool((path, content), (f"{path}b", b""))
        work.work()
        expected = [
            record
            for path, content in contents.items()
            for record in (record_of(path, content), record_of(f"{path}b", b""))
        ]
        assert work.records == expected
        assert (work.files.records.n_made, work.files.records.failures) == (80, [])
        assert work.spooled == []
        work.end()
        assert work.records == expected


def test_a_saved_file_is_recorded_again_only_when_it_has_changed(tmp_path: Path) -> None:
    source = tmp_path / "model.pt"
    source.write_bytes(b"1")
    with files_at_work(tmp_path / "run") as work:
        save(work, source, "model.pt", "live")
        work.work()
        assert work.records == [record_of("model.pt", b"1")]
        source.write_bytes(b"22")
        work.work()
        assert len(work.records) == 1, "a live file is looked at every ten seconds"
        work.now_secs += LIVE_SECS
        work.work()
        assert work.records[1:] == [record_of("model.pt", b"22")]
        work.now_secs += LIVE_SECS
        work.work()
        assert len(work.records) == 2
        # another file under its name, as programs write that replace a file in one step
        fresh = tmp_path / "fresh"
        fresh.write_bytes(b"333")
        fresh.replace(source)
        work.end()
        assert work.records[2:] == [record_of("model.pt", b"333")]
        assert work.spooled == []


@pytest.mark.parametrize("n_bytes", [3, HASHED_HERE_BYTES + 1])
def test_policies_say_when_a_file_is_read(tmp_path: Path, n_bytes: int) -> None:
    now, late = tmp_path / "now", tmp_path / "late"
    for source in (now, late):
        source.write_bytes(b"a" * n_bytes)
    with files_at_work(tmp_path / "run") as work:
        save(work, now, "now", "now")
        save(work, late, "late", "end")
        work.work()
        assert work.records == [record_of("now", b"a" * n_bytes)]
        assert len(work.spooled) == 1, "the file of the end is still to be recorded"
        late.write_bytes(b"b" * n_bytes)
        work.end()
        assert work.records[1:] == [record_of("late", b"b" * n_bytes)]
        assert work.spooled == []


def test_the_later_content_of_a_file_of_policy_now_is_not_recorded(tmp_path: Path) -> None:
    source = tmp_path / "model.pt"
    source.write_bytes(b"a")
    with files_at_work(tmp_path / "run") as work:
        save(work, source, "model.pt", "now")
        work.work()
        source.write_bytes(b"bb")
        work.end()
        assert work.records == [record_of("model.pt", b"a")]
        assert work.spooled == []


def test_a_file_of_policy_now_that_changes_before_it_is_read_is_told(tmp_path: Path) -> None:
    with files_at_work(tmp_path / "run") as work:
        for name, size in (("same", 1), ("changed", 2)):
            target = work.directory / "files" / name
            target.write_bytes(b"a")
            version = [size, target.stat().st_mtime_ns]
            options = {"source": str(target), "policy": "now", "version": version}
            write_spool(work.directory / "spool" / f"w-{name}", [Job(name, SAVED, options)], [()])
        work.end()
        assert work.files.records.failures == [
            "changed was changed after save() and before it was read: it is stored as changed"
        ]


def test_a_file_that_was_deleted_before_it_was_read_is_a_failure(tmp_path: Path) -> None:
    with files_at_work(tmp_path) as work:
        work.save(tmp_path / "gone", "gone", "now")
        work.end()
        assert [(record.path, record.error) for record in work.records] == [
            ("gone", "it was deleted before it could be read")
        ]
        assert work.files.records.failures == [
            "gone can't be stored: it was deleted before it could be read"
        ]


def test_a_failure_is_told_once_and_withdrawn_when_the_file_is_back(tmp_path: Path) -> None:
    source = tmp_path / "model.pt"
    with files_at_work(tmp_path / "run") as work:
        work.save(source, "model.pt", "live")
        work.work()
        work.now_secs += LIVE_SECS
        work.work()
        assert (
            len(work.records)
            == len(work.files.records.failures)
            == work.files.records.n_failures
            == 1
        )
        source.write_bytes(b"weights")
        work.end()
        assert work.records[1:] == [record_of("model.pt", b"weights")]
        assert (work.files.records.n_failures, work.files.records.failures) == (0, [])


def test_what_a_user_deletes_after_save_is_kept(tmp_path: Path) -> None:
    source = tmp_path / "model.pt"
    source.write_bytes(b"weights")
    with files_at_work(tmp_path / "run") as work:
        save(work, source, "model.pt", "end")
        source.unlink()
        work.end()
        assert work.records == [record_of("model.pt", b"weights")]


def test_files_that_appear_are_recorded_at_the_end(tmp_path: Path) -> None:
    with files_at_work(tmp_path) as work:
        [media_path] = (
            SlotFiles("run", "c", 0).add({"": Payload("images", ".png", "bytes")}).values()
        )
        written = ("a.txt", "deep/er/b.bin", "media/images/user_0.png", "media/user.txt")
        left_out = (media_path, "media/images/.c.png.part", ".hidden", "d.tmp", "config.yaml")
        for path in (*written, *left_out):
            (tmp_path / "files" / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / "files" / path).write_text(path)
        (tmp_path / "files" / "link").symlink_to("/etc/passwd")
        work.work()
        assert work.records == []
        work.end()
        assert sorted(work.records, key=lambda record: record.path) == [
            record_of(path, path.encode()) for path in written
        ]


def test_too_many_files_are_counted_not_recorded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("weft.sync.files.existing_files.MOST_FILES", 3)
    with files_at_work(tmp_path) as work:
        for number in range(5):
            (tmp_path / "files" / f"{number}").write_text("x")
        work.end()
        assert [record.path for record in work.records] == ["0", "1", "2"]
        [failure] = work.files.records.failures
        assert failure.startswith("2 of 5 files in ")


def test_no_link_leads_out_of_a_directory_from_elsewhere(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    secret = outside / "id_rsa"
    secret.write_text("secret")
    with files_at_work(tmp_path / "run", trusts_links=False) as work:
        files = work.directory / "files"
        (files / "key").symlink_to(secret)
        (files / "folder").symlink_to(outside)
        os.mkfifo(files / "pipe")
        work.save(secret, "key", "now", version=(secret.stat().st_size, 0))
        work.save(secret, "folder/id_rsa", "now")
        work.save(secret, "other", "live")
        work.save(secret, "pipe", "now")
        work.spool(("folder/made.txt", b"made"))
        artifact = files / "artifacts" / "0123456789abcdef"
        artifact.mkdir(parents=True)
        (artifact / "folder").symlink_to(outside)
        os.mkfifo(artifact / "pipe")
        for path in ("folder/id_rsa", "../../key", "pipe", str(secret)):
            work.log_artifact(artifact.name, ManifestEntry(path, 6))
        work.end()
        assert {record.path for record in work.records if record.sha256} == set()
        assert len([record for record in work.records if record.error]) == 9
    assert [path.name for path in outside.iterdir()] == ["id_rsa"]


def test_no_file_is_sent_from_a_folder_of_files_that_is_a_link(tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "id_rsa").write_text("secret")
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "files").symlink_to(tmp_path / "outside")
    with files_at_work(tmp_path / "run", trusts_links=False) as work:
        work.save(tmp_path / "outside" / "id_rsa", "id_rsa", "now")
        work.end()
        assert [record.sha256 for record in work.records] == [""]


def test_an_artifact_of_files_on_another_disk_is_read_through_its_links(tmp_path: Path) -> None:
    data = tmp_path / "a.csv"
    data.write_text("1,2,3")
    with files_at_work(tmp_path / "run", trusts_links=False) as work:
        artifact = work.directory / "files" / "artifacts" / "0123456789abcdef"
        artifact.mkdir(parents=True)
        (artifact / "a.csv").symlink_to(data)
        work.log_artifact(artifact.name, ManifestEntry("a.csv", 5), data.stat().st_mtime_ns)
        work.end()
        assert [record.error for record in work.records] == [None]


@pytest.mark.parametrize("policy", ["now", "live", "end"])
def test_a_saved_file_of_another_disk_is_read_through_its_link_unless_it_was_changed(
    tmp_path: Path, policy: str
) -> None:
    source = tmp_path / "model.pt"
    source.write_bytes(b"weights" * HASHED_HERE_BYTES)
    state = source.stat()
    with files_at_work(tmp_path / "run", trusts_links=False) as work:
        for path, n_bytes in (("same.pt", state.st_size), ("changed.pt", 1)):
            (work.directory / "files" / path).symlink_to(source)
            work.save(source, path, policy, version=(n_bytes, state.st_mtime_ns))
        work.end()
        same, changed = work.records
        assert same == record_of("same.pt", source.read_bytes())
        assert changed.sha256 == ""
        assert "links to a file that was changed after save()" in (changed.error or "")


def test_a_name_that_no_server_takes_is_told(tmp_path: Path) -> None:
    with files_at_work(tmp_path) as work:
        (tmp_path / "files" / "turned\u202egnp.exe").write_text("x")
        work.end()
        assert work.records == []
        assert work.files.records.n_failures == 1


def test_a_full_disk_keeps_the_spool_file_for_later(tmp_path: Path) -> None:
    with files_at_work(tmp_path) as work:
        spool = work.spool(("media/a", b"a"))
        work.files.look()
        order = Order(str(tmp_path / "files"), str(spool))
        work.files.take(
            order, FileResult("media/a", error="no space left", is_passing=True, is_last=True)
        )
        assert (work.records, work.spooled) == ([], [spool.name])
        assert work.files.records.failures == [
            "media/a can't be made now (no space left); it is tried again later"
        ]
        work.now_secs += LATER_SECS
        work.work()
        assert record_of("media/a", b"a") in work.records
        assert work.spooled == []
        assert (work.files.records.n_failures, work.files.records.failures) == (0, [])


def test_what_an_earlier_sidecar_recorded_is_not_recorded_again(tmp_path: Path) -> None:
    directory = make_run_directory(tmp_path)
    main = make_log(directory)
    header = read_header(main.path)
    assert header is not None
    with files_at_work(directory) as work:
        for path in ("same", "longer", "rewritten"):
            (directory / "files" / path).write_text("old")
            os.utime(directory / "files" / path, (0, 0))
        work.end()
        earlier = SidecarLog(directory, header, Run("ab12cd34", "demo"))
        for record in work.records:
            earlier.append_file(record)
        earlier.close()
    assert {
        path: record.file.sha256 for path, record in unannounced.recorded_files(directory).items()
    } == {record.path: record.sha256 for record in work.records}
    (directory / "files" / "longer").write_text("longer")
    (directory / "files" / "rewritten").write_text("new")
    with files_at_work(directory) as again:
        again.end()
        assert sorted(again.records, key=lambda record: record.path) == [
            record_of("longer", b"longer"),
            record_of("rewritten", b"new"),
        ]
    main.close()


class HeldWorker(FileWorker):
    """Keeps the orders, so that a test answers them when it likes."""

    def __init__(self) -> None:
        super().__init__([], 0)
        self.held: list[Order] = []

    def add(self, order: Order, n_bytes: int = 0) -> None:
        del n_bytes
        self.held.append(order)


@pytest.mark.parametrize("policy", ["live", "end", None])
@pytest.mark.parametrize("is_replaced", [False, True])
def test_a_file_that_changes_while_it_is_hashed_is_hashed_again_at_the_end(
    tmp_path: Path, policy: str | None, is_replaced: bool
) -> None:
    worker = HeldWorker()
    work = FilesAtWork(tmp_path / "run", worker)
    source = work.directory / "files" / "model.pt" if policy is None else tmp_path / "model.pt"
    source.write_bytes(b"a" * (HASHED_HERE_BYTES + 1))
    if policy is not None:
        save(work, source, "model.pt", policy)
    work.files.look()
    if policy != "live":
        work.files.end()
    [order] = worker.held
    hashed = hash_existing("model.pt", work.directory / "files")
    later = b"b" * (HASHED_HERE_BYTES + 2)
    if is_replaced:
        (tmp_path / "fresh").write_bytes(later)
        (tmp_path / "fresh").replace(source)
    else:
        source.write_bytes(later)
    work.files.end()
    assert not work.files.is_done
    work.files.take(order, hashed)
    assert not work.files.is_done
    work.files.take(worker.held[1], hash_existing("model.pt", work.directory / "files"))
    work.files.end()
    assert work.files.is_done
    assert work.records == [record_of("model.pt", later)]
    assert work.spooled == []


def test_a_file_that_never_stops_changing_lets_the_run_end(tmp_path: Path) -> None:
    worker = HeldWorker()
    work = FilesAtWork(tmp_path, worker)
    path = tmp_path / "files" / "growing"
    path.write_bytes(b"a" * (HASHED_HERE_BYTES + 1))
    work.files.end()
    for order in worker.held:
        hashed = hash_existing("growing", tmp_path / "files")
        with path.open("ab") as file:
            file.write(b"more")
        work.files.take(order, hashed)
    assert work.files.is_done
    assert [record.path for record in work.records] == ["growing"]


def test_a_long_spool_is_taken_up_in_parts_and_in_order(tmp_path: Path) -> None:
    n_files = MOST_TAKEN + 20
    with files_at_work(tmp_path) as work:
        for number in range(n_files):
            work.spool((f"media/{number}", b"x"))
        work.files.look()
        assert work.files.n_waiting == MOST_TAKEN
        work.wait()
        work.files.look()
        assert work.files.n_waiting == 20
        work.end()
        assert [record.path for record in work.records] == [f"media/{n}" for n in range(n_files)]
        assert work.spooled == []


def test_the_end_of_a_run_takes_up_all_of_a_long_spool(tmp_path: Path) -> None:
    n_files = MOST_TAKEN + 20
    with files_at_work(tmp_path) as work:
        for number in range(n_files):
            work.spool((f"media/{number}", b"x"))
        work.end()
        assert len(work.records) == n_files
        assert work.spooled == []


def test_no_chunk_goes_ahead_of_a_manifest_that_is_made_later(tmp_path: Path) -> None:
    """Otherwise the sidecar keeps the log of a run that is done, and never exits."""
    worker, ahead = HeldWorker(), ContentsAhead(tmp_path / "files")
    records: list[File | Artifact] = []

    def record(record: File | Artifact) -> bool:
        records.append(record)
        return True

    files = RunFiles(tmp_path, {"w"}, worker, record, trusts_links=True, ahead=ahead)
    options = {"name": "data", "type": "dataset", "aliases": list[str]()}
    job = Job("artifacts/1.json", MANIFEST, options)
    write_spool(spool_path(tmp_path, "w", 0), [job], [[b""]])
    files.look()
    [order] = worker.held
    chunks = [Chunk(1 << 20, "0" * 64)] * 20
    files.take(order, FileResult("artifacts/1/large.bin", chunks=chunks))
    assert ahead.is_cutting
    assert ahead.is_due()
    files.take(order, FileResult(job.path, error="no space", is_passing=True, is_last=True))
    assert not ahead.is_cutting
    assert not ahead.is_due()
    assert records == []
