"""W&B's classes of errors: those of weft that the same `except` clauses catch."""

from weft.errors import CommError as CommError
from weft.errors import Error as Error
from weft.errors import UsageError as UsageError
from weft.errors import WrongKey as AuthenticationError

UnsupportedError = UsageError
WandbCoreNotAvailableError = Error

__all__ = [
    "AuthenticationError",
    "CommError",
    "Error",
    "UnsupportedError",
    "UsageError",
    "WandbCoreNotAvailableError",
]
