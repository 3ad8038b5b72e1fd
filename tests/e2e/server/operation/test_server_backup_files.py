"""Backups made while a script logs images, saved files and artifacts: the restored server has each
file that the server had before the backup, right to the byte, and no version that lacks one.
"""

from __future__ import annotations

import hashlib
import io
import subprocess
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import PIL.Image
import pytest

import backup_script
from at_length import case_at_length
from backup_script import ARTIFACT, PROJECT, pixels_of, saved_by, version_of
from sdk_script import script_environment
from server_process import ServerProcess, start_server, wait_until
from weft.records.files.artifacts import ManifestEntry, digest_of
from weft.sync.files.encoders.chunks import LEAST_BYTES
from weft_command import run_weft

SCRIPT = Path(backup_script.__file__)
RUN = "one"
VERSIONS = f"artifacts/{ARTIFACT}/versions"


class Reader:
    """Reads a server's project."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def content(self, path: str) -> bytes:
        return self._client.get(path).raise_for_status().content

    def listed(self, path: str, part: str) -> list[dict[str, Any]]:
        """All of a list that comes in pages; empty while there is no such thing."""
        listed: list[dict[str, Any]] = []
        cursor = ""
        while True:
            query = {"limit": 100, **({"cursor": cursor} if cursor else {})}
            answer = self._client.get(path, params=query)
            if answer.status_code == 404:
                return []
            page = answer.raise_for_status().json()
            listed += page[part]
            cursor = page["cursor"]
            if not cursor:
                return listed

    def versions(self) -> dict[str, dict[str, Any]]:
        """The stored versions, by `v0` and so on."""
        return {version["version"]: version for version in self.listed(VERSIONS, "versions")}

    def n_versions(self) -> int:
        return len(self.versions())

    def files(self) -> dict[str, str]:
        """The SHA-256 of the stored files of the run, by path."""
        files = self.listed(f"runs/{RUN}/files", "files")
        return {file["path"]: file["sha256"] for file in files if file["state"] == "stored"}


@contextmanager
def reading(server: ServerProcess) -> Generator[Reader]:
    base = f"{server.url}/api/v1/projects/local/{PROJECT}/"
    with httpx.Client(base_url=base, timeout=60, trust_env=False) as client:
        yield Reader(client)


def assert_versions_are_whole(server: Reader, n_large_bytes: int) -> None:
    """Each has the files that were logged, with the hashes that it names."""
    for version, described in server.versions().items():
        logged = version_of(int(version[1:]), n_large_bytes)
        files = server.listed(f"{VERSIONS}/{version}/files", "files")
        assert {file["path"] for file in files} == set(logged)
        for file in files:
            content = server.content(f"{VERSIONS}/{version}/files/{file['path']}")
            assert content == logged[file["path"]], (version, file)
            assert hashlib.sha256(content).hexdigest() == file["sha256"], (version, file)
        entries = [ManifestEntry(file["path"], file["n_bytes"], file["sha256"]) for file in files]
        assert described["digest"] == digest_of(entries)
        assert described["n_files"] == len(logged)
        assert described["n_bytes"] == sum(map(len, logged.values()))


def assert_files_are_whole(server: Reader) -> None:
    """The stored files of the run are as they were logged: images by pixel, others by byte."""
    stored = server.files()
    rows = server.listed(f"runs/{RUN}/history", "rows")
    images = {row["image"]["path"]: row["i"] for row in rows}
    saved = dict(saved_by(row["i"]) for row in rows)
    assert images.keys() & stored
    assert saved.keys() & stored
    for path, sha256 in stored.items():
        content = server.content(f"runs/{RUN}/files/{path}")
        assert hashlib.sha256(content).hexdigest() == sha256, path
        if path in images:
            pixels = np.asarray(PIL.Image.open(io.BytesIO(content)))
            assert (pixels == pixels_of(images[path])).all(), path
        if path in saved:
            assert content == saved[path], path


@pytest.mark.parametrize(
    ("is_in_bucket", "n_large_bytes"),
    [
        pytest.param(False, 300_000, id="disk"),
        case_at_length(False, LEAST_BYTES, id="disk-chunks"),
        case_at_length(True, LEAST_BYTES, id="bucket-chunks"),
    ],
)
def test_a_restored_server_has_all_files_of_a_script_that_went_on(
    tmp_path: Path, is_in_bucket: bool, n_large_bytes: int, request: pytest.FixtureRequest
) -> None:
    arguments: list[str] = []
    bucket_env: Mapping[str, str] = {}
    if is_in_bucket:
        bucket = request.getfixturevalue("s3_bucket")
        arguments, bucket_env = ["--files-url", bucket.url], bucket.environment
    with start_server(tmp_path, *arguments, env=bucket_env) as server, reading(server) as before:
        script = subprocess.Popen(
            [sys.executable, str(SCRIPT), RUN, str(n_large_bytes)],
            cwd=tmp_path,
            env=script_environment({"WEFT_MODE": "online", "WEFT_BASE_URL": server.url}),
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            # Version 5 is the second with a large file.
            wait_until(lambda: before.n_versions() > 8, secs=120, what="versions are stored")
            back_up(server, tmp_path / "backups")
            n_then = before.n_versions()
            wait_until(lambda: before.n_versions() > n_then, what="the script went on")
            versions, files = before.versions(), before.files()
            back_up(server, tmp_path / "backups")
            n_then = before.n_versions()
            wait_until(lambda: before.n_versions() > n_then, what="the script went on")
            (tmp_path / "enough").touch()
            _, stderr = script.communicate(timeout=120)
            assert script.returncode == 0, stderr
        finally:
            script.kill()
        n_logged = before.n_versions()
        server.kill()
    restored = tmp_path / "restored"
    done = run_weft("server", "restore", tmp_path / "backups", "--data", restored)
    assert done.exit_code == 0, done.stderr
    with start_server(tmp_path, "--data", str(restored)) as again, reading(again) as after:
        assert versions.keys() <= after.versions().keys()
        assert files.items() <= after.files().items()
        assert after.n_versions() < n_logged, "the backup was made in between"
        assert_versions_are_whole(after, n_large_bytes)
        assert_files_are_whole(after)
        checked = run_weft("server", "check", "--data", restored, "--json")
        assert (checked.exit_code, checked.report["problems"]) == (0, [])
        assert checked.report["n_blobs"] >= len(versions)


def back_up(server: ServerProcess, to: Path) -> None:
    done = run_weft(
        "server", "backup", to, "--data", server.data, "--json", env=server.environment
    )
    assert done.exit_code == 0, done.stderr
    assert done.report["missing"] == []
