"""What the trainer tells its sidecar: JSON lines through the wake pipe. No I/O.

The pipe's first line is a `Start`; each further run of the process is an `AddRun`; a `Flush` asks
for an upload now. An empty line only wakes. Lines stay below PIPE_BUF (4,096 bytes on Linux, 512
at least elsewhere), so that two threads' lines never mix on Linux.

The API key travels here, since a command line is seen by every user of the machine.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec

from weft.client.policy import Policy
from weft.runlog.layout import sidecar_lock_path, sidecar_status_path

LOCK_FD: Final = 4
"""The descriptor at which a sidecar finds its lock, held, where locks can be inherited."""


class Start(msgspec.Struct, frozen=True, tag="start", omit_defaults=True):
    """Who the sidecar belongs to and where it sends to.

    Attributes:
        pid, pid_start: the training process.
        runtime: the host's runtime directory, for locks and the status page.
        base_url: None = no address was given: wait for a local server to come up.
        is_local: it is of this user's own server, which may come back at another one.
        policy: how the server is talked to.
        interval_secs: between two samples of system metrics; 0 = none are taken.
        linger_secs: after the trainer's end, how long to go on without progress.
        generation: which sidecar of the process this is, when an earlier one is still sending.
    """

    pid: int
    pid_start: int
    runtime: str
    base_url: str | None = None
    is_local: bool = False
    api_key: str | None = None
    policy: Policy = Policy()
    interval_secs: float = 15.0
    linger_secs: float = 600.0
    generation: int = 0

    @property
    def lock_path(self) -> Path:
        """The lock that the sidecar holds while it lives."""
        path = sidecar_lock_path(Path(self.runtime), self.pid, self.pid_start)
        return path.with_name(f"{self.generation}-{path.name}") if self.generation else path

    @property
    def status_path(self) -> Path:
        """The status page that it writes."""
        path = sidecar_status_path(Path(self.runtime), self.pid, self.pid_start)
        return path.with_name(f"{self.generation}-{path.name}") if self.generation else path


class AddRun(msgspec.Struct, frozen=True, tag="run"):
    """A further run of the process: its main log (absolute path)."""

    log: str


class Flush(msgspec.Struct, frozen=True, tag="flush"):
    """Send everything now, whatever the back-off; the status page repeats `number` when tried."""

    number: int


Control = Start | AddRun | Flush

encode: Final = msgspec.json.Encoder().encode
_decoder: Final = msgspec.json.Decoder(Control)


def encode_line(message: Control) -> bytes:
    r"""A control line.

    >>> encode_line(Flush(3))
    b'{"type":"flush","number":3}\n'
    """
    return encode(message) + b"\n"


def decode_lines(data: bytes) -> list[Control]:
    """The messages in whole lines; what is none (a newer trainer's) is passed over."""
    messages: list[Control] = []
    for line in data.split(b"\n"):
        if not line:
            continue
        try:
            messages.append(_decoder.decode(line))
        except msgspec.DecodeError:
            continue
    return messages
