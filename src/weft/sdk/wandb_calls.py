"""Small functions of W&B that scripts and integrations call; also available as `weft.util`.

They let such scripts run with `import weft as wandb`. They print, or do nothing at all.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from weft.errors import UsageError
from weft.records.ids import new_run_id

if TYPE_CHECKING:
    from weft.sdk.setup.settings import Settings

_printed: Final[set[str]] = set()
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
    """Print a line to stderr in the style of weft's own messages.

    Args:
        string: the text to print.
        newline: whether to end it with a line break.
        repeat: whether to print it again if the same text was printed before.
        prefix: whether to begin it with `weft: `.

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
    digits = ""
    while len(digits) < length:
        digits += new_run_id()
    return digits[:length]


def require(requirement: str | Iterable[str]) -> None:
    """Accept the name of an optional feature of W&B. Has no effect.

    Raises:
        UsageError: the feature is unknown to W&B, too.

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
    """Do nothing: settings are read when a run starts.

    >>> import weft
    >>> weft.ensure_configured()
    """


def _settings() -> Settings:
    from weft.sdk.session import session
    from weft.sdk.setup.precedence import read_settings

    return session.run.settings if session.run is not None else read_settings({})


def _say(text: str, *, newline: bool, repeat: bool, prefix: bool) -> None:
    if _settings().silent or (not repeat and text in _printed):
        return
    _printed.add(text)
    head = "weft: " if prefix else ""
    lines = "\n".join(f"{head}{line}" for line in text.split("\n"))
    try:
        sys.stderr.write(f"{lines}\n" if newline else lines)
        sys.stderr.flush()
    except (OSError, ValueError, AttributeError):
        pass  # a closed stderr must not raise
