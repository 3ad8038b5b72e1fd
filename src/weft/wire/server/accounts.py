"""Accounts: profile and password, sessions, invitations, and links for a new password."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from weft.wire.endpoint import Endpoints, RequestBody

_MAX_NAME_CHARS = 64

Email = Annotated[str, Meta(max_length=254, description="a mail address")]
Password = Annotated[
    str, Meta(max_length=256, description="12 to 256 characters, not easily guessed")
]


class Identity(Struct, frozen=True, kw_only=True):
    """An account at a provider that signs a user in."""

    issuer: str
    title: Annotated[str, Meta(description="the provider's name on the sign-in page")]


class Account(Struct, frozen=True, kw_only=True):
    """A user's own account."""

    name: str
    display_name: str
    email: str | None
    is_email_verified: Annotated[
        bool, Meta(description="only a verified address links an account at a provider")
    ]
    is_admin: bool
    is_disabled: bool
    has_password: bool
    default_entity: Annotated[
        str | None, Meta(description="a team that gets runs which name no entity; null: yourself")
    ]
    identities: Sequence[Identity]


class AccountEdit(RequestBody, frozen=True, kw_only=True):
    """Changes of an account; what is missing stays."""

    display_name: Annotated[str, Meta(max_length=128)] | UnsetType = UNSET
    email: Annotated[
        Email | UnsetType | None, Meta(description="not verified, if you change your own")
    ] = UNSET
    default_entity: Annotated[
        Annotated[str, Meta(max_length=64)] | UnsetType | None,
        Meta(description="a team of the user, or null"),
    ] = UNSET
    is_admin: Annotated[bool | UnsetType, Meta(description="administrators only")] = UNSET
    is_disabled: Annotated[
        bool | UnsetType,
        Meta(description="administrators only: a disabled user is refused, their work stays"),
    ] = UNSET


class PasswordChange(RequestBody, frozen=True, kw_only=True):
    """A new password."""

    password: Password
    old_password: Annotated[
        Annotated[str, Meta(max_length=256)] | None,
        Meta(description="null if the account has no password"),
    ] = None


class Session(Struct, frozen=True, kw_only=True):
    """A browser that is signed in."""

    id: int
    created_micros: int
    used_micros: Annotated[int, Meta(description="the last use, to ten minutes")]
    expires_micros: int
    address: Annotated[str, Meta(description="network address when it signed in")]
    agent: Annotated[str, Meta(description="how the browser calls itself")]
    method: Annotated[
        str, Meta(description="`password`, `key`, `link`, `invitation`, or a provider's name")
    ]
    is_current: Annotated[bool, Meta(description="whether this request belongs to it")]


class SessionList(Struct, frozen=True):
    """The browsers in which a user is signed in, the one used last first."""

    sessions: Sequence[Session]


class InvitationAddition(RequestBody, frozen=True, kw_only=True):
    """Someone to invite."""

    email: Annotated[
        Email | None, Meta(description="where to mail the link; null: you pass it on")
    ] = None
    team: Annotated[
        Annotated[str, Meta(max_length=128)] | None,
        Meta(description="a team that they join; admins of it may invite"),
    ] = None
    role: Literal["viewer", "member", "admin"] = "member"
    is_admin: Annotated[bool, Meta(description="an administrator of the server")] = False
    days: Annotated[int, Meta(ge=1, le=90, description="how long the link works")] = 7


InvitationState = Literal["open", "used", "expired", "revoked"]


class Invitation(Struct, frozen=True, kw_only=True):
    """An invitation."""

    id: int
    email: str | None
    team: str | None
    role: str | None
    is_admin: bool
    created_by: str
    created_micros: int
    expires_micros: int
    state: Annotated[
        InvitationState,
        Meta(
            description="revoked: withdrawn, or made by someone who may not invite any more; only "
            "open ones can be accepted"
        ),
    ]


class InvitationList(Struct, frozen=True):
    """The newest 200 invitations, those that ended in the last 30 days included."""

    invitations: Sequence[Invitation]


class OneTimeLink(Struct, frozen=True, kw_only=True):
    """A link that works once: an invitation, or a new password."""

    id: int
    link: Annotated[str, Meta(description="shown only in this answer: the server hashes it")]
    expires_micros: int
    is_mailed: Annotated[bool, Meta(description="whether the mail server took a mail with it")]
    mail_problem: Annotated[
        str | None, Meta(description="why no mail was sent although there is an address")
    ] = None


