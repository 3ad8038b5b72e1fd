"""A run as a server has it: what `weft.Api` hands out. Does network I/O.

Numbers come as they were logged: ints as ints, NaN as NaN.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timezone
from typing import Any, Final

import msgspec

from weft.client.endpoints import Client
from weft.errors import ConfigError
from weft.records.value import with_ints
from weft.sdk.display.pages import run_page
from weft.sdk.reading.stored_summary import StoredSummary

PAGE_ROWS: Final = 10_000


class StoredWriter(msgspec.Struct, frozen=True, kw_only=True):
    """A writer of a run: a script's process, a child of it, or its sidecar.

    Attributes:
        writer: its id.
        parent: the writer whose process it belongs to; None = it is a script's own.
        labels: what tells it from the others: `rank`, `local_rank`, `node`, `process`, `label`.
        started_micros, heartbeat_micros, ended_micros: µs since 1970 UTC; None = not known.
    """

    writer: str
    parent: str | None = None
    host: str | None = None
    labels: dict[str, str] = {}
    started_micros: int | None = None
    heartbeat_micros: int | None = None
    ended_micros: int | None = None
    exit_code: int | None = None


class StoredAlert(msgspec.Struct, frozen=True, kw_only=True):
    """A message of `run.alert()`.

    Attributes:
        level: `INFO`, `WARN` or `ERROR`.
        time_micros: when it was sent, µs since 1970 UTC.
        writer: id of the process that sent it.
    """

    title: str
    text: str
    level: str
    time_micros: int
    writer: str


class StoredRun:
    """A run as the server has it.

    What `refresh` does not ask for again is as it was when the run was looked up.
    """

    def __init__(self, client: Client, fields: dict[str, Any]) -> None:
        self._client = client
        self._fields: dict[str, Any] = with_ints(fields)

    @property
    def id(self) -> str:
        return self._fields["id"]

    @property
    def name(self) -> str:
        return self._fields["name"]

    @property
    def entity(self) -> str:
        return self._fields["entity"]

    @property
    def project(self) -> str:
        return self._fields["project"]

    @property
    def path(self) -> str:
        """`entity/project/id`."""
        return f"{self.entity}/{self.project}/{self.id}"

    @property
    def state(self) -> str:
        """`pending`, `running`, `finished`, `failed`, `crashed`, `killed` or `preempted`."""
        return self._fields["state"]

    @property
    def exit_code(self) -> int | None:
        return self._fields["exit_code"]

    @property
    def notes(self) -> str | None:
        return self._fields["notes"]

    @property
    def tags(self) -> list[str]:
        return self._fields["tags"]

    @property
    def group(self) -> str | None:
        return self._fields["group"]

    @property
    def job_type(self) -> str | None:
        return self._fields["job_type"]

    @property
    def host(self) -> str | None:
        """The machine where its script was first started."""
        return self._fields["host"]

    @property
    def created_at(self) -> str:
        """When the server first heard of it: ISO 8601, UTC."""
        return _iso_time(self._fields["created_micros"])

    @property
    def started_at(self) -> str:
        """When its script called `init`."""
        return _iso_time(self._fields["started_micros"])

    @property
    def heartbeat_at(self) -> str | None:
        """When it was last heard of while its script ran; None = never so."""
        return _iso_time_or_none(self._fields["heartbeat_micros"])

    @property
    def ended_at(self) -> str | None:
        """When it ended; None = it has not."""
        return _iso_time_or_none(self._fields["ended_micros"])

    @property
    def fork(self) -> dict[str, Any] | None:
        """The moment that it goes on from: `run` and `step`, of itself if it was rewound."""
        return self._fields["fork"]

    @property
    def warnings(self) -> list[str]:
        """What a reader of its charts should know."""
        return self._fields["warnings"]

    @property
    def definitions(self) -> list[dict[str, Any]]:
        """What `define_metric` was told: `name`, `step_metric`, `summary`, … of each."""
        return self._whole()["definitions"]

    @property
    def config(self) -> dict[str, Any]:
        """The run's inputs, nested."""
        return self._whole()["config"]

    @property
    def summary(self) -> StoredSummary:
        """One value per metric, or one of each kind that `define_metric` asked for."""
        return StoredSummary(self._whole()["summary"])

    @property
    def writers(self) -> list[StoredWriter]:
        """Who wrote to it, in the order in which they were first heard of; asked for each time."""
        found = self._client.writers(self.entity, self.project, self.id)
        return msgspec.convert(found, list[StoredWriter])

    @property
    def alerts(self) -> list[StoredAlert]:
        """What its scripts wanted a person to see, oldest first; asked for each time."""
        found = self._client.alerts(self.entity, self.project, self.id)
        return msgspec.convert(found, list[StoredAlert])

    @property
    def url(self) -> str:
        """The run's page."""
        return run_page(self._client.url, self.entity, self.project, self.id)

    def refresh(self) -> None:
        """Ask the server again how the run is."""
        self._fields = with_ints(self._client.run(self.entity, self.project, self.id))

    def _whole(self) -> dict[str, Any]:
        # A list shortens what is long.
        if self._fields.get("truncated"):
            self.refresh()
        return self._fields

    def scan_history(
        self,
        keys: Sequence[str] | None = None,
        *,
        page_size: int = PAGE_ROWS,
        superseded: bool = False,
    ) -> Iterator[dict[str, Any]]:
        """All rows, in order: `_step`, `_runtime`, `_timestamp` and what was logged.

        Args:
            keys: only rows that have one of these, and only these columns; None = all.
            page_size: rows asked for at once.
            superseded: rows that a rewind no longer counts, too.

        Raises:
            Unavailable: the server can't be reached.
        """
        if isinstance(keys, str):
            raise ConfigError(f"keys must be a list of names, not the text {keys!r}: [{keys!r}]")
        names = None if keys is None else list(keys)
        rows = self._client.history(
            self.entity, self.project, self.id, names, page_size, superseded=superseded
        )
        return map(with_ints, rows)

    def __repr__(self) -> str:
        return f"<weft.StoredRun {self.path} {self.state}>"


def _iso_time(micros: int) -> str:
    """A time as W&B writes it.

    >>> _iso_time(1_700_000_000_250_000)
    '2023-11-14T22:13:20.250000Z'
    """
    moment = datetime.fromtimestamp(micros // 1_000_000, timezone.utc)
    return f"{moment.replace(tzinfo=None).isoformat()}.{micros % 1_000_000:06d}Z"


def _iso_time_or_none(micros: int | None) -> str | None:
    return None if micros is None else _iso_time(micros)
