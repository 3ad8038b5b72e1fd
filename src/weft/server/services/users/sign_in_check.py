"""Checks whether people can sign in, for the failures most frequent on servers of groups."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import TimeoutError as FutureTimeoutError
from typing import Final, NamedTuple

from weft.errors import WeftError
from weft.server.services.access.actors import SYSTEM, Actor
from weft.server.services.access.permissions import SERVER, Action, require
from weft.server.services.stores.stores import Stores
from weft.server.services.users.mail import Mailer
from weft.server.services.users.oidc.service import OidcService
from weft.server.settings import OidcProvider, SmtpSettings
from weft.wire.server.accounts import SignInFinding

_WAIT_SECS: Final = 20.0


class SignInSettings(NamedTuple):
    """The settings of a server that signing in depends on."""

    oidc: Sequence[OidcProvider] = ()
    smtp: SmtpSettings | None = None
    public_url: str | None = None
    loopback: bool = True


class SignInCheckService:
    """Finds the reasons for which people can't sign in."""

    def __init__(
        self, stores: Stores, settings: SignInSettings, oidc: OidcService, mailer: Mailer | None
    ) -> None:
        self._stores = stores
        self._settings = settings
        self._oidc = oidc
        self._mailer = mailer

    def check(self, actor: Actor) -> list[SignInFinding]:
        """Check administrators, invitations, providers and mail."""
        require(actor, Action.ADMIN, SERVER)
        is_alone = not self._stores.people.current.users
        if is_alone and self._settings.loopback and not self._settings.oidc:
            return []  # one person, who needs no account
        checks: list[Callable[[], Iterator[SignInFinding]]] = [
            self._first_administrator,
            self._second_user,
        ]
        findings = [finding for check in checks for finding in check()]
        for provider in self._settings.oidc:
            findings += self._provider(provider)
        return findings

    def _first_administrator(self) -> Iterator[SignInFinding]:
        """A server whose first account no one can reach."""
        accounts = self._stores.metadata.accounts
        with self._stores.metadata.read() as tx:
            admins = accounts.admins(tx)
        names = [row.name for row in admins if row.disabled_micros is None]
        with_password = [row.name for row in admins if row.password_hash and row.name in names]
        if not names:
            yield SignInFinding(
                text="no administrator has an account",
                remedy="weft server init-admin NAME makes the first one",
            )
        elif not with_password:
            yield SignInFinding(
                text=f"no administrator has a password: if a provider fails, only keys of "
                f"{', '.join(names)} and the server's token let an administrator in",
                remedy=f"weft server user password-link {names[0]} prints a link for a password",
            )
        else:
            yield SignInFinding(
                text=f"{with_password[0]} can sign in by password: an administrator"
            )

    def _second_user(self) -> Iterator[SignInFinding]:
        """A server that a second person can't join."""
        settings = self._settings
        if settings.public_url is None:
            if settings.loopback:
                state = (
                    "only this machine reaches the server: links of invitations work here alone"
                )
            else:
                state = "public_url is not set: mails for forgotten passwords are not sent"
            yield SignInFinding(
                text=state, remedy="set public_url to the address that people use, and restart"
            )
        else:
            yield SignInFinding(text=f"invitations begin with {settings.public_url}")
        if self._mailer is None:
            yield SignInFinding(text="no mail is sent: administrators pass links on themselves")
            return
        try:
            self._mailer.check()
        except WeftError as error:
            yield SignInFinding(text=str(error), remedy="correct [smtp] in the server's settings")
        else:
            yield SignInFinding(text="the mail server takes mails")

    def _provider(self, provider: OidcProvider) -> Iterator[SignInFinding]:
        title = provider.title or provider.name
        try:
            metadata = self._oidc.check(SYSTEM, provider.name).result(_WAIT_SECS)
        except (WeftError, FutureTimeoutError) as error:
            reason = str(error) or f"the provider {title} does not answer"
            yield SignInFinding(
                text=reason, remedy=f"correct [oidc.{provider.name}]; other ways still sign in"
            )
            return
        yield SignInFinding(text=f"the provider {title} answers, and its keys are usable")
        claims: set[str] = set(metadata.get("claims_supported") or [])
        scopes: set[str] = set(metadata.get("scopes_supported") or provider.scopes)
        yield from self._sign_up(provider, title)
        yield from self._verified_mail(provider, title, claims, scopes)
        yield from self._roles(provider, title, claims)

    def _sign_up(self, provider: OidcProvider, title: str) -> Iterator[SignInFinding]:
        """A closed sign-up that refuses the people of the provider."""
        if provider.sign_up:
            limits = ", ".join(provider.allowed_domains)
            limit = f" with a verified mail address of {limits}" if limits else ""
            yield SignInFinding(text=f"new people of {title}{limit} get an account by themselves")
            return
        yield SignInFinding(
            text=f"people of {title} need an account or an invitation to their mail address first",
            remedy=f"set sign_up = true in [oidc.{provider.name}] if all of them may have one",
        )

    def _verified_mail(
        self, provider: OidcProvider, title: str, claims: set[str], scopes: set[str]
    ) -> Iterator[SignInFinding]:
        """A provider that links no existing account."""
        if "email" not in provider.scopes or "email" not in scopes:
            reason = "is not asked for mail addresses"
            remedy = f'add "email" to scopes in [oidc.{provider.name}]'
        elif claims and "email_verified" not in claims:
            reason = "does not say whether it has verified mail addresses"
            remedy = "have it send the claim email_verified, or link accounts under Settings"
        else:
            return
        yield SignInFinding(
            text=f"{title} {reason}: existing accounts are not linked to it", remedy=remedy
        )

    def _roles(
        self, provider: OidcProvider, title: str, claims: set[str]
    ) -> Iterator[SignInFinding]:
        """Roles that do not follow the provider's groups."""
        if not provider.groups and not provider.admin_groups:
            return
        claim = provider.groups_claim
        is_listed = not claims or claim.partition(".")[0] in claims
        if self._oidc.lacks_groups(SYSTEM, provider.name):
            state = f"the last person whom {title} signed in came without the claim {claim}"
        elif not is_listed:
            state = f"{title} does not list the claim {claim} among those that it sends"
        else:
            yield from self._teams(provider)
            return
        yield SignInFinding(
            text=f"{state}: roles do not follow groups",
            remedy=f"have it send {claim}, add the scope that brings it, or name another "
            f"groups_claim in [oidc.{provider.name}]",
        )

    def _teams(self, provider: OidcProvider) -> Iterator[SignInFinding]:
        teams = self._stores.people.current.teams
        for team in sorted({role.team for role in provider.groups} - teams.keys()):
            yield SignInFinding(
                text=f"[oidc.{provider.name}] gives roles in the missing team {team}",
                remedy=f"weft server team add {team}",
            )
