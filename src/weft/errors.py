"""Every exception that weft raises.

    WeftError
    ├── UsageError         a call that can be no row, or a finished run's use (`usage`)
    │   ├── ConfigError        a setting or an argument of `init` is wrong (`invalid`)
    │   │   ├── FilterError        a filter over runs is none
    │   │   └── ExpressionError    an expression over metrics can't be read
    │   └── WrongType          an argument is of no type that the call takes
    ├── CommError          what a server says no to, or can't be asked
    │   ├── NotFound           the named thing does not exist (`not_found`)
    │   │   ├── NoSuchRun          a run; a UsageError as well
    │   │   └── NoSuchProject      a project; a UsageError as well
    │   ├── Gone               it existed and was deleted (`gone`)
    │   │   └── Moved              it is in another project now (`moved`)
    │   ├── Forbidden          the actor may not do this (`forbidden`)
    │   ├── Conflict           the state does not allow this (`conflict`)
    │   │   ├── PositionConflict   an upload does not start where the stream ends
    │   │   ├── Outdated           a change of what somebody else has changed (`outdated`)
    │   │   └── Diverged           an upload continues another log than the server's (`diverged`)
    │   └── Unavailable        a server or a disk can't be reached now (`unavailable`)
    │       ├── NoServer           nothing listens at the address, or it names no host
    │       └── WrongServer        something answers there, and it is no weft server
    ├── CorruptLog         bytes of a run log are not what they should be (`corrupt_log`)
    │   └── NewerLog       the log was written by a later weft than this one
    ├── Damaged            a disk changed what a server kept (`damaged`)
    ├── MissingLibrary     a library that is the user's to install is not there (`missing_library`)
    └── LimitExceeded      more, longer or larger than weft takes (`limit`)

Each class has a stable `code`. `weft.server.http.answers.problems` maps it to an HTTP status,
`weft.client.transport` maps it back; nothing else knows of both. `CommError`, and `Error` and
`AuthenticationError` at the end, are what scripts written for W&B catch.

Messages are lower case, without a full stop: what happened, to which thing, what to do.
"""

from __future__ import annotations

__all__ = [
    "AuthenticationError",
    "CommError",
    "ConfigError",
    "Conflict",
    "CorruptLog",
    "Damaged",
    "Diverged",
    "Error",
    "ExpressionError",
    "FilterError",
    "Forbidden",
    "Gone",
    "LimitExceeded",
    "MissingLibrary",
    "Moved",
    "NewerLog",
    "NoServer",
    "NoSuchProject",
    "NoSuchRun",
    "NotFound",
    "Outdated",
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
    """A setting, an argument of `init` or a field of a request is wrong.

    Attributes:
        field: which one: its name, below others with dots; None = the message begins with it, as
            in `limit must be 1 to 10` and `query: it is empty`.
    """

    code = "invalid"

    def __init__(self, message: str = "", *, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class FilterError(ConfigError):
    """A filter over runs is none: its text can't be read, or a column or value of it is wrong.

    Attributes:
        column: where in the text, from 1; None = it did not come as a text.
    """

    def __init__(self, message: str, *, column: int | None = None, field: str = "filter") -> None:
        super().__init__(message, field=field)
        self.column = column


class ExpressionError(ConfigError):
    """An expression over metrics is none, or too long, deep or large.

    Attributes:
        column: where in the text, from 1.
    """

    def __init__(self, message: str, *, column: int) -> None:
        super().__init__(message)
        self.column = column


class WrongType(UsageError, TypeError):
    """An argument is of no type that the call takes: `log(5)`, a step that is text."""


class CommError(WeftError):
    """A request was refused or could not be made; what W&B's scripts catch around `Api`."""

    @property
    def exc(self) -> BaseException:
        """What lies behind it, by W&B's name: the error that caused it, else itself."""
        return self.__cause__ or self


class NotFound(CommError, LookupError):
    """The named entity, project, run or metric does not exist, or the actor may not see it."""

    code = "not_found"


class NoSuchRun(NotFound, UsageError):
    """The run does not exist; W&B's scripts catch a `UsageError`, `CommError` or `ValueError`."""


class NoSuchProject(NotFound, UsageError):
    """The project does not exist; W&B's scripts catch a `ValueError`."""


class Gone(CommError):
    """The run or metric was deleted; a tombstone keeps late uploads from bringing it back."""

    code = "gone"


class Moved(Gone):
    """The run was moved to another project.

    Attributes:
        path: where it is now, `entity/project/run`; '' = not said.
    """

    code = "moved"

    def __init__(self, message: str, *, path: str = "") -> None:
        super().__init__(f"{message}, to {path}" if path else message)
        self.path = path


class Forbidden(CommError):
    """The actor is known and may not do this."""

    code = "forbidden"


class Conflict(CommError):
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


class Outdated(Conflict):
    """A change of what somebody else has changed since it was read."""

    code = "outdated"


class Diverged(Conflict):
    """Two copies of one log went on apart; the server has the other one."""

    code = "diverged"


class Unavailable(CommError):
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
    """Bytes of a run log break a rule of the format: `weft docs run-log-format`."""

    code = "corrupt_log"


class NewerLog(CorruptLog):
    """The log's version is above what this weft reads, or what this server keeps."""

    code = "newer_log"


class MissingLibrary(WeftError, ImportError):
    """What was asked for needs pandas, polars or the like; the message says how to install it."""

    code = "missing_library"


class Damaged(WeftError):
    """A disk changed what a server kept; `weft server check` names where."""

    code = "damaged"


class LimitExceeded(WeftError):
    """A size, count or depth is above a limit of `weft.records.limits`."""

    code = "limit"


Error = WeftError
AuthenticationError = Forbidden
