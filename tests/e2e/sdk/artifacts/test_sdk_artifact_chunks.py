"""A large file that changed in part: only its changed chunks are sent, and it comes back exact."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from live_runs import PROJECT, LiveServer
from sdk_script import run_well
from stored_blobs import stored_blobs
from weft.sync.files.encoders.chunks import LEAST_BYTES

pytestmark = pytest.mark.timeout(300)

N_BYTES = LEAST_BYTES + 12_345_678

LOG = """
import weft
run = weft.init(project={project!r}, id={run!r})
artifact = weft.Artifact("big", "dataset")
artifact.add_file("big.bin")
artifact.add_file("note.txt")
run.log_artifact(artifact).wait(120)
run.finish()
"""


def n_stored_bytes(live: LiveServer) -> int:
    """Bytes of all contents but those that are kept together in one database."""
    blobs = (live.process.data / "blobs").glob("[0-9a-f][0-9a-f]/*")
    return sum(path.stat().st_size for path in blobs)


def log(live: LiveServer, folder: Path, run: str, content: bytes) -> None:
    (folder / "big.bin").write_bytes(content)
    (folder / "note.txt").write_text(run)
    run_well(folder, LOG.format(project=PROJECT, run=run), live.environment)


def changed_ways(content: bytes) -> dict[str, bytes]:
    """Copies that differ from a content in about 1 %."""
    at, n_bytes = len(content) // 3, len(content) // 100
    new = np.random.default_rng(1).bytes(n_bytes)
    return {
        "overwritten": content[:at] + new + content[at + n_bytes :],
        "inserted": content[:at] + new + content[at:],
        "appended": content + new,
        "removed": content[:at] + content[at + n_bytes :],
    }


@pytest.mark.at_length
def test_one_percent_that_changed_moves_at_most_five(live: LiveServer, tmp_path: Path) -> None:
    content = np.random.default_rng(0).bytes(N_BYTES)
    log(live, tmp_path, "first", content)
    before = n_stored_bytes(live)
    assert before >= N_BYTES
    versions = [content]
    for run, changed in changed_ways(content).items():
        log(live, tmp_path, run, changed)
        versions.append(changed)
        after = n_stored_bytes(live)
        assert 0 < after - before <= 0.05 * N_BYTES + 100_000, run
        before = after
    for number, expected in enumerate(versions):
        artifact = live.api.artifact(f"local/{PROJECT}/big:v{number}")
        folder = Path(artifact.download(str(tmp_path / f"v{number}"), skip_cache=True))
        assert (folder / "big.bin").read_bytes() == expected
        artifact.verify(str(folder))
        sizes = {entry.path: entry.n_bytes for entry in artifact.manifest.entries}
        assert sizes["big.bin"] == len(expected)
    assert hashlib.sha256(content).hexdigest() not in stored_blobs(live.process.data)
    live.api.artifact(f"local/{PROJECT}/big:v0").delete(delete_aliases=True)
    folder = Path(live.api.artifact(f"local/{PROJECT}/big:v1").download(str(tmp_path / "again")))
    assert (folder / "big.bin").read_bytes() == versions[1]
