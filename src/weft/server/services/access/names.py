"""Names of users and teams: what they may be. Pure.

Users, teams and the words that addresses of the web app and of the API begin with share one space
of names. Names are ASCII, so that no letter of another alphabet can pass for one of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from weft.errors import ConfigError, Conflict
from weft.records.ids import DEFAULT_ENTITY, REGISTRY

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")

RESERVED: Final = frozenset(
    """
    account accounts all anonymous anyone api artifacts assets audit auth authorize compare docs
    everyone examples favicon.ico favicon.svg files frames graphql guest healthz help home
    index.html invitation invitations invite join keys login logout me mine new none null oidc
    people profile projects public readyz register registries reports reset robots.txt runs search
    server service session sessions settings setup share shared shares sign-in sign-out sign-up
    signin signout signup static status storage sweeps system team teams token trash undefined
    usage user users wandb weft welcome
    """.split()  # noqa: SIM905
)
"""Words of addresses, and names that would pass for the server's own."""

_ALIKE: Final = (("rn", "m"), ("vv", "w"), ("0", "o"), ("1", "l"), ("i", "l"))


def skeleton(name: str) -> str:
    """A text that names have in common if people take one for the other.

    >>> skeleton("Ada_Lab") == skeleton("ada-lab"), skeleton("rnike") == skeleton("m1ke")
    (True, True)
    """
    text = re.sub("[_.-]", "", name.lower())
    for letters, other in _ALIKE:
        text = text.replace(letters, other)
    return text


def check_entity_name(name: str, names: Iterable[str] = ()) -> str:
    """Return `name` if a new user or team can have it.

    Args:
        name: 1 to 64 characters of A-Z, a-z, 0-9, `_`, `.` and `-`, first a letter or digit.
        names: those of all users and teams.

    Raises:
        ConfigError: the name is malformed or reserved.
        Conflict: a user or team has the name, or one that looks like it.

    >>> check_entity_name("ada", ["bob"])
    'ada'
    """
    if not _NAME.fullmatch(name):
        raise ConfigError(
            f"a name of a user or team has 1 to 64 characters of A-Z, a-z, 0-9, _, . and -, and "
            f"begins with a letter or digit: {name!r}",
            field="name",
        )
    if name.lower() == DEFAULT_ENTITY:
        raise ConfigError(f"{name!r} is the server's own user: choose another name", field="name")
    if name.lower() == REGISTRY:
        raise ConfigError(f"{name!r} is where registries are: choose another name", field="name")
    if name.lower() in RESERVED:
        raise ConfigError(f"{name!r} is a reserved word: choose another name", field="name")
    own = skeleton(name)
    for other in names:
        if other == name:
            raise Conflict(f"there is a user or team {name!r} already")
        if skeleton(other) == own:
            raise Conflict(f"{name!r} looks like the name {other!r}: choose another name")
    return name
