"""Small calls that W&B has and that scripts and integrations make; also reached as `weft.util`.

So that `import weft as wandb` carries a script. They print, or do nothing at all.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from weft.errors import UsageError
from weft.records.ids import new_run_id

if TYPE_CHECKING:
    from weft.sdk.setup.settings import Settings

_said: Final[set[str]] = set()
_KNOWN_REQUIREMENTS: Final = frozenset(
    {
        "core",
        "legacy-service",
        "nested-service",
        "report-editing",
        "require",
        "service",
        "workflows",
    }
)


def termlog(
    string: str = "", newline: bool = True, repeat: bool = True, prefix: bool = True
) -> None:
    """Print a line to stderr, as weft prints its own.

    Args:
        newline: False = the next line follows without a break.
        repeat: False = only the first time that this is printed.
        prefix: begin it with `weft: `.

    >>> import weft
    >>> weft.termlog("half way")
    """
    _say(string, newline=newline, repeat=repeat, prefix=prefix)


def termwarn(string: str, newline: bool = True, repeat: bool = True, prefix: bool = True) -> None:
    """Print a warning; see `termlog`.

    >>> import weft
    >>> weft.termwarn("the loss grows", repeat=False)
    """
    if _settings().show_warnings:
        _say(f"WARNING {string}", newline=newline, repeat=repeat, prefix=prefix)


def termerror(string: str, newline: bool = True, repeat: bool = True, prefix: bool = True) -> None:
    """Print an error; see `termlog`.

    >>> import weft
    >>> weft.termerror("the loss is NaN")
    """
    if _settings().show_errors:
        _say(f"ERROR {string}", newline=newline, repeat=repeat, prefix=prefix)


def generate_id(length: int = 8) -> str:
    """Make a random run id.

    >>> import weft
    >>> len(weft.util.generate_id())
    8
    """
    made = ""
    while len(made) < length:
        made += new_run_id()
    return made[:length]


def require(requirement: str | Iterable[str]) -> None:
    """Ask for a feature of W&B that was once optional: here it is there, or means nothing.

    Raises:
        UsageError: W&B knows no such feature either.

    >>> import weft
    >>> weft.require("core")
    """
    names = [requirement] if isinstance(requirement, str) else list(requirement)
    for name in names:
        if name not in _KNOWN_REQUIREMENTS:
            raise UsageError(
                f"no requirement {name!r}: there are {', '.join(sorted(_KNOWN_REQUIREMENTS))}"
            )


def ensure_configured() -> None:
    """Nothing: settings are read when a run starts.

    >>> import weft
    >>> weft.ensure_configured()
    """


def _settings() -> Settings:
    from weft.sdk.session import session
    from weft.sdk.setup.precedence import read_settings

    return session.run.settings if session.run is not None else read_settings({})


def _say(text: str, *, newline: bool, repeat: bool, prefix: bool) -> None:
    if _settings().silent or (not repeat and text in _said):
        return
    _said.add(text)
    head = "weft: " if prefix else ""
    lines = "\n".join(f"{head}{line}" for line in text.split("\n"))
    try:
        sys.stderr.write(f"{lines}\n" if newline else lines)
        sys.stderr.flush()
    except (OSError, ValueError, AttributeError):
        pass  # a closed stderr is no reason to fail
