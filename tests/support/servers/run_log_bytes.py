"""Run logs made by hand, for tests that upload bytes themselves."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import httpx
import zstandard

from weft.records.record import Config, Exit, Key, Record, Run, Schema
from weft.runlog.format import Header, encode_frame, encode_header, encode_payload

ANCHOR_MICROS = 1_700_000_000_000_000


@dataclass
class HandMadeLog:
    """A run log in memory, one frame after the other.

    Attributes:
        data: all bytes so far.
        ends: where each frame ends; the header's is the first.
        goes_on: further fields of its Run, of a log that forks or rewinds a run.
    """

    run: str = "run1"
    writer: str = "writer1"
    project: str = "p"
    data: bytes = b""
    ends: list[int] = field(default_factory=list)
    n_rows: int = 0
    goes_on: dict[str, Any] = field(default_factory=dict)
    anchor_micros: int = ANCHOR_MICROS
    entity: str = "local"
    parent: str | None = None

    def __post_init__(self) -> None:
        self.data = encode_header(
            Header(
                *(self.run, self.writer, self.parent, self.anchor_micros, 0),
                *("host", "machine", "boot", 1, 1),
            )
        )
        self.ends.append(len(self.data))
        self.add(Run(self.run, self.project, **self.goes_on))

    def add(self, record: Record | list[Any]) -> None:
        self.data += encode_frame(encode_payload(record))
        self.ends.append(len(self.data))

    def keys(self, *names: str) -> None:
        for number, name in enumerate(names):
            self.add(Key(number, name))
        self.add(Schema(0, list(range(len(names)))))

    def rows(self, rows: Iterable[list[Any]]) -> None:
        for values in rows:
            self.add([3, 0, self.n_rows * 1000, self.n_rows, values])
            self.n_rows += 1

    def config(self, **values: Any) -> None:
        self.add(Config(1, [([name], value) for name, value in values.items()]))

    def finish(self, exit_code: int = 0) -> None:
        self.add(Exit(self.n_rows * 1000, exit_code))

    @property
    def path(self) -> str:
        return f"/api/v1/projects/{self.entity}/{self.project}/runs/{self.run}"

    def upload(
        self, client: httpx.Client, start: int = 0, end: int | None = None, **headers: str
    ) -> httpx.Response:
        """Send bytes `[start, end)` as the client does."""
        return self.post(client, zstandard.compress(self.data[start:end]), start, **headers)

    def post(
        self, client: httpx.Client, body: bytes, position: int | str, **headers: str
    ) -> httpx.Response:
        """Send any body to this log's address."""
        address = f"{self.path}/log/{self.writer}?position={position}"
        return client.post(address, content=body, headers=headers)
