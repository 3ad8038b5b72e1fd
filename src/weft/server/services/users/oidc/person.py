"""The claims of a provider about a person, and what follows from them. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

from weft.server.settings import GroupRole, OidcProvider

_MAX_GROUPS: Final = 2000
_MAX_TEXT_CHARS: Final = 256
_RANKS: Final = {"viewer": 0, "member": 1, "admin": 2}


@dataclass(frozen=True, slots=True)
class Person:
    """A person as a provider describes them.

    Attributes:
        issuer, subject: identify the person for ever; a mail address or name may pass to another.
        mail: None if the provider names none.
        is_mail_verified: whether the provider has checked that the mail is the person's.
        groups: None if the provider tells none; their roles then stay as they are.
    """

    issuer: str
    subject: str
    user_name: str = ""
    display_name: str = ""
    mail: str | None = None
    is_mail_verified: bool = False
    groups: frozenset[str] | None = None

    def roles(self, groups: Sequence[GroupRole]) -> dict[str, str]:
        """The highest role in each team that the person's groups stand for.

        >>> person = Person("https://id.example", "7", groups=frozenset({"ml", "leads"}))
        >>> groups = [GroupRole("ml", "vision", "member"), GroupRole("leads", "vision", "admin")]
        >>> person.roles(groups)
        {'vision': 'admin'}
        """
        roles: dict[str, str] = {}
        for group, team, role in groups:
            if group in (self.groups or ()) and _RANKS[role] >= _RANKS[roles.get(team, "viewer")]:
                roles[team] = role
        return roles


def person_from(claims: Mapping[str, Any], provider: OidcProvider) -> Person:
    """Read the claims that have been verified. Malformed optional ones count as missing."""
    mail = _text(claims.get("email"))
    return Person(
        issuer=str(claims["iss"]),
        subject=str(claims["sub"]),
        user_name=_text(claims.get("preferred_username")) or _text(claims.get("nickname")),
        display_name=_text(claims.get("name")),
        mail=mail if re.fullmatch(r"[^@\s]+@[^@\s]+", mail) else None,
        # Amazon Cognito sends a text.
        is_mail_verified=claims.get("email_verified") in (True, "true"),
        groups=_groups(_member(claims, provider.groups_claim)),
    )


def user_name_for(person: Person) -> str:
    """A user's name of letters, digits, `-`, `_` and `.` for a person; '' if none can be made.

    >>> user_name_for(Person("https://id.example", "7", user_name="Ada Lovelace@lab.example"))
    'ada-lovelace'
    """
    for text in (person.user_name, person.mail or "", person.display_name):
        local = text.partition("@")[0].lower()
        name = re.sub(r"[^a-z0-9_.]+", "-", local).strip("-_.")[:60]
        if name:
            return name
    return ""


def _member(claims: Mapping[str, Any], path: str) -> Any:
    """A claim by name, or by a path such as Keycloak's `realm_access.roles`."""
    if path in claims:
        return claims[path]
    value: Any = claims
    for part in path.split("."):
        if not isinstance(value, Mapping):
            return None
        value = cast("Mapping[str, Any]", value).get(part)
    return value


def _groups(value: Any) -> frozenset[str] | None:
    if isinstance(value, str):
        return frozenset(value.replace(",", " ").split())
    if not isinstance(value, list):
        return None
    items = cast("list[Any]", value)
    return frozenset(item for item in items[:_MAX_GROUPS] if isinstance(item, str))


def _text(value: Any) -> str:
    return " ".join(value.split())[:_MAX_TEXT_CHARS] if isinstance(value, str) else ""
