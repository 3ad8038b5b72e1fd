"""Files in buckets, `s3://` and `gs://`. Does network I/O with obstore.

An address may name one version of a file: `s3://bucket/key?versionId=…`, `gs://bucket/key#…`.

Endpoint, region and credentials come from the standard `AWS_` and `GOOGLE_` variables, or from the
machine that it runs on.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Generator, Iterator
from datetime import timedelta
from importlib import import_module
from typing import Any, Final

from weft.errors import CommError, Forbidden, MissingLibrary, NotFound, Unavailable, UsageError
from weft.records.files.artifact_references import address_of_object_version, split_object_version
from weft.sdk.artifacts.remote.contract import RemoteFile

_CONNECT_SECS: Final = 5
_SILENT_SECS: Final = 30
_RETRIES: Final = 3
_RETRY_SECS: Final = 15
_PIECE_BYTES: Final = 1 << 20
_ENDPOINTS: Final = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT")


class BucketStore:
    """The buckets of one kind, `s3` or `gs`. What they say of a file is its ETag."""

    def __init__(self, kind: str) -> None:
        try:
            self._api: Any = import_module("obstore")
        except ImportError:
            raise MissingLibrary(
                f"{kind}:// addresses are read by the package obstore, which is not installed: "
                "pip install obstore. Without it, add_reference(checksum=False) notes the "
                "address only, and download(allow_missing_references=True) leaves it there"
            ) from None
        self._kind = kind
        self._stores: dict[str, Any] = {}

    def files_at(self, address: str, most: int | None) -> list[RemoteFile]:
        """See `Store.files_at`: without an object of that key, it is a folder."""
        bucket, key, _ = _parts(address)
        if key and not key.endswith("/"):
            with contextlib.suppress(NotFound):
                return [self.file_at(address)]
        prefix = f"{key.rstrip('/')}/" if key else ""
        files: list[RemoteFile] = []
        with self._faults_of(address):
            pages = self._api.list(self._store(bucket), prefix=prefix or None)
            for blob in (blob for page in pages for blob in page):
                if blob["path"].endswith("/"):  # what some tools make to show an empty folder
                    continue
                if most is not None and len(files) == most:
                    raise UsageError(f"{address} has more files than max_objects={most:,}")
                files.append(self._file(bucket, blob, prefix))
        if not files:
            raise UsageError(f"there is no file or folder {address}")
        return files

    def file_at(self, address: str) -> RemoteFile:
        bucket, key, version = _parts(address)
        with self._faults_of(address):
            answer = self._get(bucket, key, version, head=True)
            return self._file(bucket, answer.meta, "", version)

    @contextlib.contextmanager
    def read(self, address: str) -> Generator[tuple[RemoteFile, Iterator[bytes]]]:
        bucket, key, version = _parts(address)
        with self._faults_of(address):
            answer = self._get(bucket, key, version)
        yield self._file(bucket, answer.meta, "", version), self._pieces(address, answer)

    def _get(self, bucket: str, key: str, version: str, *, head: bool = False) -> Any:
        options: dict[str, Any] = {"head": head}
        if version:
            options["version"] = version
        return self._api.get(self._store(bucket), key, options=options)

    def _pieces(self, address: str, answer: Any) -> Iterator[bytes]:
        with self._faults_of(address):
            for piece in answer.stream(min_chunk_size=_PIECE_BYTES):
                yield bytes(piece)

    def _file(self, bucket: str, meta: Any, prefix: str, version: str = "") -> RemoteFile:
        key: str = meta["path"]
        path = key.removeprefix(prefix) if prefix else key.rpartition("/")[2]
        tag = (meta.get("e_tag") or "").removeprefix("W/").strip('"')
        address = f"{self._kind}://{bucket}/{key}"
        # A bucket without versions says `null`. Lists of S3 name no versions.
        version = version or meta.get("version") or ""
        if version not in {"", "null"}:
            address = address_of_object_version(address, version)
        return RemoteFile(address, path, meta["size"], tag)

    def _store(self, bucket: str) -> Any:
        if bucket not in self._stores:
            kinds: Any = import_module("obstore.store")
            endpoint = next(
                (os.environ[variable] for variable in _ENDPOINTS if os.environ.get(variable)), ""
            )
            kind = kinds.S3Store if self._kind == "s3" else kinds.GCSStore
            self._stores[bucket] = kind(
                bucket,
                client_options={
                    "allow_http": endpoint.startswith("http://"),
                    "connect_timeout": timedelta(seconds=_CONNECT_SECS),
                    "read_timeout": timedelta(seconds=_SILENT_SECS),
                    "timeout": timedelta(days=7),  # a whole file may take that long
                },
                retry_config={
                    "max_retries": _RETRIES,
                    "retry_timeout": timedelta(seconds=_RETRY_SECS),
                },
            )
        return self._stores[bucket]

    @contextlib.contextmanager
    def _faults_of(self, address: str) -> Generator[None]:
        faults = self._api.exceptions
        try:
            yield
        except (FileNotFoundError, faults.NotFoundError):
            raise NotFound(f"there is no file {address}") from None
        except (faults.PermissionDeniedError, faults.UnauthenticatedError) as error:
            raise Forbidden(
                f"{address} may not be read with the credentials that are set: {_line(error)}"
            ) from None
        except (faults.BaseError, OSError, ValueError) as error:
            if isinstance(error, UsageError):
                raise
            kind = Unavailable if isinstance(error, faults.GenericError) else CommError
            raise kind(f"{address} can't be read: {_line(error)}") from None


def _parts(address: str) -> tuple[str, str, str]:
    """The bucket, the key and the version of an address; '' if it names no version."""
    plain, version = split_object_version(address)
    bucket, _, key = plain.partition("://")[2].partition("/")
    if not bucket:
        raise UsageError(f"{address!r} names no bucket")
    return bucket, key, version


def _line(error: BaseException) -> str:
    return str(error).partition("\n")[0][:300]
