"""Reads the files back that `cluster_script.py` logs, whose names say what is in them."""

from __future__ import annotations

import hashlib
import random
from pathlib import Path

import httpx

import weft

PROJECT = "/api/v1/projects/local/cluster"


class ClusterFiles:
    """Files of runs that a server of the cluster has acknowledged. `n_read` is their number."""

    def __init__(self, url: str, key: str) -> None:
        self._client = httpx.Client(
            base_url=url, headers={"Authorization": f"Bearer {key}"}, timeout=60, trust_env=False,
            follow_redirects=True,
        )  # fmt: skip
        self._stored: set[tuple[str, str]] = set()
        self.n_read = 0

    def list(self, run: str) -> set[str]:
        """The paths of a run's files that a server says are stored; what was stored stays so."""
        paths: set[str] = set()
        query = {"prefix": f"{run}/", "limit": "1000"}
        while True:
            answer = self._client.get(f"{PROJECT}/runs/{run}/files", params=query)
            page = answer.raise_for_status().json()
            paths |= {file["path"] for file in page["files"] if file["state"] == "stored"}
            if page["cursor"] is None:
                break
            query["cursor"] = page["cursor"]
        missing = {path for of, path in self._stored if of == run} - paths
        assert not missing, f"{run}: {missing} were stored"
        self._stored |= {(run, path) for path in paths}
        return paths

    def check(self, run: str, path: str) -> None:
        """Read a stored file, whose bytes are right; httpx.HTTPError if they are away."""
        answer = self._client.get(f"{PROJECT}/runs/{run}/files/{path}")
        if answer.status_code != 503:
            assert answer.is_success, f"{run}: {answer.status_code} of {path}: {answer.text}"
        answer.raise_for_status()
        assert_right(Path(path).name, answer.content)
        self.n_read += 1

    def check_one(self, run: str, chance: random.Random) -> None:
        """Read one of the files of a run; httpx.HTTPError if it is away."""
        paths = self.list(run)
        if paths:
            self.check(run, chance.choice(sorted(paths)))

    def check_all(self, run: str, n_files: int) -> None:
        """Read all files of a run that has ended."""
        paths = self.list(run)
        assert {int(Path(path).name.partition("-")[0]) for path in paths} == set(range(n_files))
        for path in paths:
            self.check(run, path)

    def close(self) -> None:
        self._client.close()


def check_artifact(api: weft.Api, run: str, n_files: int, folder: Path) -> None:
    """Download all versions of a run's artifact: each tenth file is one."""
    for version in range(n_files // 10):
        artifact = api.artifact(f"local/cluster/{run}:v{version}")
        downloaded = Path(artifact.download(folder / run / str(version), skip_cache=True))
        (path,) = downloaded.iterdir()
        assert path.name.startswith(f"{version * 10 + 9}-"), path.name
        assert_right(path.name, path.read_bytes())


def assert_right(name: str, content: bytes) -> None:
    n_bytes = int(name.partition("-")[2].removesuffix(".bin"))
    assert len(content) == n_bytes, name
    assert hashlib.shake_256(name.encode()).digest(n_bytes) == content, name
