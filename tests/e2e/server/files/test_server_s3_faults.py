"""A bucket that answers 503, cuts bodies in the middle or is slow: nothing is lost or wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import weft
from faulty_relay import FaultyRelay
from s3_server import NewBucket, S3Server
from sdk_script import run_script
from server_process import start_server

SCRIPT = """
import os
from pathlib import Path
import numpy as np
import weft

run = weft.init(project="p", id="one")
files = Path("files")
files.mkdir()
for number, n_bytes in enumerate((10, 300_000, 6_000_000, 18_000_000)):
    (files / str(number)).write_bytes(os.urandom(n_bytes))
artifact = weft.Artifact("data", "dataset")
artifact.add_dir("files")
run.log_artifact(artifact)
for step in range(5):
    run.log({"loss": step, "image": weft.Image(np.full((64, 64), step * 40, np.uint8))})
artifact.wait(100)
run.finish()
"""

FIRST = 6
"""Connections that have a fault before the bucket is well again."""


def every_second(number: int) -> bool:
    return number % 2 == 0


def after_a_megabyte(number: int) -> int:
    return 1_000_000


def cut_first(n_bytes: int) -> Callable[[int], int | None]:
    return lambda number: n_bytes if number < FIRST else None


@pytest.mark.parametrize(
    "faults",
    [
        pytest.param({"is_busy": every_second}, id="503", marks=pytest.mark.at_length),
        pytest.param({"most_up": cut_first(200_000)}, id="uploads cut"),
        pytest.param({"most_down": cut_first(30)}, id="answers cut", marks=pytest.mark.at_length),
        pytest.param({"lag_secs": 0.02}, id="slow", marks=pytest.mark.at_length),
    ],
)
def test_what_a_script_logs_arrives_whatever_the_bucket_does(
    tmp_path: Path, s3_server: S3Server, s3_bucket: NewBucket, faults: dict[str, Any]
) -> None:
    with (
        FaultyRelay(s3_server.url, **faults) as relay,
        start_server(
            tmp_path / "server",
            "--files-url",
            s3_bucket.url,
            env={**s3_bucket.environment, "AWS_ENDPOINT_URL": relay.url},
        ) as server,
    ):
        relay.start_faults()
        script = run_script(tmp_path, SCRIPT, {"WEFT_MODE": "online", "WEFT_BASE_URL": server.url})
        assert script.exit_code == 0, script.stderr
        api = weft.Api(server.url, api_key=server.token)
        folder = Path(
            api.artifact("local/p/data:v0").download(str(tmp_path / "got"), skip_cache=True)
        )
        for path in (tmp_path / "files").iterdir():
            assert (folder / path.name).read_bytes() == path.read_bytes()
        run = api.run("local/p/one")
        assert [row["loss"] for row in run.scan_history(keys=["loss"])] == [0, 1, 2, 3, 4]
        images = [file for file in run.files() if file.name.startswith("media/")]
        assert len(images) == 5
        assert all(len(file.read()) == file.size for file in images)
        assert relay.n_connections > 0
        assert relay.n_faults > 0 or "lag_secs" in faults


def test_a_download_that_the_bucket_cuts_is_never_taken_for_whole(
    tmp_path: Path, s3_server: S3Server, s3_bucket: NewBucket
) -> None:
    with (
        FaultyRelay(s3_server.url, most_down=after_a_megabyte) as relay,
        start_server(
            tmp_path / "server",
            "--files-url",
            s3_bucket.url,
            env={**s3_bucket.environment, "AWS_ENDPOINT_URL": relay.url},
        ) as server,
    ):
        script = run_script(tmp_path, SCRIPT, {"WEFT_MODE": "online", "WEFT_BASE_URL": server.url})
        assert script.exit_code == 0, script.stderr
        artifact = weft.Api(server.url, api_key=server.token).artifact("local/p/data:v0")
        relay.start_faults()
        target = tmp_path / "got"
        try:
            artifact.download(str(target), skip_cache=True)
        except weft.errors.WeftError:
            pass  # it may also have continued each part until it was whole
        for path in target.rglob("*"):
            if path.is_file():
                assert path.read_bytes() == (tmp_path / "files" / path.name).read_bytes()
        assert relay.n_faults > 0
        relay.stop_faults()
        artifact.download(str(target), skip_cache=True)
        assert sorted(path.name for path in target.iterdir()) == ["0", "1", "2", "3"]
