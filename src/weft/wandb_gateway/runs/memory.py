"""The state that the gateway stores with a run between requests.

It is the state of a stream of the run, so that it changes in the same transaction as the records
it belongs to. It holds only things that nothing else of the run tells.
"""

from __future__ import annotations

import threading
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import Any, Final

import msgspec

from weft.errors import NotFound, PositionConflict, Unavailable
from weft.records.record import Record, Run
from weft.server.intake.lines import LineStream
from weft.server.services.access import Actor, RunPath
from weft.server.services.ingest import Upload
from weft.server.services.opening import Services
from weft.wire.ingest.uploads import Ack

STREAM: Final = "wandb"
"""The stream of records that the gateway makes."""

HISTORY: Final = "wandb-history.jsonl"
EVENTS: Final = "wandb-events.jsonl"
CONSOLE: Final = "output.log"

AFTER_OTHER_ROWS: Final = 1
"""The number of the first line of a process that resumes a run of weft's own client. It is not 0,
which would say that the run has no rows."""

_N_LOCKS: Final = 256
_ATTEMPTS: Final = 5


class Earlier(msgspec.Struct):
    """The process before the newest one, which restarted the run, and the numbering of
    its time.
    """

    writer: str
    numbering: dict[str, str]


class RunMemory(msgspec.Struct, kw_only=True, omit_defaults=True):
    """The stored state of one run.

    Attributes:
        writer: of the newest process.
        config: as the client sent it last, to find what changes.
        numbering: by file, the writer whose process began to number its lines at 0.
        clients: in shared mode, the writer of each client.
        alerts: the times at which alerts were stored, by title.
        before: the earlier process, if the newest one restarted the run.
        base: the number from which the newest process counts its rows, if it restarted the run.
        repeats: whether the newest process sends again what the earlier one sent, as `wandb sync`
            does. None until it has sent a row.
        rewound: the run was rewound, and the process that asked for it has not begun yet.
        copied: the metrics that the client copied from TensorBoard, which are defined.
    """

    writer: str = ""
    record: Run | None = None
    config: dict[str, Any] = {}
    internal: dict[str, Any] = {}
    numbering: dict[str, str] = {}
    clients: dict[str, str] = {}
    alerts: dict[str, int] = {}
    before: Earlier | None = None
    base: int = 0
    repeats: bool | None = None
    rewound: bool = False
    copied: list[str] = []

    def repeat(self) -> None:
        """Take what the newest process sends for what the earlier one sent."""
        assert self.before is not None, "only then can it repeat something"
        self.writer, self.numbering = self.before.writer, self.before.numbering
        self.repeats = True

    def writer_of(self, client: str | None) -> str:
        """The writer of a request: of a client in shared mode, else of the newest process."""
        return self.clients.get(client, self.writer) if client else self.writer

    def stream(self, file: str, client: str | None = None) -> LineStream:
        writer = self.writer_of(client)
        if client:
            return LineStream(f"{file}@{client}", writer)
        first = self.numbering.get(file)
        # A process that resumes a run of weft's own client counts from AFTER_OTHER_ROWS.
        latest_start = AFTER_OTHER_ROWS if file == HISTORY else 0
        return LineStream(f"{file}@{first}" if first else file, writer, latest_start)


_encode: Final = msgspec.msgpack.Encoder().encode
_decode: Final = msgspec.msgpack.Decoder(RunMemory).decode


class Memories:
    """Reads what is remembered of runs, and writes it with records. Thread-safe."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._locks = [threading.RLock() for _ in range(_N_LOCKS)]

    @contextmanager
    def hold(self, path: RunPath) -> Generator[None]:
        """Let no other request of a run change its records meanwhile: their order matters."""
        with self._locks[hash(path) % _N_LOCKS]:
            yield

    def read(self, actor: Actor, path: RunPath) -> RunMemory:
        """The state of a run; empty if the gateway never wrote to it."""
        stream_position = self._services.ingest.position(actor, path, STREAM)
        return (
            _decode(stream_position.state)
            if stream_position is not None and stream_position.state
            else RunMemory()
        )

    def read_begun(self, actor: Actor, path: RunPath) -> RunMemory:
        """The state of a run to which a process writes.

        NotFound if no process of the official client has begun it.
        """
        memory = self.read(actor, path)
        if not memory.writer:
            raise NotFound(f"run {path} was not begun: UpsertBucket begins it")
        return memory

    def write(
        self,
        actor: Actor,
        path: RunPath,
        memory: RunMemory,
        records: Sequence[Record],
        *,
        writer: str | None = None,
        refused: Sequence[str] = (),
        live: bool = True,
    ) -> Ack:
        """Apply records of a writer, the newest process by default, and remember.

        The caller holds the run. `refused` is what was left out, and why; `live` if the writer's
        process runs.
        """
        now = self._services.stores.now()
        state = _encode(memory)
        for _ in range(_ATTEMPTS):
            stream_position = self._services.ingest.position(actor, path, STREAM)
            start = stream_position.position if stream_position is not None else 0
            # A record that has the position of an earlier one would not be applied, so positions
            # are times: none is used twice, even if the server dies between two of its stores.
            first = max(start, now) + 1
            upload = Upload(
                writer or memory.writer,
                STREAM,
                start,
                first + len(records) + len(refused),
                records=[(first + nth, record) for nth, record in enumerate(records)],
                refused=[
                    (first + len(records) + nth, reason) for nth, reason in enumerate(refused)
                ],
                state=state,
                n_bytes=len(state),
                live=live,
            )
            try:
                return self._services.ingest.apply_upload(actor, path, upload)
            except PositionConflict:
                continue  # another request of the run came in between
        raise Unavailable(f"run {path} changes all the time: send again")