class FirstAdmin(RequestBody, frozen=True, kw_only=True):
    """The first administrator with an account."""

    name: Annotated[str, Meta(min_length=1, max_length=64)]
    password: Annotated[
        Password | None, Meta(description="null: the answer has a link to choose one by")
    ] = None
    email: Email | None = None
    local_to: Annotated[
        Annotated[str, Meta(max_length=128)] | None,
        Meta(
            description="the user or team that gets projects under `local`, and that `local` "
            "stands for if none is left there; null: they stay the administrators'"
        ),
    ] = None
    projects: Annotated[
        Annotated[Sequence[str], Meta(max_length=5000)] | None,
        Meta(description="those of `local` that `local_to` gets; null: all"),
    ] = None
    new_team: Annotated[
        bool, Meta(description="make `local_to` first, a team that the administrator is admin of")
    ] = False


class NewFirstAdmin(Struct, frozen=True, kw_only=True):
    """The first administrator, who was added."""

    name: str
    link: Annotated[str | None, Meta(description="where the password is chosen, once")]
    moved: Annotated[Sequence[str], Meta(description="projects that were under `local`")]
    refused: Annotated[
        Sequence[str],
        Meta(description="chosen projects that stay, as the owner has some of that name"),
    ]


class SignInFinding(Struct, frozen=True, kw_only=True):
    """The result of one check of how people sign in."""

    text: str
    remedy: Annotated[str, Meta(description="'' if nothing is wrong")] = ""


class SignInFindings(Struct, frozen=True):
    """Checks of how people sign in, with the remedy where something is wrong."""

    findings: Sequence[SignInFinding]


_root = Endpoints("/api/v1", tag="users")


@_root.get("/account")
def get_account() -> Account:
    """Return your own account."""


@_root.put("/account/password")
def change_password(change: PasswordChange) -> None:
    """Change your own password.

    Your other sessions, and addresses that were signed for you, stop working.
    """


@_root.delete("/account/identities")
def unlink_identity(*, issuer: str) -> None:
    """Unlink your account at a provider; refused if you could not sign in without it."""


@_root.get("/users/{user}/account")
def get_user_account(user: str) -> Account:
    """Return a user's account. Only administrators may return others'."""


@_root.patch("/users/{user}/account")
def edit_account(user: str, edit: AccountEdit) -> Account:
    """Change a user's account. You may change your own names; administrators may change any."""


@_root.get("/users/{user}/picture")
def get_picture(user: str) -> bytes:
    """Return a user's picture: one that they uploaded, or their initials as SVG."""


@_root.put("/users/{user}/picture")
def set_picture(user: str) -> None:
    """Replace a user's picture by the body, a PNG, JPEG or WebP of at most 256 KiB."""


@_root.delete("/users/{user}/picture")
def remove_picture(user: str) -> None:
    """Remove a user's picture; their initials take its place."""


@_root.post("/users/{user}/password-link")
def create_password_link(user: str) -> OneTimeLink:
    """Make a link by which a user chooses a new password. Only administrators may.

    It works once, for a day, and replaces earlier ones. It is mailed, too, if the user has a mail
    address and the server sends mail.
    """


@_root.get("/sessions")
def list_sessions() -> SessionList:
    """List the browsers in which you are signed in."""


@_root.delete("/sessions/{session}")
def end_session(session: str) -> None:
    """End a session by id, or `current`: the browser is signed out at once."""


@_root.delete("/sessions")
def end_other_sessions() -> None:
    """End all of your sessions except the one of this request."""


@_root.get("/invitations")
def list_invitations(*, team: str | None = None) -> InvitationList:
    """List invitations and what became of them: to a team, of which you are an admin, or all."""


@_root.post("/invitations")
def invite(new: InvitationAddition) -> OneTimeLink:
    """Invite someone by a link that works once, and by mail if the server sends mail."""


@_root.post("/invitations/{invitation}/again")
def invite_again(invitation: int) -> OneTimeLink:
    """Replace the link of an invitation that was not used by a new one, and mail it.

    The new one works for as many days as the old one did. Conflict if it was used.
    """


@_root.delete("/invitations/{invitation}")
def withdraw_invitation(invitation: int) -> None:
    """Withdraw an invitation: its link stops working."""


@_root.post("/server/first-admin")
def add_first_admin(new: FirstAdmin) -> NewFirstAdmin:
    """Add the first administrator with a password. Only administrators may.

    A user who is there already becomes the administrator.
    """


@_root.get("/server/sign-in")
def check_sign_in() -> SignInFindings:
    """Check administrators, providers and mail. Only administrators may."""
