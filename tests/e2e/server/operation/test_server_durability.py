"""A server acknowledges what is on the disk: its files are synced before its answer.

A killed process loses nothing that it has written, synced or not, so the system calls themselves
are watched (`tests/support/scripts/fsync_shim.c`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import httpx
import msgspec
import pytest

from run_log_bytes import HandMadeLog
from server_process import start_server
from shims import build_shim
from weft.records.record import File

RUN = "/api/v1/projects/local/{project}/runs/run1"


class Synced:
    """The files that the server has synced since the last call, in order."""

    def __init__(self, notes: Path) -> None:
        self._notes = notes
        self._n_read = 0

    def kinds(self) -> list[str]:
        lines = self._notes.read_text().splitlines() if self._notes.exists() else []
        fresh, self._n_read = lines[self._n_read :], len(lines)
        return [kind for line in fresh if (kind := _kind(Path(line.partition(" ")[2])))]


def _kind(path: Path) -> str:
    if path.name.startswith(("metadata.db", "small.sqlite")):
        return path.name
    if path.parent.name == "drafts":
        return "blob"
    if path.parent.name == "blobs":
        return "blob names"
    return f"metrics{path.suffix}" if path.parent.name == "metrics" else ""


@pytest.fixture(scope="module")
def synced_server(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[httpx.Client, Synced]]:
    tmp_path = tmp_path_factory.mktemp("server")
    notes = tmp_path / "syncs"
    shim = build_shim("fsync_shim", tmp_path)
    environment = {"LD_PRELOAD": str(shim), "SHIM_SYNCED": str(notes)}
    with (
        start_server(tmp_path, env=environment) as process,
        httpx.Client(base_url=process.url, timeout=30.0, trust_env=False) as client,
    ):
        yield client, Synced(notes)


def test_an_answer_comes_after_the_sync_of_what_it_acknowledges(
    synced_server: tuple[httpx.Client, Synced],
) -> None:
    client, synced = synced_server
    log = HandMadeLog(project="rows")
    log.keys("loss")
    log.rows([[0.5]])
    synced.kinds()

    assert log.upload(client).status_code == 200
    synced_kinds = synced.kinds()
    assert {"metrics.db-wal", "metadata.db-wal"} <= set(synced_kinds)
    # The tables of a new file are synced before it takes rows: their log, then the file itself.
    assert "metrics.db" in synced_kinds[synced_kinds.index("metrics.db-wal") :]

    for n_rows in range(2, 5):
        log.rows([[0.25]])
        assert log.upload(client, start=log.ends[-2]).json()["position"] == len(log.data)
        assert "metrics.db-wal" in synced.kinds(), n_rows

    client.patch(RUN.format(project="rows"), json={"notes": "kept"}).raise_for_status()
    assert "metadata.db-wal" in synced.kinds()


def test_contents_sent_together_are_synced_before_their_answer(
    synced_server: tuple[httpx.Client, Synced],
) -> None:
    client, synced = synced_server
    contents = [b"first", b"second"]
    log = HandMadeLog(project="contents")
    for content in contents:
        digest = hashlib.sha256(content).hexdigest()
        log.add(File(f"{digest}.txt", len(content), digest))
    log.upload(client).raise_for_status()
    synced.kinds()
    address = f"/api/v1/projects/local/{log.project}/contents"
    client.post(address, content=msgspec.msgpack.encode(contents)).raise_for_status()
    synced_kinds = [kind for kind in synced.kinds() if kind.endswith("-wal")]
    after = synced_kinds[synced_kinds.index("small.sqlite-wal") :]
    assert "metadata.db-wal" in after, "a content is there before a row names it"


def test_a_file_and_its_name_are_synced_before_its_answer(
    synced_server: tuple[httpx.Client, Synced],
) -> None:
    client, synced = synced_server
    log = HandMadeLog(project="files")
    run = RUN.format(project="files")
    log.upload(client).raise_for_status()
    synced.kinds()
    client.put(f"{run}/files/notes.txt", content=b"kept").raise_for_status()
    synced_kinds = synced.kinds()
    assert "metadata.db-wal" in synced_kinds[synced_kinds.index("small.sqlite-wal") :]
    client.put(f"{run}/files/model.bin", content=bytes(300_000)).raise_for_status()
    synced_kinds = [kind for kind in synced.kinds() if not kind.startswith("metrics")]
    # Row after name, name after content: a row names only what is there.
    assert synced_kinds.index("blob") < synced_kinds.index("blob names")
    assert "metadata.db-wal" in synced_kinds[synced_kinds.index("blob names") :]
