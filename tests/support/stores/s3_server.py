"""A real S3 server of the tests' own, SeaweedFS: started on first use, gone at the end.

Fixtures of all tests: `s3_server`, and a new `s3_bucket` of it.
"""

from __future__ import annotations

import hmac
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import obstore
import pytest
from obstore.store import S3Store

from free_port import free_port

BUCKET = "weft-tests"
_START_SECS = 60.0
_PORTS = ("master.port", "master.port.grpc", "volume.port", "volume.port.grpc", "filer.port",
          "filer.port.grpc", "s3.port", "s3.port.grpc")  # fmt: skip


@dataclass(frozen=True)
class NewBucket:
    """A new, empty prefix of the bucket, which stands for a bucket of its own: that takes longer.

    Attributes:
        prefix: the beginning of its keys.
    """

    server: S3Server
    prefix: str

    @property
    def url(self) -> str:
        """As `weft server --files-url` takes it."""
        return f"s3://{BUCKET}/{self.prefix}"

    @property
    def environment(self) -> dict[str, str]:
        """The variables with which it is reached."""
        return self.server.environment()

    def store(self) -> S3Store:
        """It as `obstore` sees it."""
        return self.server.store(self.prefix)

    def objects(self) -> list[str]:
        """The keys of all its objects, in order, without the prefix."""
        return [content["path"] for page in obstore.list(self.store()) for content in page]

    def blobs(self) -> set[str]:
        """The SHA-256 of all its blobs."""
        return {key.rpartition("/")[2] for key in self.objects() if key.count("/") == 1}


class S3Server:
    """A running server. Each of its keys may do what its name says."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="weft-s3-"))
        (self._folder / "data").mkdir()
        (self._folder / "s3.json").write_text(json.dumps({"identities": [
            _identity("admin", ["Admin", "Read", "Write", "List", "Tagging"]),
            _identity("reader", ["Read", "List"]),
        ]}))  # fmt: skip
        self._ports = {name: free_port() for name in _PORTS}
        self.url = f"http://127.0.0.1:{self._ports['s3.port']}"
        self._process: subprocess.Popen[bytes]
        self.start()

    def start(self) -> None:
        """Start it, at first and after `kill`, and wait until it serves."""
        command = [
            str(Path(sys.executable).with_name("weed")), f"-logdir={self._folder}", "server",
            "-ip=127.0.0.1",
            f"-dir={self._folder / 'data'}", "-master.telemetry=false",
            "-master.volumeSizeLimitMB=1024", "-volume.max=0", "-filer", "-s3",
            f"-s3.config={self._folder / 's3.json'}", "-s3.port.iceberg=0", "-s3.port.lance=0",
            "-s3.autoCreateBucket=false", f"-s3.localSocket={self._folder / 's3.sock'}",
            f"-filer.localSocket={self._folder / 'filer.sock'}",
            *(f"-{name}={port}" for name, port in self._ports.items()),
        ]  # fmt: skip
        log = self._folder / "log"
        with log.open("ab") as into:
            self._process = subprocess.Popen(
                command, cwd=self._folder, stdin=subprocess.DEVNULL, stdout=into, stderr=into
            )
        deadline = time.monotonic() + _START_SECS
        while not self._serves():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self._process.kill()
                raise RuntimeError(f"no S3 server: {log.read_text(errors='replace')[-4000:]}")
            time.sleep(0.05)

    def _serves(self) -> bool:
        """Whether it takes an object, which needs all of its parts."""
        try:
            # The library can't make a bucket, but sign the address of one: that of no key.
            url = obstore.sign(self.store(), "PUT", "", timedelta(minutes=1))
            if httpx.put(url).status_code not in {200, 409}:
                return False
            obstore.put(self.store(), "probe", b"x")
        except (httpx.HTTPError, OSError, obstore.exceptions.BaseError):
            return False
        return True

    def environment(self, key: str = "admin") -> dict[str, str]:
        """The variables with which it is reached by a key."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": key,
            "AWS_SECRET_ACCESS_KEY": f"{key}-secret",
        }

    def store(self, prefix: str | None = None, bucket: str = BUCKET) -> S3Store:
        """A bucket, or a prefix of it, as `obstore` sees it."""
        return S3Store(
            bucket,
            prefix=prefix,
            endpoint=self.url,
            region="us-east-1",
            access_key_id="admin",
            secret_access_key="admin-secret",
            client_options={"allow_http": True},
            retry_config={"max_retries": 0},
        )

    def versioned_bucket(self) -> tuple[str, S3Store]:
        """The address of a new bucket that keeps each version of its objects, and the bucket."""
        bucket = f"versions-{uuid.uuid4().hex[:12]}"
        store = self.store(bucket=bucket)
        httpx.put(obstore.sign(store, "PUT", "", timedelta(minutes=1))).raise_for_status()
        self._keep_versions(bucket)
        return f"s3://{bucket}", store

    def _keep_versions(self, bucket: str) -> None:
        """Switch the versions of a bucket on, which the library can't; signed as S3 demands."""
        body = b"<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
        scope = f"{stamp[:8]}/us-east-1/s3/aws4_request"
        names = "host;x-amz-content-sha256;x-amz-date"
        own = {"x-amz-content-sha256": sha256(body).hexdigest(), "x-amz-date": stamp}
        values = {"host": self.url.partition("://")[2], **own}
        headers = [f"{name}:{value}" for name, value in values.items()]
        lines = [
            "PUT",
            f"/{bucket}/",
            "versioning=",
            *headers,
            "",
            names,
            sha256(body).hexdigest(),
        ]
        canonical = "\n".join(lines)
        signed = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{sha256(canonical.encode()).hexdigest()}"
        key = b"AWS4admin-secret"
        for part in scope.split("/"):
            key = hmac.digest(key, part.encode(), "sha256")
        signature = hmac.digest(key, signed.encode(), "sha256").hex()
        authorization = (
            f"AWS4-HMAC-SHA256 Credential=admin/{scope}, SignedHeaders={names}, "
            f"Signature={signature}"
        )
        httpx.put(
            f"{self.url}/{bucket}/?versioning=",
            content=body,
            headers={**own, "Authorization": authorization},
        ).raise_for_status()

    def new_bucket(self) -> NewBucket:
        return NewBucket(self, f"{uuid.uuid4().hex}/weft")

    @contextmanager
    def paused(self) -> Generator[None]:
        """It hangs: connections stay open, and nothing is answered."""
        os.kill(self._process.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self._process.pid, signal.SIGCONT)

    def kill(self) -> None:
        """End it as a crash would, and keep what it has."""
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        self.kill()
        shutil.rmtree(self._folder, ignore_errors=True)
        for port in self._ports.values():
            for left in Path("/tmp").glob(f"seaweedfs-*-{port}.sock"):  # noqa: S108, RUF100
                left.unlink(missing_ok=True)


def _identity(name: str, actions: list[str]) -> dict[str, Any]:
    keys = [{"accessKey": name, "secretKey": f"{name}-secret"}]
    return {"name": name, "credentials": keys, "actions": actions}


@pytest.fixture(scope="session")
def s3_server() -> Iterator[S3Server]:
    """The S3 server of this test session."""
    server = S3Server()
    yield server
    server.stop()


@pytest.fixture
def s3_bucket(s3_server: S3Server) -> NewBucket:
    """A new, empty bucket."""
    return s3_server.new_bucket()
