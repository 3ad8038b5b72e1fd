"""The settings of mail and of the providers by which people sign in. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Final, Literal, NamedTuple, cast

from weft.server.settings.kinds import FLAG, PORT, SECRET, TEXT, TEXTS, URL, Kind, choice
from weft.server.settings.table import Setting


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpSettings:
    """The server that takes mails: invitations, and links for forgotten passwords."""

    host: Annotated[str, Setting(TEXT, "Name or address of the mail server.")]
    sender: Annotated[str, Setting(TEXT, "Address that mails come from.")]
    port: Annotated[int, Setting(PORT, "Port of the mail server.")] = 587
    security: Annotated[
        Literal["starttls", "tls", "none"],
        Setting(choice("starttls", "tls", "none"), "How the connection is encrypted."),
    ] = "starttls"
    user: Annotated[str | None, Setting(TEXT, "Account of the mail server.")] = None
    password: Annotated[str | None, Setting(SECRET, "Its password.")] = field(
        default=None, repr=False
    )


class GroupRole(NamedTuple):
    """The role in a team that a group of a provider stands for."""

    group: str
    team: str
    role: str


_ROLES: Final = ("viewer", "member", "admin")


def _group_roles(value: Any) -> tuple[GroupRole, ...]:
    if not isinstance(value, Mapping):
        raise ValueError
    roles: list[GroupRole] = []
    for group, words in cast("Mapping[str, Any]", value).items():
        for word in cast("list[Any]", words) if isinstance(words, list) else [words]:
            team, _, role = word.partition(":") if isinstance(word, str) else ("", "", "")
            if not team or role not in _ROLES:
                raise ValueError
            roles.append(GroupRole(group, team, role))
    return tuple(roles)


_GROUP_ROLES: Final = Kind(
    'a table of groups, each with "TEAM:ROLE" or a list of those; the role is viewer, member '
    "or admin",
    "TABLE",
    _group_roles,
    _group_roles,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OidcProvider:
    """A provider of OpenID Connect by which people sign in."""

    name: str
    issuer: Annotated[
        str, Setting(URL, "Address of the provider; its discovery document is below it.")
    ]
    client_id: Annotated[str, Setting(TEXT, "Id of this server at the provider.")]
    client_secret: Annotated[
        str | None, Setting(SECRET, "Its secret there; none for a public client.")
    ] = field(default=None, repr=False)
    title: Annotated[
        str | None, Setting(TEXT, "Text of the button on the sign-in page.", "the table's name")
    ] = None
    scopes: Annotated[tuple[str, ...], Setting(TEXTS, "Scopes that are asked for.")] = (
        "openid",
        "profile",
        "email",
    )
    groups_claim: Annotated[str, Setting(TEXT, "Claim that lists a person's groups.")] = "groups"
    groups: Annotated[
        tuple[GroupRole, ...],
        Setting(_GROUP_ROLES, 'Roles in teams by group, such as `vision-leads = "vision:admin"`.'),
    ] = ()
    admin_groups: Annotated[
        tuple[str, ...], Setting(TEXTS, "Groups whose people are administrators of the server.")
    ] = ()
    sign_up: Annotated[bool, Setting(FLAG, "Make an account at a person's first sign-in.")] = False
    allowed_domains: Annotated[
        tuple[str, ...],
        Setting(TEXTS, "Domains of verified mail addresses that may sign up.", "all"),
    ] = ()
