"""Objects in an S3 bucket, or in one of the many stores that speak its protocol. Does I/O.

The only module that knows `obstore`. Its faults become `weft.errors` here: what a client may be
told is in the message, and the bucket's own words, which name hosts, are in the server's log.
"""

from __future__ import annotations

import contextlib
import logging
import os
import re
import threading
import time
from collections.abc import Generator, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from weft.errors import ConfigError, MissingLibrary, NotFound, Unavailable
from weft.server.storage.blobs.contract import PIECE_BYTES
from weft.server.storage.blobs.read_ahead import read_ahead

if TYPE_CHECKING:
    from obstore.store import S3Store

PART_BYTES: Final = 8 * 2**20
"""The most bytes sent or held at once. Larger objects are sent in several parts."""

_PARTS_AT_ONCE: Final = 4
_MOST_PARTS: Final = 9_000
"""S3 takes 10,000."""

_STREAM_BYTES: Final = PIECE_BYTES // 2
"""The library waits for this much. The pieces that it returns are often a little longer."""

_CONNECT_SECS: Final = 5
_SILENT_SECS: Final = 20
"""The longest silence of a bucket."""

_PARTS_SECS: Final = 120
"""The longest time for sending a part. The library counts it as silence."""

_RETRIES: Final = 3
_RETRY_SECS: Final = 10
_LOG_SECS: Final = 60.0

_URL: Final = re.compile(r"s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/(.*))?", re.ASCII)
_PREFIX: Final = re.compile(r"[A-Za-z0-9!_.*'()-]+(/[A-Za-z0-9!_.*'()-]+)*", re.ASCII)

_log = logging.getLogger(__name__)


class Stored(NamedTuple):
    """An object of a bucket."""

    key: str
    n_bytes: int


