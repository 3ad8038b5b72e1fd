"""Users and teams as `weft.Api` reads and changes them."""

from __future__ import annotations

from weft.client.api_client import ApiClient
from weft.errors import ConfigError, Forbidden
from weft.sdk.reading.stored.teams import StoredTeam
from weft.sdk.reading.stored.user import User, user_of_account
from weft.wire.server.accounts import AccountEdit, edit_account, get_account
from weft.wire.server.server import get_server
from weft.wire.server.teams import NewRole, TeamAddition, add_team, get_team
from weft.wire.server.users import UserAddition, add_user, list_users


class ApiPeople:
    """Users and teams. A base of `Api`."""

    _client: ApiClient

    @property
    def viewer(self) -> User:
        """The current user. A server without accounts has only one.

        Raises:
            Forbidden: the server refuses the key.
        """
        if self._client.call(get_server).account is None:
            return User()
        return user_of_account(self._client, self._client.call(get_account), is_own=True)

    def user(self, username_or_email: str) -> User | None:
        """Return the first user whose name or address is this text, or begins with it; None if not
        found.
        """
        users = self.users(username_or_email)
        exact = [user for user in users if username_or_email in {user.username, user.email}]
        return next(iter(exact or users), None)

    def users(self, username_or_email: str) -> list[User]:
        """Return the users whose names or addresses begin with this text.

        Administrators see all users, others themselves.
        """
        viewer = self.viewer
        users = [viewer]
        try:
            users += [
                User(user.name, user.name, user.email, user.name, [user.name], [], user.is_admin)
                for user in self._client.call(list_users).users
                if user.name != viewer.username
            ]
        except Forbidden:
            pass
        return [
            user
            for user in users
            if user.username.startswith(username_or_email)
            or (user.email or "").startswith(username_or_email)
        ]

    def create_user(self, email: str, admin: bool | None = False) -> User:
        """Add a user to the server. Only administrators may.

        Args:
            email: the mail address; what is before the `@` becomes the name.
            admin: whether they may do anything on the server.

        Returns:
            The user; `api_keys` has the key, which is shown only here.

        Raises:
            ConfigError: no name can be made of the address, or it is taken.
            Forbidden: you are no administrator.
        """
        name, at, _ = email.partition("@")
        if not at or not name:
            raise ConfigError(f"not a mail address: {email!r}")
        new = self._client.call(add_user, UserAddition(name=name, is_admin=bool(admin)))
        self._client.call(edit_account, name, AccountEdit(email=email))
        return User(name, name, email, name, [name], [new.api_key], new.is_admin)

    def team(self, team: str) -> StoredTeam:
        """Return a team with its members. They and administrators may see it.

        Raises:
            NotFound: no such team, or you may not see it.
        """
        return StoredTeam(self._client, self._client.call(get_team, team))

    def create_team(self, team: str, admin_username: str | None = None) -> StoredTeam:
        """Create a team. Administrators may, and all users if the server's settings say so.

        Args:
            team: its name, which its entity has, too.
            admin_username: its admin. Defaults to you.

        Raises:
            Conflict: there is a user or team of this name, or one that looks like it.
            Forbidden: you may not.
        """
        members: dict[str, NewRole] = {} if admin_username is None else {admin_username: "admin"}
        new = TeamAddition(name=team, members=members)
        return StoredTeam(self._client, self._client.call(add_team, new))
