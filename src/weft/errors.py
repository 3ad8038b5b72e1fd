"""Every exception that weft raises.

    WeftError
    ├── UsageError         an invalid call, such as `log` on a finished run (`usage`)
    │   ├── ConfigError        a setting or an argument of `init` is invalid (`invalid`)
    │   │   ├── FilterError        a filter over runs is invalid
    │   │   └── ExpressionError    an expression over metrics is invalid
    │   ├── WrongType          an argument has the wrong type
    │   └── InvalidTable       an argument of a table is invalid; an AssertionError as well
    ├── CommError          a request was refused or could not be made
    │   ├── NotFound           the named thing does not exist (`not_found`)
    │   │   ├── NoSuchRun          a run; a UsageError as well
    │   │   └── NoSuchProject      a project; a UsageError as well
    │   ├── Gone               it existed and was deleted (`gone`)
    │   │   └── Moved              it was moved to another project (`moved`)
    │   ├── Forbidden          the actor may not do this (`forbidden`)
    │   │   └── WrongKey       the key is missing or unknown
    │   ├── Conflict           the state does not allow this (`conflict`)
    │   │   ├── PositionConflict   an upload does not start where the stream ends
    │   │   ├── Outdated           the thing was changed by someone else meanwhile (`outdated`)
    │   │   └── Diverged           an upload continues another log than the server's (`diverged`)
    │   └── Unavailable        a server or a disk can't be reached now (`unavailable`)
    │       ├── StorageFull        a quota or the server's disk has no room (`storage_full`)
    │       ├── TooManyRequests    one caller asks too often (`too_many_requests`)
    │       ├── NoServer           nothing listens at the address, or the host is unknown
    │       └── WrongServer        what answers there is not a weft server
    ├── CorruptLog         bytes of a run log break the format (`corrupt_log`)
    │   └── NewerLog       the log was written by a newer weft than this one
    ├── WrongContent       a content does not match its announced hash or size (`wrong_content`)
    ├── Damaged            stored data was changed by a disk (`damaged`)
    ├── MissingLibrary     an optional library is not installed (`missing_library`)
    └── LimitExceeded      a limit of weft is exceeded (`limit`)

Each class has a stable `code`. `weft.server.http.answers.problems` maps it to an HTTP status and
`weft.client.transport` maps it back; no other module knows both. Scripts written for W&B catch
`CommError`, and `Error` and `AuthenticationError`, which are defined at the end.

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
    "InvalidTable",
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
    "StorageFull",
    "TooManyRequests",
    "Unavailable",
    "UsageError",
    "WeftError",
    "WrongContent",
    "WrongKey",
    "WrongServer",
    "WrongType",
]


class WeftError(Exception):
    """Base class of all errors that weft raises on purpose."""

    code = "error"


class UsageError(WeftError, ValueError):
    """The call is invalid: `log` got no mapping, a key is not a string, the run is finished."""

    code = "usage"


class ConfigError(UsageError):
    """A setting, an argument of `init` or a field of a request is invalid.

    Attributes:
        field: the name of the invalid field, with dots for nested fields. If None, the message
            begins with the name, as in `limit must be 1 to 10` and `query: it is empty`.
    """

    code = "invalid"

    def __init__(self, message: str = "", *, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class FilterError(ConfigError):
    """A filter over runs is invalid: its text is malformed, or a column or value is invalid.

    Attributes:
        column: the position in the text, from 1. None if the filter was not a text.
    """

    def __init__(self, message: str, *, column: int | None = None, field: str = "filter") -> None:
        super().__init__(message, field=field)
        self.column = column


class ExpressionError(ConfigError):
    """An expression over metrics is invalid, or too long, deep or large.

    Attributes:
        column: the position in the text, from 1.
    """

    def __init__(self, message: str, *, column: int) -> None:
        super().__init__(message)
        self.column = column


class WrongType(UsageError, TypeError):
    """An argument has the wrong type: `log(5)`, a step that is text."""


class InvalidTable(UsageError, AssertionError):
    """An argument of a table is invalid. Scripts for W&B catch `AssertionError`."""


class CommError(WeftError):
    """A request was refused or could not be made. Scripts for W&B catch it around `Api`."""

    @property
    def exc(self) -> BaseException:
        """The error that caused this one, or this one itself. Named as in W&B."""
        return self.__cause__ or self


class NotFound(CommError, LookupError):
    """The named entity, project, run or metric does not exist, or the actor may not see it."""

    code = "not_found"


class NoSuchFile(NotFound, UsageError):
    """The run has no such file. Scripts for W&B catch `CommError` or `ValueError`."""


class NoSuchEntry(NotFound, KeyError):
    """The artifact has no such file. Scripts for W&B catch `KeyError`."""

    __str__ = NotFound.__str__


class NoSuchRun(NotFound, UsageError):
    """The run does not exist. Scripts for W&B catch `UsageError`, `CommError` or `ValueError`."""


class NoSuchProject(NotFound, UsageError):
    """The project does not exist. Scripts for W&B catch `ValueError`."""


class Gone(CommError):
    """The run or metric was deleted. A tombstone keeps late uploads from restoring it."""

    code = "gone"


class Moved(Gone):
    """The run was moved to another project.

    Attributes:
        path: its present path, `entity/project/run`. '' if not known.
    """

    code = "moved"

    def __init__(self, message: str, *, path: str = "") -> None:
        super().__init__(f"{message}, to {path}" if path else message)
        self.path = path


class Forbidden(CommError):
    """The actor is known and may not do this."""

    code = "forbidden"


class WrongKey(Forbidden):
    """The server does not know the key, or needs one."""


class Conflict(CommError):
    """The thing exists, but its current state does not allow the request."""

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
    """The thing to change has been changed by someone else since it was read."""

    code = "outdated"


class Diverged(Conflict):
    """Two copies of one log were continued separately, and the server has the other one."""

    code = "diverged"


class Unavailable(CommError):
    """A server, a disk or a lock is unavailable now; trying again may help.

    Attributes:
        retry_after_secs: how long the server asks clients to wait. None if it did not say.
    """

    code = "unavailable"

    def __init__(self, message: str, *, retry_after_secs: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_secs = retry_after_secs


class StorageFull(Unavailable):
    """A user's quota, or the server's disk, has no room for an upload, which is sent later."""

    code = "storage_full"


class TooManyRequests(Unavailable):
    """One caller asks too often, as when passwords are tried; `retry_after_secs` is always set."""

    code = "too_many_requests"

    def __init__(self, message: str, *, retry_after_secs: float) -> None:
        super().__init__(message, retry_after_secs=retry_after_secs)


class NoServer(Unavailable):
    """Nothing listens at the address: the connection is refused, or the name is unknown."""


class WrongServer(Unavailable):
    """Something other than a weft server answers at the address: a web page, a portal, a proxy."""


class CorruptLog(WeftError):
    """Bytes of a run log break a rule of the format: `weft docs run-log-format`."""

    code = "corrupt_log"


class NewerLog(CorruptLog):
    """The log's version is newer than this weft can read or this server can store."""

    code = "newer_log"


class WrongContent(WeftError):
    """The content that was sent for a file does not match the announced hash or size."""

    code = "wrong_content"


class MissingLibrary(WeftError, ImportError):
    """The call needs a library such as pandas or polars; the message says how to install it."""

    code = "missing_library"


class Damaged(WeftError):
    """A disk changed data that the server had stored; `weft server check` names what."""

    code = "damaged"


class LimitExceeded(WeftError):
    """A size, count or depth is above a limit of `weft.records.limits`."""

    code = "limit"


Error = WeftError
AuthenticationError = Forbidden
