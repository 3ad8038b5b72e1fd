"""Three servers of weft that share their stores, behind a real proxy that takes turns."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import Final

import httpx

from caddy import balanced
from free_port import free_port
from s3_server import NewBucket
from server_process import ServerProcess, start_server, wait_until

N_SERVERS: Final = 3

_WRONG_CLOCK: Final = """
import time
time.time = lambda right=time.time: right() + {secs}
time.time_ns = lambda right=time.time_ns: right() + int({secs} * 1e9)
"""


class Deployment:
    """The servers, of which each may be killed and restarted.

    Attributes:
        url: the address of the proxy.
        ports: those of the servers.
    """

    def __init__(
        self,
        folder: Path,
        metadata_urls: Sequence[str],
        bucket: NewBucket,
        metrics_url: str | None,
        options: Sequence[str],
        clock_secs: Sequence[float],
        before: str,
        s3_urls: Sequence[str],
    ) -> None:
        self._folder = folder
        self._environments = [
            bucket.environment | ({"AWS_ENDPOINT_URL": s3_urls[number]} if s3_urls else {})
            for number in range(N_SERVERS)
        ]
        self.port, *self.ports = [free_port() for _ in range(1 + N_SERVERS)]
        self.url = f"http://127.0.0.1:{self.port}"
        self._metadata_urls = metadata_urls
        self._clock_secs = clock_secs
        self._before = before
        self._options = [
            "--files-url", bucket.url, "--public-url", self.url,
            *(["--metrics-url", metrics_url] if metrics_url else []), *options,
        ]  # fmt: skip
        self.servers = [self._start(number) for number in range(N_SERVERS)]

    def _start(self, number: int) -> ServerProcess:
        secs = self._clock_secs[number]
        wrong_clock = _WRONG_CLOCK.format(secs=secs) if secs else ""
        return start_server(
            self._folder / str(number),
            "--port", str(self.ports[number]), "--metadata-url", self._metadata_urls[number],
            *self._options,
            env=self._environments[number],
            before=wrong_clock + (self._before if number == 0 else ""),
        )  # fmt: skip

    def is_ready(self, number: int) -> bool:
        with contextlib.suppress(httpx.HTTPError):
            url = f"http://127.0.0.1:{self.ports[number]}/readyz"
            return httpx.get(url, trust_env=False).is_success
        return False

    def restart(self, number: int) -> None:
        """Start a server that was killed or stopped."""
        self.servers[number] = self._start(number)

    def kill(self, number: int) -> None:
        """Kill a server, and restart it once requests have gone to the others."""
        self.servers[number].kill()
        time.sleep(0.5)
        self.restart(number)

    def restart_in_turn(self) -> None:
        for number in range(N_SERVERS):
            self.servers[number].stop()
            self.restart(number)
            wait_until(lambda number=number: self.is_ready(number), what="a server is ready")

    def stop(self) -> None:
        for server in self.servers:
            server.stop()


@contextlib.contextmanager
def deployed(
    folder: Path,
    metadata_url: str | Sequence[str],
    bucket: NewBucket,
    metrics_url: str | None = None,
    *,
    options: Sequence[str] = (),
    clock_secs: Sequence[float] = (0.0,) * N_SERVERS,
    before: str = "",
    s3_urls: Sequence[str] = (),
) -> Generator[Deployment]:
    """Three servers on one database and bucket.

    Args:
        metadata_url: the address of the database, or that of each server.
        metrics_url: the address of ClickHouse; None if the database has a place for points.
        options: more options of `weft server`.
        clock_secs: how far the clock of each server is ahead.
        before: Python that the first server runs before it starts.
        s3_urls: the address of S3 for each server; that of the bucket by default.
    """
    with contextlib.ExitStack() as stack:
        urls = [metadata_url] * N_SERVERS if isinstance(metadata_url, str) else metadata_url
        deployment = Deployment(
            folder, urls, bucket, metrics_url, options, clock_secs, before, s3_urls
        )
        stack.callback(deployment.stop)
        stack.enter_context(
            balanced(folder / "caddy", deployment.port, deployment.ports, health="/readyz")
        )
        yield deployment
