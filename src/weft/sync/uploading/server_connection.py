"""The connection to one server, or the search for a local one. Does I/O.

Used by `sending` for the requests of all logs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from weft.client.address import parse_address
from weft.client.script_client import ScriptClient
from weft.errors import ConfigError, NoServer, Unavailable, WrongKey, WrongServer
from weft.records.clock_offset import OffsetBounds
from weft.runlog.header import is_of_this_boot, log_clock_micros
from weft.runlog.platform import boot_clock_nanos
from weft.sync.addresses.local_server import read_server_file
from weft.sync.addresses.server_address import ServerAddress, key_source, key_variable
from weft.sync.status import State
from weft.sync.uploading.marker import LOCAL_SERVER
from weft.sync.uploading.offset import OffsetEstimate
from weft.sync.uploading.retry import LONGEST_LOOPBACK_SECS, LONGEST_SECS, Backoff
from weft.sync.uploading.tail import TailedLog

UNAUTHORIZED_SECS: Final = 60.0
"""A refused key is retried slowly: it may become valid, but must not look like an attack."""

FIND_SECS: Final = 5.0
"""The interval of looks for a local server while no server is known."""

STARTING_FIND_SECS: Final = 0.1
"""The interval of looks for a local server that is starting."""

_MOST_WORDS_CHARS: Final = 500


class ServerConnection:
    """The server in use, whether it works, and how far its clock is ahead.

    `error` is what went wrong at the last try, for the user; None if it succeeded. `n_progress`
    counts acknowledged uploads.
    """

    def __init__(
        self,
        address: ServerAddress | None,
        find: Callable[[], ServerAddress | None],
        tell: Callable[[str], None],
    ) -> None:
        self.state: State = "connecting"
        self.error: str | None = None
        self.n_progress = 0
        self.backoff = Backoff()
        self.client: ScriptClient | None = None
        self.address: ServerAddress | None = None
        self._find = find
        self._tell = tell
        self._offset = OffsetEstimate()
        self._next_find_secs = 0.0
        self._go_to(address)

    @property
    def url(self) -> str | None:
        return self.address.url if self.address else None

    @property
    def name(self) -> str | None:
        """The name of the server in markers."""
        return LOCAL_SERVER if self._is_local else self.url

    @property
    def names(self) -> set[str]:
        """All names of the server in markers, which may name a local server by its address too."""
        return {name for name in (self.url, self.name) if name is not None}

    @property
    def _is_local(self) -> bool:
        return self.address is not None and self.address.local

    def hurry(self) -> None:
        """Cancel all waits."""
        self.backoff.succeed()
        self._next_find_secs = 0.0

    def make_ready(self, now: float) -> bool:
        """Look for another server if none works; return whether a request is due."""
        if self.client is None or (self._is_local and self.backoff.n_failures):
            self._find_again(now)
        return self.client is not None and self.backoff.is_ready(now)

    def succeed(self) -> None:
        """The server answered, whatever it answered about a log."""
        self.backoff.succeed()
        self.state, self.error = "uploading", None

    def fail(self, error: Unavailable, now: float) -> None:
        """The server can't be reached, or does not work."""
        state: State = "unavailable"
        if isinstance(error, NoServer):
            state = "no_server"
        elif isinstance(error, WrongServer):
            state = "wrong_server"
        reason = short_message(error)
        if self.error != reason:
            self._tell(reason)
        self.state, self.error = state, reason
        self.backoff.fail(now, at_least_secs=error.retry_after_secs)

    def refuse_key(self, error: WrongKey, now: float) -> None:
        """The server does not take the key."""
        reason = str(error) if self.address is None else _key_fault(self.address)
        self.state, self.error = "unauthorized", reason[:_MOST_WORDS_CHARS]
        self.backoff.fail(now, at_least_secs=UNAUTHORIZED_SECS)

    def needs_clock(self, log: TailedLog) -> bool:
        """Whether to ask the server for its clock before sending rows of the log."""
        return not self._is_local and self._offset.bounds is None and _has_clock(log)

    def offset_of(self, log: TailedLog) -> OffsetBounds | None:
        """Bounds of how far the server's clock is ahead of a log's clock, if known."""
        bounds = self._offset.bounds
        if bounds is None or not _has_clock(log):
            return None
        ahead = log_clock_micros(log.header) - boot_clock_nanos() // 1000
        return OffsetBounds(bounds.least - ahead, bounds.most - ahead)

    def note_clock(self, began_nanos: int, server_micros: int) -> None:
        """Update the estimate of how far the server's clock is ahead from one exchange."""
        self._offset.note(
            began_micros=began_nanos // 1000,
            ended_micros=boot_clock_nanos() // 1000,
            server_micros=server_micros,
        )

    def close(self) -> None:
        if self.client is not None:
            self.client.close()

    def _go_to(self, address: ServerAddress | None) -> None:
        self.close()
        self.address, self.client, self._offset = address, None, OffsetEstimate()
        if address is None:
            self.state = "no_address"
            return
        try:
            is_loopback = parse_address(address.url).is_loopback
            self.client = ScriptClient(address.url, address.key, address.policy)
        except ConfigError as error:
            self.state, self.error = "wrong_server", str(error)
            return
        self.backoff = Backoff(LONGEST_LOOPBACK_SECS if is_loopback else LONGEST_SECS)
        self.state, self.error = "connecting", None

    def _find_again(self, now: float) -> None:
        if now < self._next_find_secs:
            return
        self._next_find_secs = now + FIND_SECS
        address = self._find()
        if address is not None and address != self.address:
            self._go_to(address)
        elif self.address is None and read_server_file() is not None:
            self._next_find_secs = now + STARTING_FIND_SECS


def _key_fault(address: ServerAddress) -> str:
    """The sentences for a server that does not take a key, with what to do."""
    if address.key is None:
        return f"The server at {address.url} needs a key. `weft login` saves one"
    variable = key_variable(address)
    where = f"The key {key_source(address)} is not known to {address.url}"
    if variable:
        return f"{where}. Set another one, or unset {variable} and save one with `weft login`"
    return f"{where}. `weft login` saves another"


def _has_clock(log: TailedLog) -> bool:
    """Whether the present time by a log's clock is known."""
    return is_of_this_boot(log.header) or log.is_live()


def short_message(error: Exception) -> str:
    """An error's message, cut to fit the status page: a server's message can be a whole page."""
    text = str(error)
    return text if len(text) <= _MOST_WORDS_CHARS else f"{text[:_MOST_WORDS_CHARS]}…"
