"""Messages from the trainer to its sidecar: JSON lines through the wake pipe. No I/O.

The pipe's first line is a `Start`; each run of the process is an `AddRun`; a `Flush` asks for an
upload now. An empty line only wakes the sidecar. Lines are shorter than PIPE_BUF (4,096 bytes on
Linux, at least 512 elsewhere), so that two threads' lines never mix on Linux.

The API key is sent through the pipe because every user of the machine can see command lines.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec

from weft.client.policy import Policy
from weft.runlog.layout import sidecar_lock_path, sidecar_status_path
from weft.sync.sampling.settings import SamplingSettings

LOCK_FD: Final = 4
"""Descriptor of the sidecar's lock, already held, on systems where locks can be inherited."""


class Start(msgspec.Struct, frozen=True, tag="start", omit_defaults=True):
    """The sidecar's trainer, server and settings.

    Attributes:
        runtime: the host's runtime directory, for locks and the status page.
        base_url: the server's address. If None, wait for a local server to start.
        is_local: whether it is this user's own server, whose address may change.
        linger_secs: how long to continue without progress after the trainer's end.
        generation: distinguishes it from earlier sidecars of the process that are still sending.
    """

    pid: int
    pid_start: int
    runtime: str
    base_url: str | None = None
    is_local: bool = False
    api_key: str | None = None
    policy: Policy = Policy()
    sampling: SamplingSettings = SamplingSettings()
    linger_secs: float = 600.0
    generation: int = 0

    @property
    def lock_path(self) -> Path:
        """Path of the lock that the sidecar holds while it is running."""
        path = sidecar_lock_path(Path(self.runtime), self.pid, self.pid_start)
        return path.with_name(f"{self.generation}-{path.name}") if self.generation else path

    @property
    def status_path(self) -> Path:
        """Path of the status page that the sidecar writes."""
        path = sidecar_status_path(Path(self.runtime), self.pid, self.pid_start)
        return path.with_name(f"{self.generation}-{path.name}") if self.generation else path


class AddRun(msgspec.Struct, frozen=True, tag="run"):
    """Adds a run of the process, given the absolute path of its main log."""

    log: str


class Flush(msgspec.Struct, frozen=True, tag="flush"):
    """Send everything now, despite back-off; the status page shows `number` once all was tried."""

    number: int


Control = Start | AddRun | Flush

encode: Final = msgspec.json.Encoder().encode


def encode_line(message: Control) -> bytes:
    r"""A control line.

    >>> encode_line(Flush(3))
    b'{"type":"flush","number":3}\n'
    """
    return encode(message) + b"\n"


def decode_lines(data: bytes) -> list[Control]:
    """The messages in whole lines; unknown ones (from a newer trainer) are skipped."""
    messages: list[Control] = []
    for line in data.split(b"\n"):
        if not line:
            continue
        try:
            messages.append(msgspec.json.decode(line, type=Control))
        except msgspec.DecodeError:
            continue
    return messages
