"""Files on web servers, `https://` and `http://`. Does network I/O."""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Iterator
from typing import Any, Final
from urllib.error import HTTPError, URLError
from urllib.parse import unquote, urlsplit
from urllib.request import Request, urlopen

from weft.errors import CommError, Forbidden, NotFound, Unavailable
from weft.sdk.artifacts.remote.contract import RemoteFile

_SILENT_SECS: Final = 30.0
_PIECE_BYTES: Final = 1 << 20
_NO_HEAD: Final = frozenset({400, 403, 405, 501})
"""Status codes by which servers refuse to describe a file that they send."""


class WebStore:
    """Web servers. What they say of a file is its ETag, else the time of its last change."""

    def files_at(self, address: str, most: int | None) -> list[RemoteFile]:
        del most
        return [self.file_at(address)]

    def file_at(self, address: str) -> RemoteFile:
        with _faults_of(address):
            try:
                with urlopen(_request(address, "HEAD"), timeout=_SILENT_SECS) as answer:
                    return _file(address, answer.headers)
            except HTTPError as error:
                if error.code not in _NO_HEAD:
                    raise
                error.close()
            with urlopen(_request(address, "GET"), timeout=_SILENT_SECS) as answer:
                return _file(address, answer.headers)

    @contextlib.contextmanager
    def read(self, address: str) -> Generator[tuple[RemoteFile, Iterator[bytes]]]:
        with _faults_of(address):
            answer = urlopen(_request(address, "GET"), timeout=_SILENT_SECS)
        with answer:
            yield _file(address, answer.headers), _pieces(address, answer)


def _pieces(address: str, answer: Any) -> Iterator[bytes]:
    with _faults_of(address):
        while piece := answer.read(_PIECE_BYTES):
            yield piece


def _request(address: str, method: str) -> Request:
    # Unpacked lengths and ETags: a compressed answer has others.
    headers = {"User-Agent": "weft", "Accept-Encoding": "identity"}
    return Request(address, method=method, headers=headers)


def _file(address: str, headers: Any) -> RemoteFile:
    n_bytes = headers.get("Content-Length", "")
    tag = headers.get("ETag", "").removeprefix("W/").strip('"')
    name = unquote(urlsplit(address).path.rstrip("/").rpartition("/")[2])
    return RemoteFile(
        address,
        name or urlsplit(address).netloc,
        int(n_bytes) if n_bytes.isdecimal() else 0,
        tag or headers.get("Last-Modified", ""),
    )


@contextlib.contextmanager
def _faults_of(address: str) -> Generator[None]:
    try:
        yield
    except HTTPError as error:
        error.close()
        message = f"{address} answers {error.code} {error.reason}"
        kind = {404: NotFound, 410: NotFound, 401: Forbidden, 403: Forbidden}.get(error.code)
        raise (kind or CommError)(message) from None
    except URLError as error:
        raise Unavailable(f"{address} can't be reached: {error.reason}") from None
    except (OSError, ValueError) as error:
        raise Unavailable(f"{address} can't be read: {error}") from None
