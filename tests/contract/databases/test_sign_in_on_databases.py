"""Accounts, sessions and links on SQLite and on a real PostgreSQL, and their audit log."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from at_length import engines_at_length
from service_uploads import Clock
from weft.errors import Conflict, Forbidden, WeftError
from weft.server.services.access.actors import LOCAL, SYSTEM, Actor
from weft.server.services.opening.services import Services, open_services
from weft.server.services.users.attempts import Source
from weft.server.services.users.links import NewAccount
from weft.server.services.users.login_codes import CODE_MICROS
from weft.server.services.users.oidc.person import Person
from weft.server.services.users.one_time import hash_code
from weft.server.services.users.sessions import IDLE_MICROS, LONGEST_MICROS
from weft.server.settings import GroupRole, OidcProvider
from weft.server.storage.metadata import AuditFilter, LoginCode
from weft.server.storage.metadata.people.sign_in import MAX_CODES
from weft.wire.server.accounts import AccountEdit, FirstAdmin, InvitationAddition, PasswordChange
from weft.wire.server.keys import KeyAddition, ServiceAccountAddition
from weft.wire.server.teams import Membership, TeamAddition

pytestmark = pytest.mark.usefixtures("ticking")

PASSWORD = "correct horse battery"
HERE = Source("192.0.2.7")
ISSUER = "https://id.example"


@pytest.fixture(autouse=True)
def root(services: Services) -> None:
    """The first administrator."""
    services.first_admin.make(LOCAL, FirstAdmin(name="root", password=PASSWORD))


def invite(services: Services, by: Actor = LOCAL, **new: object) -> str:
    link = services.links.invite(by, InvitationAddition(**new), base_url="").link  # type: ignore[arg-type]
    return parse_qs(urlsplit(link).query)["code"][0]


def add_admin_of_lab(services: Services) -> Actor:
    """Add ada as an admin of the team `lab`, in which root is another one."""
    add(services, "ada")
    members: dict[str, Any] = {"ada": "admin", "root": "admin"}
    services.teams.add_team(LOCAL, TeamAddition(name="lab", members=members))
    return account(services, "ada")


def account(services: Services, name: str, key_id: int | None = None) -> Actor:
    actor = services.users.account(SYSTEM, name, key_id)
    assert actor is not None
    return actor


def add(services: Services, name: str) -> None:
    code = invite(services)
    services.links.accept(SYSTEM, code, NewAccount(name, name.title(), PASSWORD))


def begin(services: Services, name: str) -> str:
    token = services.sessions.begin(
        SYSTEM, name, method="password", address="192.0.2.7", agent="Firefox"
    )
    assert token is not None
    return token


def actions(services: Services) -> list[str]:
    metadata = services.stores.metadata
    with metadata.read() as tx:
        rows = metadata.audit.page(tx, AuditFilter(), before_id=None, limit=100)
    return [row.action for row in reversed(rows)]


def test_a_session_ends_with_the_password_the_user_or_its_time(
    services: Services, clock: Clock
) -> None:
    add(services, "ada")
    sessions = services.sessions
    token = begin(services, "ada")
    assert sessions.cached(SYSTEM, token) is None
    row = sessions.find_session(SYSTEM, token)
    assert row is not None
    assert sessions.cached(SYSTEM, token) == row, "the second request costs no query"
    services.accounts.set_password(SYSTEM, "ada", "another good phrase")
    assert sessions.cached(SYSTEM, token) is None
    assert sessions.find_session(SYSTEM, token) is None

    token = begin(services, "ada")
    for is_disabled in (True, False):
        services.accounts.edit(LOCAL, "ada", AccountEdit(is_disabled=is_disabled))
        assert sessions.find_session(SYSTEM, token) is None

    token = begin(services, "ada")
    n_days = 0
    while sessions.find_session(SYSTEM, token) is not None:
        n_days += 20
        clock.micros += 20 * 86_400_000_000
    assert n_days * 86_400_000_000 >= LONGEST_MICROS
    token = begin(services, "ada")
    last_seen = clock.micros
    clock.micros += IDLE_MICROS
    assert sessions.find_session(SYSTEM, token) is None

    # the session is gone, and the time of its last use stays, for admins
    add(services, "bea")
    seen = {user.name: user.seen_micros for user in services.users.list(LOCAL).users}
    assert seen["bea"] is None
    assert last_seen - 10 < (seen["ada"] or 0) <= last_seen
    services.teams.add_team(
        LOCAL, TeamAddition(name="labs", members={"ada": "admin", "bea": "viewer"})
    )
    for name, times in (("ada", [seen["ada"], None]), ("bea", [None, None])):
        actor = Actor("user", name, people=services.stores.people)
        members = services.teams.get(actor, "labs").members
        assert [member.seen_micros for member in members] == times


def test_a_link_is_used_once_however_many_try(services: Services) -> None:
    code = invite(services)
    results: list[str] = []

    def accept(name: str) -> None:
        try:
            results.append(services.links.accept(SYSTEM, code, NewAccount(name, "", PASSWORD)))
        except WeftError as error:
            results.append(type(error).__name__)

    threads = [threading.Thread(target=accept, args=(f"user{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([result for result in results if result.startswith("user")]) == 1, results
    names = {user.name for user in services.users.list(LOCAL).users}
    assert len(names - {"root"}) == 1


@engines_at_length("postgresql")
def test_names_of_users_teams_and_left_projects_are_taken(services: Services) -> None:
    add(services, "ada")
    services.users.remove(LOCAL, "ada")
    code = invite(services)
    for name in ("ada", "ADA", "Root"):
        with pytest.raises(Conflict, match=r"taken|looks like|already"):
            services.links.accept(SYSTEM, code, NewAccount(name, "", PASSWORD))
    # Whoever signs up does not get the projects of someone else who left.
    person = Person(ISSUER, "7", user_name="ada")
    provider = OidcProvider(name="lab", issuer=ISSUER, client_id="weft", sign_up=True)
    assert services.sign_in.by_person(SYSTEM, person, provider) == "ada-2"
    assert services.sign_in.by_person(SYSTEM, person, provider) == "ada-2"


@engines_at_length("postgresql")
def test_an_admin_of_a_team_makes_no_verified_mail(services: Services) -> None:
    """Else they could prepare an account that the owner of the address is linked to later."""
    ada = add_admin_of_lab(services)
    boss = "boss@lab.example"
    with pytest.raises(Forbidden):
        services.links.invite(ada, InvitationAddition(email=boss), base_url="")
    code = invite(services, ada, email=boss, team="lab", role="viewer")
    services.links.accept(SYSTEM, code, NewAccount("mallory", "", PASSWORD))
    account = services.accounts.get(LOCAL, "mallory")
    assert (account.email, account.is_email_verified) == (boss, False)
    person = Person(ISSUER, "1", "boss", "Boss", boss, is_mail_verified=True)
    provider = OidcProvider(name="lab", issuer=ISSUER, client_id="weft", sign_up=True)
    with pytest.raises(Forbidden, match="not verified here"):
        services.sign_in.by_person(SYSTEM, person, provider)


@engines_at_length("postgresql")
def test_a_link_ends_with_the_rights_of_who_made_it(services: Services) -> None:
    """Else a removed admin comes back by their own invitation, or takes an account over."""
    ada = add_admin_of_lab(services)
    add(services, "bob")
    mail = "eve@lab.example"
    codes = [invite(services, ada, team="lab", role="admin", email=mail) for _ in range(2)]
    person = Person(ISSUER, "5", user_name="eve", mail=mail, is_mail_verified=True)
    provider = OidcProvider(name="lab", issuer=ISSUER, client_id="weft")
    services.teams.remove_member(LOCAL, "lab", "ada")
    for use in (
        lambda: services.links.join(ada, codes[0]),
        lambda: services.links.join(account(services, "bob"), codes[0]),
        lambda: services.links.accept(SYSTEM, codes[0], NewAccount("eve", "", PASSWORD)),
    ):
        with pytest.raises(Forbidden, match="ada, who made it, may not do so now; ask who"):
            use()
    with pytest.raises(Forbidden, match="ask an administrator for an invitation"):
        services.sign_in.by_person(SYSTEM, person, provider)
    services.teams.put_member(LOCAL, "lab", "ada", Membership(role="admin"))
    assert services.sign_in.by_person(SYSTEM, person, provider) == "eve"

    services.accounts.edit(LOCAL, "ada", AccountEdit(is_admin=True))
    link = services.links.create_password_link(account(services, "ada"), "root", base_url="").link
    reset = parse_qs(urlsplit(link).query)["code"][0]
    assert services.links.user_of_reset(SYSTEM, reset) == "root"
    for edit in (AccountEdit(is_admin=False), AccountEdit(is_admin=True, is_disabled=True)):
        services.accounts.edit(LOCAL, "ada", edit)
        with pytest.raises(Forbidden, match="may not do so now"):
            services.links.reset(SYSTEM, reset, "another good phrase")


@engines_at_length("postgresql")
def test_a_limited_key_and_a_service_account_join_nothing(services: Services) -> None:
    add_admin_of_lab(services)
    add(services, "bob")
    code = invite(services, is_admin=True)
    key = services.keys.create(account(services, "bob"), KeyAddition(name="script", scope="write"))
    with pytest.raises(Forbidden, match="its scope is write"):
        services.links.join(account(services, "bob", key.id), code)
    services.service_accounts.add_service_account(
        LOCAL, "lab", ServiceAccountAddition(name="lab-ci")
    )
    with pytest.raises(Forbidden, match="is a service account"):
        services.links.join(account(services, "lab-ci"), code)
    services.links.join(account(services, "bob"), code)
    assert account(services, "bob").is_admin


@engines_at_length("postgresql")
def test_groups_take_roles_away_again_but_not_the_last_admins(services: Services) -> None:
    """At the next sign-in; an admin who is disabled does not count."""
    add_admin_of_lab(services)
    roles = (GroupRole("leads", "lab", "admin"), GroupRole("guests", "lab", "viewer"))
    provider = OidcProvider(
        name="lab", issuer=ISSUER, client_id="weft", sign_up=True, groups=roles,
        admin_groups=("ops",),
    )  # fmt: skip

    def sign_in_with(*groups: str) -> tuple[str | None, bool]:
        person = Person(ISSUER, "5", user_name="eve", groups=frozenset(groups))
        services.sign_in.by_person(SYSTEM, person, provider)
        role = services.stores.people.current.role_in_team("eve", "lab")
        return None if role is None else role.text, account(services, "eve").is_admin

    assert sign_in_with("leads", "ops") == ("admin", True)
    assert sign_in_with("guests", "leads") == ("admin", False)
    assert sign_in_with("guests") == ("viewer", False)
    assert sign_in_with("others") == (None, False)
    assert sign_in_with("leads") == ("admin", False)
    services.teams.remove_member(LOCAL, "lab", "ada")
    add(services, "bob")
    services.accounts.edit(LOCAL, "bob", AccountEdit(is_admin=True))
    services.accounts.edit(LOCAL, "root", AccountEdit(is_disabled=True))
    assert sign_in_with() == ("admin", False), "the last one who can sign in"
    services.accounts.edit(LOCAL, "root", AccountEdit(is_disabled=False))
    assert sign_in_with() == (None, False)


@engines_at_length("postgresql")
def test_what_people_do_is_in_the_audit_log_without_secrets(services: Services) -> None:
    add(services, "ada")
    token = begin(services, "ada")
    row = services.sessions.find_session(SYSTEM, token)
    ada = services.users.account(SYSTEM, "ada")
    assert row is not None
    assert ada is not None
    for name in ("ada", "unknown", "hunter2 typed into the wrong field"):
        with pytest.raises(Forbidden, match="the name or the password is wrong"):
            services.sign_in.by_password(SYSTEM, name, "wrong", HERE)
    change = PasswordChange(password="another good phrase", old_password=PASSWORD)
    services.accounts.change_password(ada, change)
    services.links.create_password_link(LOCAL, "ada", base_url="")
    services.accounts.edit(LOCAL, "ada", AccountEdit(is_disabled=True))
    assert actions(services) == [
        "user.add", "invitation.add", "user.add", "invitation.use", "sign_in", "sign_in.failed",
        "sign_in.failed", "sign_in.failed", "password.change", "password.reset", "user.disable",
    ]  # fmt: skip
    metadata = services.stores.metadata
    with metadata.read() as tx:
        entries = metadata.audit.page(tx, AuditFilter(), before_id=None, limit=100)
    shown = f"{entries}"
    assert "192.0.2.7" in shown
    for secret in (token, PASSWORD, "another good phrase", "hunter2", "$argon2"):
        assert secret not in shown


def test_a_link_to_make_the_first_administrator_ends(tmp_path: Path, clock: Clock) -> None:
    services = open_services(tmp_path / "new", now=clock, jobs=False)
    first_admin = services.first_admin

    def new_code() -> str:
        link = first_admin.new_link(SYSTEM, base_url="")
        assert link is not None
        return parse_qs(urlsplit(link).query)["code"][0]

    new = FirstAdmin(name="ada", password=PASSWORD)
    replaced, code = new_code(), new_code()
    with pytest.raises(Forbidden, match="incomplete or was withdrawn; start the server again"):
        first_admin.make(SYSTEM, new, code=replaced)
    clock.micros += 86_400_000_000
    with pytest.raises(Forbidden, match="has expired; start the server again"):
        first_admin.make(SYSTEM, new, code=code)
    code = new_code()
    invitation = invite(services)
    for link in (invitation, hash_code(code)):
        with pytest.raises(Forbidden, match="not valid"):
            first_admin.make(SYSTEM, new, code=link)
    with pytest.raises(Forbidden, match="not valid"):
        services.links.accept(SYSTEM, code, NewAccount("eve", "", PASSWORD))
    outcomes: list[str] = []

    def make(name: str) -> None:
        try:
            first_admin.make(SYSTEM, FirstAdmin(name=name, password=PASSWORD), code=code)
        except WeftError as error:
            outcomes.append(type(error).__name__)
        else:
            outcomes.append("made")

    threads = [threading.Thread(target=make, args=(name,)) for name in ("ada", "eve")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) in (["Conflict", "made"], ["Forbidden", "made"])
    assert first_admin.new_link(SYSTEM, base_url="") is None, "there is an administrator"
    with pytest.raises(Forbidden, match="used before"):
        first_admin.choices(SYSTEM, code)
    services.close()


def test_a_login_code_works_once_and_for_a_week(services: Services, clock: Clock) -> None:
    codes = services.login_codes
    code = codes.create(LOCAL)
    assert codes.use(SYSTEM, "guess") is None
    assert codes.use(SYSTEM, code) == LoginCode(None, "")
    assert codes.use(SYSTEM, code) is None
    add(services, "ada")
    ada = account(services, "ada")
    code = codes.create(ada, "a seal")
    old = codes.create(LOCAL)
    clock.micros += CODE_MICROS - 1000
    assert codes.use(SYSTEM, code) == LoginCode("ada", "a seal")
    clock.micros += 2000
    assert codes.use(SYSTEM, old) is None


@engines_at_length("postgresql")
def test_the_oldest_of_many_login_codes_are_forgotten(services: Services) -> None:
    add(services, "ada")
    code_of_ada = services.login_codes.create(account(services, "ada"), "seal")
    codes = [services.login_codes.create(LOCAL) for _ in range(40)]
    assert services.login_codes.use(SYSTEM, codes[40 - MAX_CODES - 1]) is None
    assert services.login_codes.use(SYSTEM, codes[40 - MAX_CODES]) is not None
    assert services.login_codes.use(SYSTEM, codes[-1]) is not None
    assert services.login_codes.use(SYSTEM, code_of_ada) is not None