class S3Bucket:
    """The objects of a bucket whose keys begin with a prefix. Thread-safe.

    Endpoint, region and credentials come from the standard `AWS_` variables, or from the machine
    that it runs on. The URL is `s3://bucket/prefix`; the prefix may be missing. MissingLibrary if
    `obstore` is not installed.
    """

    def __init__(self, url: str) -> None:
        self.name, prefix = parsed_url(url)
        self.url = f"s3://{self.name}/{prefix}".rstrip("/")
        self._logged_at = float("-inf")
        try:
            import obstore
            from obstore.store import S3Store
        except ImportError:
            raise MissingLibrary(
                f"files can't be kept at {self.url}: the package obstore is missing; install it "
                "with: pip install obstore"
            ) from None
        self._api: Any = obstore
        self._errors: Any = obstore.exceptions
        self._is_silent = False
        self._trial = threading.Lock()

        def connected(silent_secs: int) -> S3Store:
            return S3Store(
                self.name,
                prefix=prefix or None,
                client_options={
                    "allow_http": self.endpoint.startswith("http://"),
                    "connect_timeout": timedelta(seconds=_CONNECT_SECS),
                    "read_timeout": timedelta(seconds=silent_secs),
                    # A whole download may take days.
                    "timeout": timedelta(days=7),
                },
                retry_config={
                    "max_retries": _RETRIES,
                    "retry_timeout": timedelta(seconds=_RETRY_SECS),
                    "backoff": {"max_backoff": timedelta(seconds=2)},
                },
            )

        try:
            self._store = connected(_SILENT_SECS)
            self._store_of_parts = connected(_PARTS_SECS)
        except (ValueError, self._errors.BaseError) as error:
            raise ConfigError(
                f"files can't be kept at {self.url}: {_first_line(error)}; "
                "correct the AWS_ variables"
            ) from None

    @property
    def endpoint(self) -> str:
        """The address of the S3 server; empty for Amazon's own."""
        names = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT")
        return next((value for name in names if (value := os.environ.get(name))), "")

    def create(self, key: str, data: bytes | Path) -> bool:
        """Store an object, durably, in one request unless there is one of that key.

        Returns whether it was stored.
        """
        with self._writing():
            try:
                self._api.put(self._store, key, data, mode="create")
            except self._errors.AlreadyExistsError:
                return False
        return True

    def create_in_parts(self, key: str, path: Path) -> None:
        """Store a file as an object, in parts, with bounded memory, unless it is there.

        The object appears once all parts have arrived; it is durable when this returns.
        """
        n_bytes = path.stat().st_size
        with self._writing():
            with contextlib.suppress(FileNotFoundError):
                if self._api.head(self._store, key)["size"] == n_bytes:
                    return
            self._api.put(
                self._store_of_parts,
                key,
                path,
                chunk_size=_part_bytes(n_bytes),
                max_concurrency=_parts_at_once(n_bytes),
            )

    def create_from(self, key: str, pieces: Iterable[bytes], n_bytes: int) -> None:
        """Store pieces as one object, with bounded memory, unless it is there.

        The object appears once all have arrived; it is durable when this returns.
        """
        if n_bytes <= PART_BYTES:
            self.create(key, b"".join(pieces))
            return
        with self._writing():
            with contextlib.suppress(FileNotFoundError):
                if self._api.head(self._store, key)["size"] == n_bytes:
                    return
            with read_ahead(pieces) as ready:
                self._api.put(
                    self._store_of_parts,
                    key,
                    ready,
                    chunk_size=_part_bytes(n_bytes),
                    max_concurrency=_parts_at_once(n_bytes),
                )

    def size(self, key: str) -> int | None:
        """The size of an object; None if the key is not found."""
        with self._reading():
            try:
                return self._api.head(self._store, key)["size"]
            except FileNotFoundError:
                return None

    def get(self, key: str) -> bytes | None:
        """The content of a small object; None if the key is not found."""
        with self._reading():
            try:
                return bytes(self._api.get(self._store, key).bytes())
            except FileNotFoundError:
                return None

    def read(self, key: str, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """Read bytes `[start, stop)`, at least one, in pieces.

        It is open when this returns. `start` is less than the object's size.
        """
        options: dict[str, Any] = {}
        if stop is not None:
            options["range"] = (start, stop)
        elif start:
            options["range"] = {"offset": start}
        with self._reading():
            try:
                object_ = self._api.get(self._store, key, options=options)
            except FileNotFoundError:
                raise NotFound(f"no object {key}") from None
            stream = object_.stream(min_chunk_size=_STREAM_BYTES)
        return self._pieces(stream)

    def _pieces(self, stream: Iterator[Any]) -> Iterator[bytes]:
        while True:
            with self._faults("the file can't be read to its end"):
                chunk = next(stream, None)
            if chunk is None:
                return
            view = memoryview(chunk)
            for at in range(0, len(view), PIECE_BYTES):
                yield bytes(view[at : at + PIECE_BYTES])

    def delete(self, keys: Sequence[str]) -> None:
        """Delete objects; those that are missing are no fault."""
        with self._writing():
            self._api.delete(self._store, list(keys))

    def list(self, prefix: str | None = None, *, older_secs: float = 0) -> Iterator[Stored]:
        """All objects below the prefix, by key; with another `prefix`, those below both.

        With `older_secs`, those alone that are as old by the clocks of this server and the bucket.
        """
        latest = datetime.now(UTC) - timedelta(seconds=older_secs) if older_secs else None
        with self._reading():
            pages = iter(self._api.list(self._store, prefix, chunk_size=1000))
        while True:
            with self._reading():
                page = next(pages, None)
            if page is None:
                return
            for entry in page:
                if latest is None or entry["last_modified"] < latest:
                    yield Stored(entry["path"], entry["size"])

    def signed(self, key: str, secs: int) -> str:
        """An address from which anyone can download an object for some time."""
        with self._reading():
            return self._api.sign(self._store, "GET", key, timedelta(seconds=secs))

    def _writing(self) -> contextlib.AbstractContextManager[None]:
        return self._request("files can't be stored now")

    def _reading(self) -> contextlib.AbstractContextManager[None]:
        return self._request("files can't be read now")

    @contextlib.contextmanager
    def _request(self, failure: str) -> Generator[None]:
        """Make a request; while the bucket is silent, only one at a time, and fail all others.

        Else a bucket that hangs would soon hold all threads of the server.
        """
        is_trial = self._is_silent
        if is_trial and not self._trial.acquire(blocking=False):
            raise S3Fault(f"{failure}: the bucket does not answer", "silent")
        is_silent = False
        try:
            with self._faults(failure):
                yield
        except S3Fault as fault:
            is_silent = fault.kind == "silent"
            raise
        finally:
            self._is_silent = is_silent
            if is_trial:
                self._trial.release()

    @contextlib.contextmanager
    def _faults(self, failure: str) -> Generator[None]:
        try:
            yield
        except FileNotFoundError as error:
            # A missing object was handled before.
            self._note(error)
            raise S3Fault(f"{failure}: the bucket is missing", "missing") from error
        except (self._errors.PermissionDeniedError, self._errors.UnauthenticatedError) as error:
            self._note(error)
            raise S3Fault(f"{failure}: the bucket refuses access", "denied") from error
        except (self._errors.BaseError, OSError) as error:
            self._note(error)
            raise S3Fault(f"{failure}: the bucket does not answer", "silent") from error

    def _note(self, error: Exception) -> None:
        """Write the bucket's own words to the log, at most once a minute."""
        now = time.monotonic()
        if now - self._logged_at >= _LOG_SECS:
            self._logged_at = now
            _log.warning("%s: %s", self.url, _first_line(error))


class S3Fault(Unavailable):
    """A request to a bucket failed: it is `missing`, access was `denied`, or it was `silent`."""

    def __init__(self, message: str, kind: str) -> None:
        super().__init__(message)
        self.kind = kind


def _part_bytes(n_bytes: int) -> int:
    return max(PART_BYTES, -(-n_bytes // _MOST_PARTS))


def _parts_at_once(n_bytes: int) -> int:
    return max(1, _PARTS_AT_ONCE * PART_BYTES // _part_bytes(n_bytes))


def parsed_url(url: str) -> tuple[str, str]:
    """Bucket and prefix of an address.

    >>> parsed_url("s3://lab-runs/weft/files/"), parsed_url("s3://lab-runs")
    (('lab-runs', 'weft/files'), ('lab-runs', ''))
    >>> parsed_url("lab-runs")
    Traceback (most recent call last):
    weft.errors.ConfigError: invalid address of files 'lab-runs': it must be s3://bucket or
    s3://bucket/prefix
    """
    match = _URL.fullmatch(url)
    prefix = (match[2] or "").strip("/") if match else ""
    if match is None or (prefix and not _is_prefix(prefix)):
        raise ConfigError(
            f"invalid address of files {url!r}: it must be s3://bucket or s3://bucket/prefix"
        )
    return match[1], prefix


def _is_prefix(text: str) -> bool:
    return _PREFIX.fullmatch(text) is not None and not {".", ".."} & set(text.split("/"))


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]
