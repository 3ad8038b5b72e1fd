"""Every exception that weft raises.

    WeftError
    ├── UsageError         a call that can be no row, or a finished run's use (`usage`)
    │   ├── ConfigError        a setting or an argument of `init` is wrong (`invalid`)
    │   └── WrongType          an argument is of no type that the call takes
    ├── NotFound           the named thing does not exist (`not_found`)
    │   └── NoSuchRun          a run to go on with; a UsageError as well
    ├── Gone               it existed and was deleted (`gone`)
    ├── Forbidden          the actor may not do this (`forbidden`)
    ├── Conflict           the state does not allow this (`conflict`)
    │   ├── PositionConflict   an upload does not start where the stream ends
    │   └── Diverged           an upload continues another log than the server's copy (`diverged`)
    ├── Unavailable        a server or a disk can't be reached now (`unavailable`)
    │   ├── NoServer           nothing listens at the address, or it names no host
    │   └── WrongServer        something answers there, and it is no weft server
    ├── CorruptLog         bytes of a run log are not what they should be (`corrupt_log`)
    │   └── NewerLog       the log was written by a later weft than this one
    └── LimitExceeded      more, longer or larger than weft takes (`limit`)

Each class has a stable `code`. `weft.server.http.problems` maps it to an HTTP status,
`weft.client.transport` maps it back; nothing else knows of both. `Error`, `CommError` and
`AuthenticationError`, at the end, are what scripts written for W&B catch.

Messages are lower case, without a full stop: what happened, to which thing, what to do.
"""

from __future__ import annotations

__all__ = [
    "AuthenticationError",
    "CommError",
    "ConfigError",
    "Conflict",
    "CorruptLog",
    "Diverged",
    "Error",
    "Forbidden",
    "Gone",
    "LimitExceeded",
    "NewerLog",
    "NoServer",
    "NoSuchRun",
    "NotFound",
    "PositionConflict",
    "Unavailable",
    "UsageError",
    "WeftError",
    "WrongServer",
    "WrongType",
]


class WeftError(Exception):
    """Base of all errors that weft raises on purpose."""

    code = "error"


class UsageError(WeftError, ValueError):
    """A call that can't be carried out whatever the state: no mapping, a key that is no string."""

    code = "usage"


class ConfigError(UsageError):
    """A setting, an argument of `init` or a field of a request is wrong."""

    code = "invalid"


class WrongType(UsageError, TypeError):
    """An argument is of no type that the call takes: `log(5)`, a step that is text."""


class NotFound(WeftError, LookupError):
    """The named entity, project, run or metric does not exist, or the actor may not see it."""

    code = "not_found"


class NoSuchRun(NotFound, UsageError):
    """The run that `init` shall go on with does not exist; W&B's scripts catch a `UsageError`."""


class Gone(WeftError):
    """The run or metric was deleted; a tombstone keeps late uploads from bringing it back."""

    code = "gone"


class Forbidden(WeftError):
    """The actor is known and may not do this."""

    code = "forbidden"


class Conflict(WeftError):
    """The thing exists, but its present state does not allow the request."""

    code = "conflict"


class PositionConflict(Conflict):
    """An upload does not start where the server's copy of the stream ends.

    Attributes:
        position: where the next upload has to start.
    """

    code = "position"

    def __init__(self, message: str, *, position: int) -> None:
        super().__init__(message)
        self.position = position


class Diverged(Conflict):
    """Two copies of one log went on apart; the server has the other one."""

    code = "diverged"


class Unavailable(WeftError):
    """A server, a disk or a lock can't be had at present; trying again may help.

    Attributes:
        retry_after_secs: how long a server asked to be left alone; None = it did not say.
    """

    code = "unavailable"

    def __init__(self, message: str, *, retry_after_secs: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_secs = retry_after_secs


class NoServer(Unavailable):
    """Nothing listens at the address: the connection is refused, or the name is unknown."""


class WrongServer(Unavailable):
    """What answers at the address is no weft server: a web page, a login portal, a proxy."""


class CorruptLog(WeftError):
    """Bytes of a run log break a rule of `docs/run-log-format.md`."""

    code = "corrupt_log"


class NewerLog(CorruptLog):
    """The log's version is above what this weft reads, or what this server keeps."""

    code = "newer_log"


class LimitExceeded(WeftError):
    """A size, count or depth is above a limit of `weft.records.limits`."""

    code = "limit"


Error = WeftError
CommError = Unavailable
AuthenticationError = Forbidden
