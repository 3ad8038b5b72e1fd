"""Finds the known name nearest to an unknown one, for error messages. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Final

_OF_KUBERNETES: Final = (
    r".*_(SERVICE_(HOST|PORT)(_.*)?|PORT(_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?)"
)
"""Variables that Kubernetes sets in containers for a Service `weft` or `weft-server`. Compiled
when there is an unknown variable: that takes as long as two modules of `init`."""

_PREFIX_CHARS: Final = 3
"""A shorter name begins too many others."""

_MISTYPED: Final = 0.75
"""Similarity of a variable to a mistyped one: high, since it may be another program's."""


def nearest_name(
    name: str, names: Iterable[str], similarity: float = 0.6, *, takes_beginnings: bool = True
) -> str | None:
    """The known name that `name` is the beginning of, else the most similar one.

    It is None if no known name is similar enough.

    Args:
        similarity: the least ratio of `difflib` at which two names are similar, 0 to 1.
        takes_beginnings: whether `name` may be the beginning of the known name.

    >>> nearest_name("projet", ["project", "entity"]), nearest_name("x", ["project"])
    ('project', None)
    >>> nearest_name("summary.ac", ["summary.rank", "summary.accuracy"])
    'summary.accuracy'
    """
    import difflib  # imported late: it takes 5 ms and is only needed after a mistake

    names = list(names)
    folded = {candidate.casefold(): candidate for candidate in names}
    if name.casefold() in folded:  # differs only in upper and lower case
        return folded[name.casefold()]
    near = difflib.get_close_matches(name, names, n=1, cutoff=similarity)
    # Who types a part of a long name means that name: its similarity is low.
    longer = [full for full in names if full.casefold().startswith(name.casefold())]
    if takes_beginnings and len(name) >= _PREFIX_CHARS and longer:
        return min(longer, key=lambda full: (len(full), full))
    return near[0] if near else None


def did_you_mean(name: str, names: Iterable[str], otherwise: str = "") -> str:
    """The end of a message about an unknown name: the nearest one, or `otherwise`.

    >>> did_you_mean("projet", ["project"]), did_you_mean("x", ["project"], ": see the list")
    (": did you mean 'project'?", ': see the list')
    """
    near = nearest_name(name, names)
    return otherwise if near is None else f": did you mean {near!r}?"


def mistyped_variables(
    environment: Mapping[str, str], prefix: str, names: Collection[str]
) -> list[str]:
    """A warning for each environment variable that looks like a mistyped one of weft's.

    Unknown variables that resemble none of weft's get no warning: they belong to other programs.

    Args:
        prefix: only variables that begin with it are checked.
        names: all known names, with the prefix.

    >>> mistyped_variables({"WEFT_BASE_UR": "x", "WEFT_LAB": "y"}, "WEFT_", ["WEFT_BASE_URL"])
    ["environment variable WEFT_BASE_UR is unknown and ignored: did you mean 'WEFT_BASE_URL'?"]
    """
    unknown = [
        name
        for name in environment
        if name.startswith(prefix) and name not in names and not re.fullmatch(_OF_KUBERNETES, name)
    ]
    if not unknown:
        return []
    rests = [name.removeprefix(prefix) for name in names]
    warnings: list[str] = []
    for name in sorted(unknown):
        rest = name.removeprefix(prefix)
        near = nearest_name(rest, rests, _MISTYPED, takes_beginnings=False)
        if near is not None:
            warnings.append(
                f"environment variable {name} is unknown and ignored: "
                f"did you mean {prefix + near!r}?"
            )
    return warnings
