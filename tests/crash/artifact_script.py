"""The script that `test_artifact_uploads` kills: logs versions of a large file that changes.

    python artifact_script.py RUN RETURNED N_VERSIONS [N_BYTES]

With `N_BYTES` it logs once its run is at the server.

Notes each version whose `log_artifact()` returned, with the hash of its large file.
"""

from __future__ import annotations

import hashlib
import os
import sys
import time
from pathlib import Path

import httpx
import numpy as np

import weft
from weft.sync.files.encoders.chunks import LEAST_BYTES

PROJECT = "uploads"
N_SMALL = 300
LARGE_BYTES = LEAST_BYTES + 1_000_000


def is_at_server(run_id: str) -> bool:
    path = f"/api/v1/projects/local/{PROJECT}/runs/{run_id}"
    try:
        answer = httpx.get(os.environ["WEFT_BASE_URL"] + path, timeout=60, trust_env=False)
    except httpx.TransportError:  # the server was killed
        return False
    return answer.is_success


def main() -> None:
    run_id, returned_path, n_versions = sys.argv[1], sys.argv[2], int(sys.argv[3])
    returned = os.open(returned_path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    rng = np.random.default_rng([*run_id.encode()])
    n_bytes = int(sys.argv[4]) if len(sys.argv) > 4 else LARGE_BYTES
    content = bytearray(rng.bytes(n_bytes))
    small = Path(f"{returned_path}-small")
    small.mkdir()
    for number in range(N_SMALL):
        (small / f"{number}.txt").write_bytes(rng.bytes(2000))
    run = weft.init(project=PROJECT, id=run_id)
    deadline = time.monotonic() + 60
    while n_bytes > LARGE_BYTES and not is_at_server(run_id):
        assert time.monotonic() < deadline, "the run is not at the server"
        time.sleep(0.05)
    for version in range(n_versions):
        at = int(rng.integers(0, len(content)))
        content[at:at] = rng.bytes(700_000)
        artifact = weft.Artifact(run_id, "dataset")
        with artifact.new_file("large.bin", "xb") as file:
            file.write(content)
        artifact.add_dir(str(small), name="small")
        run.log_artifact(artifact)
        digest = hashlib.sha256(content).hexdigest()
        os.write(returned, f"{version} {digest}\n".encode())
    run.finish()


if __name__ == "__main__":
    main()
