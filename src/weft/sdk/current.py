"""The module-level names that mean the current run.

`weft.log`, `weft.finish`, `weft.run`, `weft.config` and `weft.summary` are these; the latter three
are looked up at each access, so that `weft.run` is the run of the moment.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from weft.errors import UsageError
from weft.sdk.history import FloatOrInt
from weft.sdk.session import session


def log(
    data: Mapping[str, Any], step: FloatOrInt | None = None, commit: bool | None = None
) -> None:
    """Record one row of the current run's history; see `Run.log`.

    Raises:
        UsageError: there is no current run, or the call can be no row.

    >>> import weft
    >>> run = weft.init(mode="disabled")
    >>> weft.log({"loss": 0.5})
    >>> weft.finish()
    """
    run = session.run
    if run is None:
        raise _no_run("log()")
    run.log(data, step, commit)


def finish(exit_code: int | None = None, quiet: bool | None = None) -> None:
    """End the current run; nothing happens if there is none. See `Run.finish`.

    >>> import weft
    >>> weft.finish()
    """
    if session.run is not None:
        session.run.finish(exit_code, quiet)


class Current:
    """`weft.config` or `weft.summary` before `init`: becomes the current run's at first use.

    So `from weft import config` works at the top of a module.
    """

    __slots__ = ("_name",)

    def __init__(self, name: str) -> None:
        object.__setattr__(self, "_name", name)

    def _target(self) -> Any:
        name: str = object.__getattribute__(self, "_name")
        if session.run is None:
            raise _no_run(name)
        return getattr(session.run, name)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._target(), name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self._target(), name, value)

    def __getitem__(self, key: str) -> Any:
        return self._target()[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self._target()[key] = value

    def __delitem__(self, key: str) -> None:
        del self._target()[key]

    def __contains__(self, key: object) -> bool:
        return key in self._target()

    def __iter__(self) -> Iterator[str]:
        return iter(self._target())

    def __len__(self) -> int:
        return len(self._target())

    def __repr__(self) -> str:
        return repr(self._target()) if session.run is not None else "<weft: no run yet>"


def current(name: str) -> Any:
    """What `weft.run`, `weft.config` and `weft.summary` are at this moment."""
    if name == "run":
        return session.run
    return getattr(session.run, name) if session.run is not None else Current(name)


def _no_run(what: str) -> UsageError:
    return UsageError(f"no run: call weft.init() before weft.{what}")
