"""Teams of a server, and their members. Does network I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Protocol

from weft.client.api_client import ApiClient
from weft.records.times import iso_time
from weft.sdk.reading.stored.names import INSIDE, WandbNames
from weft.wire.server.accounts import InvitationAddition, invite
from weft.wire.server.keys import (
    KeyAddition,
    ServiceAccountAddition,
    add_service_account,
    create_key,
)
from weft.wire.server.teams import (
    Membership,
    TeamDetails,
    get_team,
    put_team_member,
    remove_team_member,
)

if TYPE_CHECKING:
    from typing_extensions import Self


class _MakesTeams(Protocol):
    def create_team(self, team: str, admin_username: str | None = None) -> StoredTeam: ...


_NO_FRAME = "the team's page is at Api.url/NAME"


class StoredTeam(WandbNames):
    """A team: users that own projects together.

    Attributes:
        name: the name of the team and of its entity.
    """

    not_here: ClassVar[Mapping[str, str]] = {
        "display": _NO_FRAME,
        "to_html": _NO_FRAME,
        "snake_to_camel": INSIDE,
    }

    def __init__(self, client: ApiClient, details: TeamDetails) -> None:
        self._client = client
        self._details = details
        self.name = details.team.name

    def __repr__(self) -> str:
        return f"<Team {self.name}>"

    @classmethod
    def create(cls, api: _MakesTeams, team: str, admin_username: str | None = None) -> StoredTeam:
        """Create a team; see `Api.create_team`."""
        return api.create_team(team, admin_username)

    @property
    def description(self) -> str:
        return self._details.team.description

    @property
    def created_at(self) -> str:
        """When it was created: ISO 8601, UTC."""
        return iso_time(self._details.team.created_micros)

    @property
    def members(self) -> list[Member]:
        """The members and service accounts, by name."""
        return [
            Member(
                self._client,
                team=self.name,
                username=member.user,
                name=member.display_name or member.user,
                role=member.role,
                account_type="SERVICE" if member.is_service_account else "USER",
            )
            for member in self._details.members
        ]

    def load(self, force: bool = False) -> Self:  # noqa: ARG002  W&B's argument
        """Fetch the team and its members again."""
        self._details = self._client.call(get_team, self.name)
        return self

    def invite(self, username_or_email: str, admin: bool = False) -> bool:
        """Add a user of the server to the team, or invite a mail address.

        Args:
            username_or_email: a user is a member at once; an address gets a link, by mail if the
                server sends mail, else it is on the team's page.
            admin: whether they become an admin of the team.

        Returns:
            True; what is refused raises an error.

        Raises:
            NotFound: no such user.
            Forbidden: you are no admin of the team.
        """
        if "@" in username_or_email:
            invitation = InvitationAddition(
                email=username_or_email, team=self.name, role="admin" if admin else "member"
            )
            self._client.call(invite, invitation)
        else:
            membership = Membership(role="admin" if admin else "member")
            self._details = self._client.call(
                put_team_member, self.name, username_or_email, membership
            )
        return True

    def create_service_account(self, description: str) -> Member:
        """Add an account for programs, whose runs go to the team.

        Args:
            description: its name.

        Returns:
            The account; `api_key` is its key, which is shown only here.

        Raises:
            Forbidden: you are no admin of the team.
        """
        account = self._client.call(
            add_service_account, self.name, ServiceAccountAddition(name=description)
        )
        key = self._client.call(create_key, KeyAddition(), user=account.name)
        self.load()
        return Member(
            self._client,
            team=self.name,
            username=account.name,
            name=account.name,
            role="member",
            account_type="SERVICE",
            api_key=key.api_key,
        )


@dataclass
class Member(WandbNames):
    """A member of a team.

    Attributes:
        username: their name on the server.
        name: their display name.
        role: `viewer`, `member` or `admin`.
        account_type: `USER`, or `SERVICE` for an account of programs.
        api_key: of a service account that was just made: its key.
    """

    not_here: ClassVar[Mapping[str, str]] = {
        "display": _NO_FRAME,
        "to_html": _NO_FRAME,
        "snake_to_camel": INSIDE,
    }

    _client: ApiClient
    team: str
    username: str
    name: str
    role: str
    account_type: str
    api_key: str | None = None

    def delete(self) -> bool:
        """Take them out of the team.

        Raises:
            Forbidden: you are no admin of the team.
        """
        self._client.call(remove_team_member, self.team, self.username)
        return True

    def __repr__(self) -> str:
        return f"<Member {self.name} ({self.account_type})>"
