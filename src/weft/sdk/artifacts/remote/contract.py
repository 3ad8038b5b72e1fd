"""The contract of all stores of files, and their description of a file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import NamedTuple, Protocol


class RemoteFile(NamedTuple):
    """A file in a store.

    Attributes:
        address: such as `s3://bucket/key`.
        path: its path below the address that was asked for; its name if that is the file itself.
        n_bytes: its length; 0 if the store does not say.
        checksum: the store's checksum of its content, such as an ETag; '' if it has none.
    """

    address: str
    path: str
    n_bytes: int
    checksum: str


class Store(Protocol):
    """A place for files."""

    def files_at(self, address: str, most: int | None) -> list[RemoteFile]:
        """The file at an address, or all files below it.

        UsageError for no file, or more than `most`; CommError if the store can't be reached,
        or refuses it.
        """
        ...

    def file_at(self, address: str) -> RemoteFile:
        """The file at an address; NotFound if it is missing, CommError as of `files_at`."""
        ...

    def read(self, address: str) -> AbstractContextManager[tuple[RemoteFile, Iterator[bytes]]]:
        """The file at an address, and its content in pieces. Errors as `file_at`."""
        ...
