"""Small calls that W&B has and that scripts and integrations make; also reached as `weft.util`.

So that `import weft as wandb` carries a script. They print, or do nothing at all.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Final

from weft.errors import UsageError
from weft.records.ids import new_run_id
from weft.sdk.guard import Guard

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


def termlog(string: str = "", newline: bool = True, repeat: bool = True) -> None:  # noqa: ARG001
    """Print a line as weft's own.

    Args:
        repeat: False = only the first time that this is printed.

    >>> import weft
    >>> weft.termlog("half way")
    """
    _say(string, repeat=repeat)


def termwarn(string: str, newline: bool = True, repeat: bool = True) -> None:  # noqa: ARG001
    """Print a warning; see `termlog`.

    >>> import weft
    >>> weft.termwarn("the loss grows", repeat=False)
    """
    _say(f"WARNING {string}", repeat=repeat)


def termerror(string: str, newline: bool = True, repeat: bool = True) -> None:  # noqa: ARG001
    """Print an error; see `termlog`.

    >>> import weft
    >>> weft.termerror("the loss is NaN")
    """
    _say(f"ERROR {string}", repeat=repeat)


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


def _say(line: str, *, repeat: bool) -> None:
    if not repeat and line in _said:
        return
    _said.add(line)
    silent = os.environ.get("WEFT_SILENT") or os.environ.get("WANDB_SILENT") or ""
    Guard(silent=silent.lower() in {"1", "true", "yes", "on"}).say(line)
